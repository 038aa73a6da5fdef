/** Incidents that nobody can confirm for too long: the alerts channel hears of it once, and access ends where so configured. */
import { recordAudit } from '../../../db/audit.ts';
import type { Ledger } from '../../../db/client.ts';
import { endLocked } from '../../../db/end-grants.ts';
import { lockGrantsWith } from '../../../db/incident-ends.ts';
import { lockUnconfirmed, setIncident } from '../../../db/incident-polls.ts';
import { factsOf } from '../../../db/incidents.ts';
import { intendNotices } from '../../../db/messages.ts';
import type { Clocks } from '../../domain/clock.ts';
import { incidentName } from '../../domain/incident-name.ts';
import { UNCONFIRMED_AFTER_S } from '../../domain/incident-news.ts';
import type { IncidentSource } from '../../incidents/source.ts';

const BATCH = 50;
/** What was due to be asked about for so long, while asking went on, its source lets nobody ask about. */
const WAITS_S = 300;
const MOST_GRANTS = 500;

export function createUnconfirmedWatch(options: {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  /** Since when sources were asked without a break, real; null: they are not. */
  readonly askingSince: () => Date | null;
}) {
  const { ledger, clocks, incidents } = options;
  const named = (which: (source: IncidentSource) => boolean) =>
    [...incidents.values()].filter(which).map(({ name }) => name);

  /** Returns how many it looked at. */
  async function warn(): Promise<number> {
    return ledger.tx(async (tx) => {
      const times = { now: clocks.now(), real: clocks.real() };
      const since = options.askingSince();
      const longAgo = new Date(times.real.getTime() - WAITS_S * 1000);
      const rows = await lockUnconfirmed(tx, {
        before: new Date(times.real.getTime() - UNCONFIRMED_AFTER_S * 1000),
        waitsSince: since && since <= longAgo ? longAgo : null,
        real: times.real,
        polled: named(({ polls }) => polls),
        ending: named(({ unconfirmed }) => unconfirmed === 'end'),
        limit: BATCH,
      });
      for (const row of rows) {
        const ends = incidents.get(row.source)?.unconfirmed === 'end';
        const name = incidentName(row);
        const sinceMinutes = Math.floor((times.real.getTime() - row.confirmedAt.getTime()) / 60_000);
        if (!row.unconfirmedAlerted) {
          const notice = {
            kind: 'incident-unconfirmed',
            source: row.source,
            name,
            sinceMinutes,
            ends,
          } as const;
          await intendNotices(tx, [{ requestId: null, audience: 'alerts', platform: '', notice }], times);
          const details = { ...factsOf(row), sinceMinutes, ends, because: row.lastError };
          await recordAudit(tx, times.now, [{ actor: 'curfew', action: 'incident.unconfirmed', details }]);
          await setIncident(tx, row.id, { unconfirmedAlerted: true });
        }
        if (ends) {
          const note = `${name} could not be confirmed for ${sinceMinutes} minutes`;
          const end = { reason: 'incident', actor: 'curfew', by: null, note } as const;
          await endLocked(tx, await lockGrantsWith(tx, row.id, MOST_GRANTS), end, times);
        }
      }
      return rows.length;
    });
  }

  return { warn, batch: BATCH };
}
