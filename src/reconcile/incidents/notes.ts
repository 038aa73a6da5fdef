/**
 * Leaves a note of who held what on incidents that closed, after their grace: once all of it has ended, absence
 * confirmed, or some minutes later at the latest. Tried for a day, and given up on record; what is left once is
 * not left again for the same close: after a try of which nobody knows what came, the source is asked first,
 * and where it cannot tell there is one more try and no third.
 */
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../../../db/audit.ts';
import type { Ledger } from '../../../db/client.ts';
import { doubtsOf, forgetNotes, heldWith, leaseNotes, settleNote } from '../../../db/incident-notes.ts';
import { factsOf } from '../../../db/incidents.ts';
import type { IncidentRow } from '../../../db/schema-incidents.ts';
import type { Clocks } from '../../domain/clock.ts';
import { MANUAL_SOURCE } from '../../domain/incident-name.ts';
import { ask } from '../../incidents/ask.ts';
import type { IncidentSource, SourceError } from '../../incidents/source.ts';
import type { Log } from '../../observability/log.ts';
import { ASK_LEASE_S, ASK_WITHIN_MS, createAsking } from './asking.ts';
import { noteText } from './note-text.ts';
import type { Pace } from './pace.ts';

export interface NoteOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  readonly pace: Pace;
  readonly log: Log;
  /** 0 to 1, for backoff. */
  readonly random: () => number;
}

const LATEST_AFTER_S = 600;
const GIVE_UP_AFTER_S = 86_400;
const SHORTEST_RETRY_S = 2;
const LONGEST_RETRY_S = 600;
/** What was sent before its answer was lost has landed by then, or never will. */
const LANDED_S = 60;
/** Where a source cannot tell, no more than this many tries may have got there. */
const MOST_DOUBTS = 2;
/** An approval that raced the close is in the ledger by then. */
const RACED_S = 10;

export function createNotes(options: NoteOptions) {
  const { ledger, clocks, incidents, pace, log, random } = options;
  const asked = [...incidents.values()].filter(({ polls }) => polls);
  let forgotAt = 0;
  const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000);

  const asking = createAsking({ pace, clocks, log, what: 'note' }, async (begin) => {
    const real = clocks.real();
    if (real.getTime() - forgotAt >= RACED_S * 1000) {
      await forget(real);
      forgotAt = real.getTime();
    }
    for (const source of asked) {
      // Asking comes first: a note can wait for a slot.
      const limit = Math.min(1, pace.free(source.name));
      if (limit === 0) continue;
      const lateBefore = later(clocks.now(), -LATEST_AFTER_S);
      const lease = { real, limit, token: randomUUID(), until: later(real, ASK_LEASE_S), lateBefore };
      for (const row of await leaseNotes(ledger.db, source.name, lease)) {
        begin(source, { run: () => leave(source, row), failed: (error) => failed(source, row, error) });
      }
    }
  });

  async function forget(real: Date): Promise<void> {
    await ledger.tx(async (tx) => {
      const [unheldBefore, before] = [later(real, -RACED_S), later(real, -GIVE_UP_AFTER_S)];
      const forgotten = await forgetNotes(tx, { real, unheldBefore, before });
      // Where there is nothing to ask, nobody expects a note.
      const expected = forgotten.filter(
        ({ source }) => source !== MANUAL_SOURCE && incidents.get(source)?.polls !== false,
      );
      await recordAudit(
        tx,
        clocks.now(),
        expected.map((row) => notNoted(row, `For a day nobody could leave it with ${row.source}.`)),
      );
    });
  }

  async function leave(source: IncidentSource, row: IncidentRow): Promise<void> {
    const doubts = doubtsOf(row);
    const { isNoted } = source;
    if (doubts >= MOST_DOUBTS && !isNoted) {
      return giveUp(row, `It was sent ${doubts} times, and nobody knows whether it got there.`);
    }
    const held = await heldWith(ledger.db, row.id);
    const text = noteText(row, held);
    // The lease is long enough for both.
    const there =
      doubts > 0 && isNoted && (await ask(source, (signal) => isNoted(row.key, text, signal), ASK_WITHIN_MS));
    if (!there) await ask(source, (signal) => source.note(row.key, text, signal), ASK_WITHIN_MS);
    await ledger.tx(async (tx) => {
      const details = { ...factsOf(row), requests: held.map(({ grant }) => grant.id) };
      if (await settleNote(tx, row, { next: null, lastError: null }))
        await recordAudit(tx, clocks.now(), [{ actor: 'curfew', action: 'incident.noted', details }]);
    });
  }

  async function failed(source: IncidentSource, row: IncidentRow, error: SourceError): Promise<void> {
    const real = clocks.real();
    const dueSince = row.closedAt ? later(row.closedAt, source.graceS) : real;
    const lastError = error.message.slice(0, 500);
    // As long as it has been tried already, so each wait is about twice the one before.
    const triedS = (real.getTime() - dueSince.getTime()) / 1000;
    const fullS =
      error.kind === 'refused'
        ? LONGEST_RETRY_S
        : Math.min(LONGEST_RETRY_S, Math.max(SHORTEST_RETRY_S, triedS));
    const waitS = Math.max(fullS * (0.5 + random() / 2), error.outcomeKnown ? 0 : LANDED_S);
    const dueAt = later(real, Math.max(error.retryAfterS, waitS));
    if (dueAt > later(dueSince, GIVE_UP_AFTER_S)) return giveUp(row, lastError);
    const doubts = doubtsOf(row) + (error.outcomeKnown ? 0 : 1);
    await settleNote(ledger.db, row, { next: { at: dueAt, doubts }, lastError });
  }

  async function giveUp(row: IncidentRow, because: string): Promise<void> {
    await ledger.tx(async (tx) => {
      if (!(await settleNote(tx, row, { next: null, lastError: because }))) return;
      await recordAudit(tx, clocks.now(), [notNoted(row, because)]);
    });
  }

  const notNoted = (row: IncidentRow, because: string) => ({
    actor: 'curfew',
    action: 'incident.not-noted',
    details: { ...factsOf(row), because },
  });

  return asking;
}
