/**
 * Once a day the head of the audit log goes to the log and to the alerts channel, out of reach of whoever
 * can write to the ledger: with it, `audit verify --head` finds a tail that was cut off. One of all
 * processes says it.
 */
import { readHead } from '../../db/audit.ts';
import type { Ledger } from '../../db/client.ts';
import { intendNotices } from '../../db/messages.ts';
import { lockSwitch, setSwitch } from '../../db/switches.ts';
import { formatHead } from '../domain/audit-chain.ts';
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
      const text = formatHead(head, ledger.auditKey);
      if (text === last.note) return null;
      await setSwitch(tx, SWITCH, { on: true, actor: 'curfew', note: text, at: now });
      const notice = { kind: 'audit-head', head: text } as const;
      const times = { now, real: clocks.real() };
      await intendNotices(tx, [{ requestId: null, audience: 'alerts', platform: '', notice }], times);
      return text;
    });
    lookAgainAt = clocks.now().getTime() + 3_600_000;
    if (said !== null) log.info({ head: said }, 'audit head');
    return 0;
  };
}
