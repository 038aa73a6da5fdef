/** Seals the audit log, and says aloud what was found in it that its key does not vouch for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { alertOnceADay } from '../../db/alerts.ts';
import { isUnsealed, sealBatch } from '../../db/audit-seal.ts';
import type { Ledger } from '../../db/client.ts';
import type { Clocks } from '../domain/clock.ts';
import type { Notice } from '../domain/notice.ts';
import type { Log } from '../observability/log.ts';
import { within } from '../within.ts';

/** Real: the longest that a stop waits for the log to be sealed. */
const SEAL_REST_MS = 3_000;
const LOOK_AGAIN_MS = 100;

export function createAuditSealer({ ledger, clocks, log }: { ledger: Ledger; clocks: Clocks; log: Log }) {
  let saidThatOthersSeal = false;
  // Whoever writes the log anew can leave no trace of its signatures in the ledger, but none of them here.
  let sawSigned = false;

  async function alert(notice: Notice): Promise<void> {
    const times = { now: clocks.now(), real: clocks.real() };
    await ledger.tx((tx) => alertOnceADay(tx, { requestId: null, platform: '', notice }, times));
  }

  /** Seals one batch; returns how many events it held. */
  async function seal(): Promise<number> {
    const { count, tampered, ...sealed } = await sealBatch(ledger, clocks.now(), sawSigned);
    if (sealed.leftToOthers || (count > 0 && ledger.auditKey !== null)) sawSigned = true;
    if (sealed.leftToOthers && !saidThatOthersSeal) {
      saidThatOthersSeal = true;
      log.error(
        {},
        'this ledger is signed and CURFEW_AUDIT_KEY is not set here: what this process does counts as unauthenticated',
      );
    }
    for (const message of tampered) {
      log.error({ found: message }, 'the audit log was tampered with');
      await alert({ kind: 'audit-tampered', message });
    }
    if (sealed.keyAdoptedAfter !== undefined) {
      const after = sealed.keyAdoptedAfter;
      log.warn({ after }, 'the audit log has a key from now on, which vouches for nothing before');
      await alert({ kind: 'audit-key-adopted', after });
    }
    return count;
  }

  /**
   * Seals what there is, for at most `SEAL_REST_MS`, so that nothing waits for a process that may come with
   * another key. Never rejects.
   */
  async function sealRest(): Promise<void> {
    let isTime = true;
    const sealing = (async () => {
      // Where others have to seal, there is nothing to wait for.
      while (isTime && !saidThatOthersSeal && (await isUnsealed(ledger.db))) {
        // Another process is at it just now.
        if ((await seal()) === 0) await sleep(LOOK_AGAIN_MS);
      }
    })().catch((err: unknown) => log.error({ err }, 'the rest of the audit log was not sealed'));
    await within(SEAL_REST_MS, sealing);
    isTime = false;
  }

  return { seal, sealRest };
}
