/**
 * Applies what webhooks left in the inbox, a batch in a transaction: in any order, by several processes at
 * once, for each incident is locked while it is changed and the newest sighting counts.
 */
import type { Ledger, Tx } from '../../../db/client.ts';
import { type InboxRow, lockWaiting, markApplied, nudgeIncidents } from '../../../db/incident-inbox.ts';
import { applySightings, type SightingSource } from '../../../db/incidents.ts';
import { sqlState } from '../../../db/sql-state.ts';
import type { Clocks } from '../../domain/clock.ts';
import type { Sighting } from '../../domain/incident.ts';
import type { IncidentSource } from '../../incidents/source.ts';
import type { Log } from '../../observability/log.ts';
import { readKept } from './reading.ts';

const BATCH = 500;

export function createInboxApplier(options: {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  readonly log: Log;
}) {
  const { ledger, clocks, incidents, log } = options;

  /** It was verified when it came; a source that is configured no more gives no grace. */
  function sourceOf(name: string): SightingSource {
    return incidents.get(name) ?? { name, graceS: 0, polls: false };
  }

  async function applyRows(tx: Tx, rows: readonly InboxRow[]): Promise<void> {
    const times = { now: clocks.now(), real: clocks.real() };
    const said = new Map<string, { sightings: Sighting[]; keys: string[]; all: boolean }>();
    for (const { id, source, reading } of rows) {
      const kept = readKept(reading);
      if (!kept) {
        log.warn({ source, id }, 'what a source of incidents sent cannot be applied and is left out');
        continue;
      }
      const its = said.get(source) ?? { sightings: [], keys: [], all: false };
      said.set(source, its);
      if (kept.kind === 'sighting') its.sightings.push(kept.sighting);
      else if (kept.key === null) its.all = true;
      else its.keys.push(kept.key);
    }
    for (const [name, { sightings, keys, all }] of [...said].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const source = sourceOf(name);
      if (sightings.length > 0) await applySightings(tx, source, sightings, times, 'webhook');
      if (source.polls && (all || keys.length > 0))
        await nudgeIncidents(tx, { source: name, keys, all }, times.real);
    }
    await markApplied(
      tx,
      rows.map(({ id }) => id),
      times.real,
    );
  }

  async function applyUpTo(limit: number): Promise<number> {
    return ledger.tx(async (tx) => {
      const rows = await lockWaiting(tx, limit);
      if (rows.length > 0) await applyRows(tx, rows);
      return rows.length;
    });
  }

  /** One that the database refuses is left out: it must not hold up the others. */
  async function applyOne(): Promise<number> {
    try {
      return await applyUpTo(1);
    } catch (error) {
      if (!isDataError(error)) throw error;
      return ledger.tx(async (tx) => {
        const [row] = await lockWaiting(tx, 1);
        if (!row) return 0;
        log.error({ source: row.source, id: row.id }, 'what a source sent cannot be kept and is left out');
        await markApplied(tx, [row.id], clocks.real());
        return 1;
      });
    }
  }

  return {
    batch: BATCH,
    /** Applies at most a batch. Returns how many rows it took. */
    async apply(): Promise<number> {
      try {
        return await applyUpTo(BATCH);
      } catch (error) {
        if (!isDataError(error)) throw error;
        let taken = 0;
        while (taken < BATCH && (await applyOne()) > 0) taken += 1;
        return taken;
      }
    },
  };
}

/** The database took offence at a value, so it will do so again. */
const isDataError = (error: unknown) => /^2[23]/.test(sqlState(error) ?? '');
