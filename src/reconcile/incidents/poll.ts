/**
 * Confirms by asking: every incident that somebody depends on, often enough that a webhook may be missed, and
 * at once after a start. What is asked counts as of the moment at which the asking began.
 */
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../../../db/audit.ts';
import type { Ledger, Tx } from '../../../db/client.ts';
import { leasePolls, planPolls, settlePoll } from '../../../db/incident-polls.ts';
import { applyAnswer, applySighting, factsOf } from '../../../db/incidents.ts';
import type { IncidentRow } from '../../../db/schema-incidents.ts';
import { backoffS } from '../../domain/assignment.ts';
import type { Clocks } from '../../domain/clock.ts';
import type { Sighting } from '../../domain/incident.ts';
import { ask } from '../../incidents/ask.ts';
import { type IncidentSource, SourceError } from '../../incidents/source.ts';
import type { Log } from '../../observability/log.ts';
import { ASK_LEASE_S, ASK_WITHIN_MS, createAsking } from './asking.ts';
import type { Pace } from './pace.ts';

export interface PollOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  readonly pace: Pace;
  readonly log: Log;
  /** 0 to 1, for backoff. */
  readonly random: () => number;
  /** Called when something was learnt. */
  readonly learnt: () => void;
}

/** Five minutes at most, with time to try again. */
const EVERY_S = 240;
const PLAN_EVERY_S = 1;
/** "No such incident" counts when it is said again this much later. */
const SAID_AGAIN_S = 60;
const REFUSED_S = 60;
/** Longer without a round, and nobody was asking. */
const BREAK_S = 120;

export function createPolls(options: PollOptions) {
  const { ledger, clocks, incidents, pace, log, random } = options;
  const polled = [...incidents.values()].filter(({ polls }) => polls);
  const sources = polled.map(({ name }) => name);
  let plannedAt: number | null = null;
  let since: Date | null = null;

  async function plan(): Promise<void> {
    const real = clocks.real();
    const agoMs = plannedAt === null ? Number.POSITIVE_INFINITY : real.getTime() - plannedAt;
    if (agoMs < PLAN_EVERY_S * 1000) return;
    if (agoMs > BREAK_S * 1000) since = real;
    // Webhooks may have been missed while nobody was here to take them.
    await planPolls(ledger.db, { sources, everyS: EVERY_S, now: plannedAt === null ? real : null });
    plannedAt = real.getTime();
  }

  const asking = createAsking({ pace, clocks, log, what: 'poll' }, async (begin) => {
    if (polled.length === 0) return;
    await plan();
    for (const source of polled) {
      const limit = pace.free(source.name);
      if (limit === 0) continue;
      const real = clocks.real();
      const lease = { real, limit, token: randomUUID(), until: later(real, ASK_LEASE_S) };
      for (const row of await leasePolls(ledger.db, source.name, lease)) {
        begin(source, { run: () => poll(source, row), failed: (error) => failed(row, error) });
      }
    }
  });

  async function poll(source: IncidentSource, row: IncidentRow): Promise<void> {
    const began = clocks.real();
    const found = await ask(source, (signal) => source.find(row.key, signal), ASK_WITHIN_MS);
    if (found && found.key !== row.key) {
      throw new SourceError('retry', `${source.name} answered for another incident.`);
    }
    await ledger.tx((tx) =>
      found ? seen(tx, source, row, { ...found, at: began }) : unknown(tx, source, row, began),
    );
    options.learnt();
  }

  const times = () => ({ now: clocks.now(), real: clocks.real() });
  const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000);

  async function seen(tx: Tx, source: IncidentSource, row: IncidentRow, sighting: Sighting): Promise<void> {
    const applied = await applyAnswer(tx, source, sighting, row, times());
    const reopened = row.state === 'closed' && applied?.incident.state === 'open';
    // What nobody else says, or what was contradicted meanwhile, is asked about again before long.
    const nextAt = later(sighting.at, applied && !reopened ? EVERY_S : SAID_AGAIN_S);
    await settlePoll(tx, row, { nextAt, attempts: 0, lastError: null, unknownSince: null });
  }

  /** "No such incident" may be a slip: only said twice, some time apart, does it count as closed. */
  async function unknown(tx: Tx, source: IncidentSource, row: IncidentRow, began: Date): Promise<void> {
    const unknownSince = row.unknownSince ?? began;
    const lastError = `${source.name} knows no such incident any more`;
    const sayAgainAt = later(unknownSince, SAID_AGAIN_S);
    if (began < sayAgainAt) {
      await settlePoll(tx, row, { nextAt: sayAgainAt, attempts: row.attempts, lastError, unknownSince });
      return;
    }
    const gone: Sighting = { ...row, state: 'closed', mergedInto: null, at: began };
    const { incident, changed } = await applySighting(tx, source, gone, times(), 'poll');
    if (changed) {
      const details = { ...factsOf(incident), because: lastError };
      await recordAudit(tx, clocks.now(), [{ actor: 'curfew', action: 'incident.unknown', details }]);
    }
    await settlePoll(tx, row, { nextAt: later(began, EVERY_S), attempts: 0, lastError, unknownSince });
  }

  async function failed(row: IncidentRow, error: SourceError): Promise<void> {
    const waitS = error.kind === 'refused' ? REFUSED_S : backoffS(row.attempts, random());
    const { attempts, unknownSince } = row;
    await settlePoll(ledger.db, row, {
      nextAt: later(clocks.real(), Math.max(waitS, error.retryAfterS)),
      attempts,
      lastError: error.message.slice(0, 500),
      unknownSince,
    });
  }

  return { ...asking, since: () => since };
}
