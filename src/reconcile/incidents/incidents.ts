/**
 * All that happens because of incidents: what webhooks said is applied, what is due ends, sources are asked,
 * notes are left. Beside the other ends, so that a flood of webhooks holds up none of them.
 */
import type { Ledger } from '../../../db/client.ts';
import { incidentsDue } from '../../../db/due-now.ts';
import type { Clocks } from '../../domain/clock.ts';
import type { IncidentSource } from '../../incidents/source.ts';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { createInboxApplier } from './apply.ts';
import { createIncidentEnds } from './due.ts';
import { createNotes } from './notes.ts';
import { createPace } from './pace.ts';
import { createPolls } from './poll.ts';
import { createUnconfirmedWatch } from './unconfirmed.ts';

export interface IncidentReconcilerOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random: () => number;
  /** Called when grants ended. */
  readonly ended: () => void;
  /** Called when cards or notices may have been written. */
  readonly told: () => void;
}

const WARN_EVERY_S = 1;

export function createIncidentReconciler(options: IncidentReconcilerOptions) {
  const { ledger, clocks, log, metrics } = options;
  const pace = createPace(clocks);
  const inbox = createInboxApplier(options);
  const endDue = createIncidentEnds(options);
  const polls = createPolls({ ...options, pace, learnt: () => void loop.go() });
  const watch = createUnconfirmedWatch({ ...options, askingSince: polls.since });
  const notes = createNotes({ ...options, pace });
  let warnedAt = 0;

  /** Runs one part; a part that fails does not hold up the others. */
  async function part(name: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (err) {
      log.error({ err, part: name }, 'a part of the sweep failed');
      metrics.partFailed(name);
    }
  }

  async function end(): Promise<void> {
    while ((await endDue()) > 0) options.ended();
  }

  /** A batch at a time, and after each what it ends. */
  async function apply(): Promise<void> {
    for (;;) {
      const taken = await inbox.apply();
      if (taken > 0) await end();
      options.told();
      if (taken < inbox.batch) return;
      // However much comes in, sources are asked all the same.
      void polls.go();
    }
  }

  async function warn(): Promise<void> {
    const real = clocks.real().getTime();
    if (real - warnedAt < WARN_EVERY_S * 1000) return;
    warnedAt = real;
    let looked = 0;
    let first = true;
    while (first || looked >= watch.batch) {
      first = false;
      looked = await watch.warn();
      if (looked > 0) options.ended();
    }
  }

  const loop = oneAtATime(async () => {
    await part('incidents', async () => {
      const due = await incidentsDue(ledger.db, clocks.now());
      if (due.ends) await end();
      if (due.inbox) await apply();
    });
    await part('unconfirmed incidents', warn);
    options.told();
    void polls.go();
    void notes.go();
  });

  return {
    /** Begins what is due. Never rejects. */
    sweep: loop.go,
    /** Resolves when nothing of this is under way. */
    async drain(): Promise<void> {
      await loop.drain();
      await polls.drain();
      // What was learnt is followed up.
      await loop.drain();
      await notes.drain();
    },
  };
}
