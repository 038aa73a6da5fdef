/**
 * Leaves a note of who held what on incidents that closed: once all of it has ended, absence confirmed, or
 * some minutes later at the latest. Tried for a day; what is left once is not left again for the same close.
 */
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../../../db/audit.ts';
import type { Ledger } from '../../../db/client.ts';
import { forgetNotes, heldWith, leaseNotes, settleNote } from '../../../db/incident-notes.ts';
import { factsOf } from '../../../db/incidents.ts';
import type { IncidentRow } from '../../../db/schema-incidents.ts';
import type { Clocks } from '../../domain/clock.ts';
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
const LONGEST_RETRY_S = 600;
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
      await forgetNotes(ledger.db, {
        unheldBefore: later(real, -RACED_S),
        before: later(real, -GIVE_UP_AFTER_S),
      });
      forgotAt = real.getTime();
    }
    for (const source of asked) {
      // Asking comes first: a note can wait for a slot.
      const limit = Math.min(1, pace.free(source.name));
      if (limit === 0) continue;
      const lateBefore = later(clocks.now(), -LATEST_AFTER_S);
      const lease = { real, limit, token: randomUUID(), until: later(real, ASK_LEASE_S), lateBefore };
      for (const row of await leaseNotes(ledger.db, source.name, lease)) {
        begin(source, { run: () => leave(source, row), failed: (error) => failed(row, error) });
      }
    }
  });

  async function leave(source: IncidentSource, row: IncidentRow): Promise<void> {
    const held = await heldWith(ledger.db, row.id);
    await ask(source, (signal) => source.note(row.key, noteText(row, held), signal), ASK_WITHIN_MS);
    await ledger.tx(async (tx) => {
      const details = { ...factsOf(row), requests: held.map(({ grant }) => grant.id) };
      if (await settleNote(tx, row, { dueAt: null, attempts: 0, lastError: null }))
        await recordAudit(tx, clocks.now(), [{ actor: 'curfew', action: 'incident.noted', details }]);
    });
  }

  async function failed(row: IncidentRow, error: SourceError): Promise<void> {
    const real = clocks.real();
    const attempts = row.attempts + 1;
    const full = error.kind === 'refused' ? LONGEST_RETRY_S : Math.min(LONGEST_RETRY_S, 2 ** attempts);
    const dueAt = later(real, Math.max(error.retryAfterS, full * (0.5 + random() / 2)));
    const givenUp = dueAt > later(row.closedAt ?? real, GIVE_UP_AFTER_S);
    const lastError = error.message.slice(0, 500);
    await ledger.tx(async (tx) => {
      const held = await settleNote(tx, row, { dueAt: givenUp ? null : dueAt, attempts, lastError });
      if (!held || !givenUp) return;
      const details = { ...factsOf(row), because: lastError };
      await recordAudit(tx, clocks.now(), [{ actor: 'curfew', action: 'incident.not-noted', details }]);
    });
  }

  return asking;
}
