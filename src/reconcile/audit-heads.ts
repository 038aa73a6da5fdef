/**
 * Once a day the head of the audit log goes to the log and to the alerts channel, out of reach of whoever
 * can write to the ledger: with it, `audit verify --head` finds a tail that was cut off. One of all
 * processes says it.
 */
import { alertOnceADay } from '../../db/alerts.ts';
import { readHead } from '../../db/audit.ts';
import { TAMPERED, vouchForHead } from '../../db/audit-seal.ts';
import type { Ledger } from '../../db/client.ts';
import { intendNotices } from '../../db/messages.ts';
import { lockSwitch, setSwitch } from '../../db/switches.ts';
import { formatHead, vouchedHead } from '../domain/audit-chain.ts';
import type { Clocks } from '../domain/clock.ts';
import type { Log } from '../observability/log.ts';

const EVERY_S = 86_400;
const SWITCH = 'audit-head';

export function createHeadTeller(options: { ledger: Ledger; clocks: Clocks; log: Log }) {
  const { ledger, clocks, log } = options;
  let lookAgainAt = 0;

  return async function tellHead(): Promise<number> {
    if (clocks.now().getTime() < lookAgainAt) return 0;
    const said = await ledger.tx(async (tx) => {
      const now = clocks.now();
      const last = await lockSwitch(tx, SWITCH, now);
      const nextAt = last.note === null ? 0 : last.at.getTime() + EVERY_S * 1000;
      const head = await readHead(tx);
      if (now.getTime() < nextAt || !head) return null;
      const times = { now, real: clocks.real() };
      const doubt = ledger.auditKey && (await vouchForHead(tx, head, ledger.auditKey));
      if (doubt?.action === TAMPERED) {
        const found = { kind: 'audit-tampered', message: String(doubt.details.message) } as const;
        await alertOnceADay(tx, { requestId: null, platform: '', notice: found }, times);
      }
      // Told all the same, without a signature: what it is now is what somebody may ask for later.
      const text = formatHead(vouchedHead(head, ledger.auditKey));
      const isNew = text !== last.note;
      if (isNew) {
        await setSwitch(tx, SWITCH, { on: true, actor: 'curfew', note: text, at: now });
        const notice = { kind: 'audit-head', head: text } as const;
        await intendNotices(tx, [{ requestId: null, audience: 'alerts', platform: '', notice }], times);
      }
      return { text, isNew, doubt };
    });
    lookAgainAt = clocks.now().getTime() + 3_600_000;
    if (said?.doubt) {
      const found = said.doubt.details.message;
      log.error({ head: said.text, found }, 'the head of the audit log is not signed with its key');
    }
    if (said?.isNew) log.info({ head: said.text }, 'audit head');
    return 0;
  };
}
