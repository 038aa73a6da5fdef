/**
 * Ends what is bound to incidents whose close, with its grace, is due. Level, not edge: it looks at how things
 * are, so an approval that raced the close is ended by the next sweep.
 */
import type { Ledger } from '../../../db/client.ts';
import { endWithIncident, lockDueIncidents } from '../../../db/incident-ends.ts';
import { followSurvivor } from '../../../db/incident-merges.ts';
import type { Clocks } from '../../domain/clock.ts';

const MOST_INCIDENTS = 50;
const MOST_GRANTS = 500;

export function createIncidentEnds({ ledger, clocks }: { ledger: Ledger; clocks: Clocks }) {
  /** Ends a batch. Returns how many grants and requests ended or moved on; 0: nothing is left to do. */
  return async function endDue(): Promise<number> {
    return ledger.tx(async (tx) => {
      const times = { now: clocks.now(), real: clocks.real() };
      let ended = 0;
      for (const incident of await lockDueIncidents(tx, times.now, MOST_INCIDENTS)) {
        // Merged, and something was bound to it late: that goes on with the survivor.
        if (incident.mergedInto !== null && (await followSurvivor(tx, incident, times))) ended += 1;
        else ended += await endWithIncident(tx, incident, times, MOST_GRANTS);
        if (ended >= MOST_GRANTS) break;
      }
      return ended;
    });
  };
}
