/**
 * Confirms by asking: every incident that somebody depends on, often enough that a webhook may be missed, and
 * at once after a start. What is asked counts as of the moment at which the asking began.
 */
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../../../db/audit.ts';
import type { Ledger, Tx } from '../../../db/client.ts';
import { leasePolls, planPolls, settlePoll } from '../../../db/incident-polls.ts';
import { applySighting, factsOf } from '../../../db/incidents.ts';
import type { IncidentRow } from '../../../db/schema-incidents.ts';
import { backoffS } from '../../domain/assignment.ts';
import type { Clocks } from '../../domain/clock.ts';
import type { Sighting } from '../../domain/incident.ts';
import { type IncidentSource, SourceError } from '../../incidents/source.ts';
import type { Log } from '../../observability/log.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { ask } from './ask.ts';
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
const LEASE_S = 30;
const PLAN_EVERY_S = 1;
/** "No such incident" counts when it is said again this much later. */
const SAID_AGAIN_S = 60;
const REFUSED_S = 60;
/** What the ledger keeps of "no such incident" said once, followed by when. */
const UNKNOWN = 'The source knows no such incident, as of ';

export function createPolls(options: PollOptions) {
  const { ledger, clocks, incidents, pace, log, random } = options;
  const polled = [...incidents.values()].filter(({ polls }) => polls);
  const sources = polled.map(({ name }) => name);
  const tasks = new Set<Promise<void>>();
  let plannedAt: number | null = null;

  async function plan(): Promise<void> {
    const real = clocks.real();
    if (plannedAt !== null && real.getTime() - plannedAt < PLAN_EVERY_S * 1000) return;
    // Webhooks may have been missed while nobody was here to take them.
    await planPolls(ledger.db, { sources, everyS: EVERY_S, now: plannedAt === null ? real : null });
    plannedAt = real.getTime();
  }

  async function round(): Promise<void> {
    if (polled.length === 0) return;
    await plan();
    for (const source of polled) {
      const limit = pace.free(source.name);
      if (limit === 0) continue;
      const real = clocks.real();
      const until = new Date(real.getTime() + LEASE_S * 1000);
      const rows = await leasePolls(ledger.db, source.name, { real, limit, token: randomUUID(), until });
      for (const row of rows) begin(source, row);
    }
  }

  const loop = oneAtATime(() =>
    round().catch((err: unknown) => log.error({ err }, 'polling incidents failed')),
  );

  function begin(source: IncidentSource, row: IncidentRow): void {
    pace.begin(source.name);
    const task = poll(source, row)
      .catch((err: unknown) => log.error({ err, source: source.name }, 'a poll could not be recorded'))
      .finally(() => {
        pace.end(source.name);
        tasks.delete(task);
        void loop.go();
      });
    tasks.add(task);
  }

  async function poll(source: IncidentSource, row: IncidentRow): Promise<void> {
    const began = clocks.real();
    try {
      const found = await ask(source, (signal) => source.find(row.key, signal));
      if (found && found.key !== row.key) {
        throw new SourceError('retry', `${source.name} answered for another incident.`);
      }
      await ledger.tx((tx) =>
        found ? seen(tx, source, row, { ...found, at: began }) : unknown(tx, source, row, began),
      );
      options.learnt();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      await failed(source, row, error);
    }
  }

  const times = () => ({ now: clocks.now(), real: clocks.real() });
  const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000);

  async function seen(tx: Tx, source: IncidentSource, row: IncidentRow, sighting: Sighting): Promise<void> {
    await applySighting(tx, source, sighting, times(), 'poll');
    await settlePoll(tx, row, { nextAt: later(sighting.at, EVERY_S), attempts: 0, lastError: null });
  }

  /** "No such incident" may be a slip: only said twice, some time apart, does it count as closed. */
  async function unknown(tx: Tx, source: IncidentSource, row: IncidentRow, began: Date): Promise<void> {
    const since = unknownSince(row) ?? began;
    const lastError = `${UNKNOWN}${since.toISOString()}`;
    if (began < later(since, SAID_AGAIN_S)) {
      const nextAt = later(since, SAID_AGAIN_S);
      await settlePoll(tx, row, { nextAt, attempts: row.attempts, lastError });
      return;
    }
    const gone: Sighting = { ...row, state: 'closed', mergedInto: null, at: began };
    const { incident, changed } = await applySighting(tx, source, gone, times(), 'poll');
    if (changed) {
      const details = { ...factsOf(incident), because: `${source.name} knows no such incident any more` };
      await recordAudit(tx, clocks.now(), [{ actor: 'curfew', action: 'incident.unknown', details }]);
    }
    await settlePoll(tx, row, { nextAt: later(began, EVERY_S), attempts: 0, lastError });
  }

  async function failed(source: IncidentSource, row: IncidentRow, error: SourceError): Promise<void> {
    const real = clocks.real();
    log.warn({ err: error, source: source.name }, 'an incident could not be confirmed');
    if (error.retryAfterS > 0) pace.holdOff(source.name, later(real, error.retryAfterS));
    const waitS = error.kind === 'refused' ? REFUSED_S : backoffS(row.attempts, random());
    await settlePoll(ledger.db, row, {
      nextAt: later(real, Math.max(waitS, error.retryAfterS)),
      attempts: row.attempts,
      lastError: unknownSince(row) ? row.lastError : error.message.slice(0, 500),
    });
  }

  return {
    /** Begins what is due; the answers are recorded as they come. Never rejects. */
    go: loop.go,
    /** Resolves when nobody is being asked. */
    async drain(): Promise<void> {
      await loop.drain();
      while (tasks.size > 0) {
        await Promise.all(tasks);
        await loop.drain();
      }
    },
  };
}

function unknownSince({ lastError }: IncidentRow): Date | null {
  return lastError?.startsWith(UNKNOWN) ? new Date(lastError.slice(UNKNOWN.length)) : null;
}
