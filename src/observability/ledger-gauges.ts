/** The ledger's numbers as gauges. Equal on every replica: take the maximum over them, not the sum. */
import { Gauge, type Registry } from 'prom-client';

interface MessageNumbers {
  readonly waiting: number;
  readonly failing: number;
}

/** As `db/ledger-state.ts` reads them. */
export interface LedgerNumbers {
  readonly grants: Readonly<Record<'starting' | 'live' | 'ending', number>>;
  readonly requestsPending: number;
  readonly overdue: { readonly count: number; readonly oldestS: number };
  /** By connector. */
  readonly failingAssignments: Readonly<Record<string, number>>;
  readonly cards: MessageNumbers;
  readonly notices: MessageNumbers;
  readonly auditUnsealed: number;
}

export function createLedgerGauges(registry: Registry) {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const labelled = <L extends string>(name: string, help: string, label: L) =>
    new Gauge({ name, help, labelNames: [label], registers });

  const up = gauge(
    'curfew_ledger_up',
    '1 when the ledger was read for this scrape; the other numbers of the ledger are absent when 0.',
  );
  const grants = labelled('curfew_grants', 'Grants that have not ended, by state.', 'state');
  const pending = gauge('curfew_requests_pending', 'Requests that nobody has decided yet.');
  const overdue = gauge(
    'curfew_revocations_overdue',
    'Grants whose access should be gone for longer than it may take.',
  );
  const oldest = gauge(
    'curfew_revocation_overdue_oldest_seconds',
    'For how long the oldest overdue revocation is due; 0 without one.',
  );
  const failing = labelled(
    'curfew_assignments_failing',
    'Assignments whose last step failed, by connector.',
    'connector',
  );
  const waiting = labelled(
    'curfew_messages_waiting',
    'Cards and notices to be posted or drawn anew.',
    'kind',
  );
  const failed = labelled('curfew_messages_failing', 'Of those, how many failed at least once.', 'kind');
  const unsealed = gauge('curfew_audit_unsealed_events', 'Audit events not chained yet.');
  const plain = [pending, overdue, oldest, unsealed];
  const byLabel = [grants, failing, waiting, failed];

  return {
    /** Null: the ledger did not answer. An old number would pass for a good one, so there is none then. */
    show(state: LedgerNumbers | null): void {
      up.set(state ? 1 : 0);
      for (const each of plain) each.remove();
      for (const each of byLabel) each.reset();
      if (!state) return;
      for (const [name, count] of Object.entries(state.grants)) grants.set({ state: name }, count);
      pending.set(state.requestsPending);
      overdue.set(state.overdue.count);
      oldest.set(state.overdue.oldestS);
      for (const [connector, count] of Object.entries(state.failingAssignments))
        failing.set({ connector }, count);
      waiting.set({ kind: 'card' }, state.cards.waiting);
      waiting.set({ kind: 'notice' }, state.notices.waiting);
      failed.set({ kind: 'card' }, state.cards.failing);
      failed.set({ kind: 'notice' }, state.notices.failing);
      unsealed.set(state.auditUnsealed);
    },
  };
}
