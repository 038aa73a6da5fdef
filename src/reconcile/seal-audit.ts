/** Seals the audit log, and says aloud what was found in it that its key does not vouch for. */
import { alertOnceADay } from '../../db/alerts.ts';
import { sealBatch } from '../../db/audit-seal.ts';
import type { Ledger } from '../../db/client.ts';
import type { Clocks } from '../domain/clock.ts';
import type { Log } from '../observability/log.ts';

export function createAuditSealer({ ledger, clocks, log }: { ledger: Ledger; clocks: Clocks; log: Log }) {
  let saidThatOthersSeal = false;

  /** Seals one batch; returns how many events it held. */
  return async function seal(): Promise<number> {
    const { count, tampered, leftToOthers } = await sealBatch(ledger, clocks.now());
    if (leftToOthers && !saidThatOthersSeal) {
      saidThatOthersSeal = true;
      log.error(
        {},
        'this ledger is signed and CURFEW_AUDIT_KEY is not set here: what this process does counts as unauthenticated',
      );
    }
    for (const message of tampered) {
      log.error({ found: message }, 'the audit log was tampered with');
      const alert = { requestId: null, platform: '', notice: { kind: 'audit-tampered', message } } as const;
      const times = { now: clocks.now(), real: clocks.real() };
      await ledger.tx((tx) => alertOnceADay(tx, alert, times));
    }
    return count;
  };
}
