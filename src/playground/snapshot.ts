/** What one person sees, from all that there is. Pure. */
import type { MovableClock } from './movable-clock.ts';
import type { PagerDutyIncident } from './pagerduty-api.ts';
import type { FaultsView, Handle, IncidentView, MessageView, Snapshot } from './protocol.ts';
import type { Truth } from './truth.ts';

export interface Scene {
  readonly version: number;
  readonly you: Handle;
  /** As the workspace shows it to them. */
  readonly workspace: Pick<Snapshot, 'people' | 'conversations' | 'home' | 'modals'>;
  readonly truth: Truth;
  /** The newest one; undefined: there has been none. */
  readonly incident: PagerDutyIncident | undefined;
  readonly faults: FaultsView;
  readonly bot: Snapshot['bot'];
  /** Hints are wanted. */
  readonly guided: boolean;
  readonly clock: Pick<MovableClock, 'ledgerTimeAt'>;
  /** Real. */
  readonly now: Date;
}

export function toSnapshot(scene: Scene): Snapshot {
  const { workspace, clock, faults, now } = scene;
  const { roles, incidents, hint, ...truth } = scene.truth;
  return {
    version: scene.version,
    you: scene.you,
    people: workspace.people,
    conversations: workspace.conversations.map((each) => ({
      ...each,
      messages: inLedgerTime(each.messages, clock),
    })),
    home: workspace.home,
    modals: workspace.modals,
    truth: {
      now: clock.ledgerTimeAt(now).toISOString(),
      asOf: now.toISOString(),
      incident: scene.incident ? toView(scene.incident, incidents) : null,
      target: { reachable: !faults.targetDown, roles },
      ...truth,
    },
    faults,
    bot: scene.bot,
    hint: scene.guided ? hint : null,
  };
}

function toView(incident: PagerDutyIncident, known: Truth['incidents']): IncidentView {
  const { number, title, status, acknowledger, notes } = incident;
  return {
    number,
    title,
    status,
    acknowledgedBy: acknowledger?.name ?? null,
    known: known[`#${number}`] ?? null,
    note: notes.at(-1) ?? null,
  };
}

/** Slack knows real time only; beside a clock that was moved, messages would seem older than they are. */
function inLedgerTime(messages: readonly MessageView[], clock: Scene['clock']): MessageView[] {
  return messages.map((each) => ({
    ...each,
    at: clock.ledgerTimeAt(new Date(each.at)).toISOString(),
    replies: inLedgerTime(each.replies, clock),
  }));
}
