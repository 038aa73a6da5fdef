/** Several processes of Curfew on one ledger and one target, with people around them; does deeds. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { cancelRequest } from '../../../src/operations/cancel-request.ts';
import { castVote } from '../../../src/operations/cast-vote.ts';
import { handBack, revokeGrant } from '../../../src/operations/end-access.ts';
import { offboard } from '../../../src/operations/offboard.ts';
import { requestExtension } from '../../../src/operations/request-extension.ts';
import { submitRequest } from '../../../src/operations/submit-request.ts';
import { findAssignmentOf } from '../acts.ts';
import { createManualClocks } from '../clocks.ts';
import { createHouse, type House, testRole } from '../house.ts';
import type { TestLedger } from '../ledger.ts';
import { mortal } from '../mortal.ts';
import { type Deed, REPLICAS, type Saying, type Sweep } from './deeds.ts';
import { createFaultyTarget, type Origin } from './faulty-target.ts';

const entitlement = (key: string) => ({ connector: 'vault', permission: { key } });
/** Two roles that meet on one edge. */
const roles = [
  testRole({ entitlements: [entitlement('dba')] }),
  testRole({ name: 'prod-reader', entitlements: [entitlement('dba'), entitlement('reader')] }),
];

export async function createWorld(ledger: TestLedger, options: { endsSessions: boolean }) {
  const clocks = createManualClocks();
  const target = createFaultyTarget(clocks, options);
  const { vault } = target;
  /** Says what people say; its own process never dies. */
  const desk = await createHouse({ ledger, clocks, vault, roles });
  const requests: string[] = [];
  const deliveries: { key: string; run: (key: string) => Promise<unknown>; answer: unknown }[] = [];
  const replicas: { house: House; dead: boolean }[] = [];

  async function start(i: number): Promise<void> {
    const body = mortal(ledger);
    const replica = { dead: false };
    const connector = target.connectorOf(() => {
      replica.dead = true;
      body.die();
    });
    const house = await createHouse({ ledger: body, clocks, vault, roles, connectors: [connector] });
    replicas[i] = Object.assign(replica, { house });
  }
  for (let i = 0; i < REPLICAS; i += 1) await start(i);

  /** Dead processes are started again afterwards. */
  async function sweep({ replicas: which, faults }: Sweep): Promise<void> {
    target.expectFaults(faults);
    await Promise.all(which.map((i) => replicas[i]?.house.settle()));
    target.expectFaults([]);
    for (const i of which) if (replicas[i]?.dead) await start(i);
  }

  async function say(saying: Saying): Promise<void> {
    const run = await spoken(saying);
    const key = desk.deliveryKey();
    const answer = await run(key);
    deliveries.push({ key, run, answer });
    if (saying.say !== 'ask' && saying.say !== 'extend') return;
    const made = answer as { ok: boolean; id?: string };
    if (made.ok && made.id) requests.push(made.id);
  }

  /** A saying as a delivery that can be repeated. */
  async function spoken(saying: Saying): Promise<(deliveryKey: string) => Promise<unknown>> {
    const { ctx } = desk;
    if (saying.say === 'leave') {
      const person = { platform: 'slack', workspace: 'T1', userId: `U-${saying.who}` };
      return (deliveryKey) => offboard(ctx, { deliveryKey, person });
    }
    const speaker = await desk.person(saying.who);
    if (saying.say === 'ask') {
      const { role, durationS } = saying;
      const rest = { role, durationS, endsBy: null, reference: null, reason: 'why not' };
      return (deliveryKey) => submitRequest(ctx, { deliveryKey, requester: speaker, ...rest });
    }
    const id = requests.at(-1 - saying.nth) ?? requests[0] ?? 'R-0000';
    switch (saying.say) {
      case 'approve':
      case 'deny': {
        const lessS = saying.say === 'approve' ? saying.lessS : null;
        const vote = { approver: speaker, requestId: id, verdict: saying.say, lessS, note: 'so' } as const;
        return (deliveryKey) => castVote(ctx, { deliveryKey, ...vote });
      }
      case 'cancel':
        return (deliveryKey) => cancelRequest(ctx, { deliveryKey, speaker, requestId: id });
      case 'done':
        return (deliveryKey) => handBack(ctx, { deliveryKey, speaker, grantId: id });
      case 'revoke':
        return (deliveryKey) => revokeGrant(ctx, { deliveryKey, speaker, grantId: id, note: null });
      case 'extend': {
        const more = { requester: speaker, grantId: id, durationS: saying.durationS, reason: 'more' };
        return (deliveryKey) => requestExtension(ctx, { deliveryKey, ...more });
      }
    }
  }

  async function repeat(nth: number): Promise<void> {
    const delivery = deliveries[nth % Math.max(1, deliveries.length)];
    if (!delivery) return;
    const again = await delivery.run(delivery.key);
    expect(isDeepStrictEqual(again, delivery.answer) || { again, first: delivery.answer }).toBe(true);
  }

  /** Whose it is when somebody gives this by hand now: where Curfew looks for its own, it cannot tell. */
  async function originNow(key: string, account: string): Promise<Origin> {
    const row = await findAssignmentOf(desk, account, key);
    if (!row) return 'other';
    const looking = row.rereads > 0 || row.state === 'ending_sessions';
    if (row.lateLandingPossible && looking) return 'unclear';
    return row.state === 'absent' || row.state === 'ending_sessions' ? 'other' : 'unclear';
  }

  return {
    desk,
    target,
    ledger: ledger.ledger,
    sweep,
    async perform(deed: Deed): Promise<void> {
      switch (deed.do) {
        case 'act':
          await Promise.all([...deed.sayings.map(say), deed.sweep && sweep(deed.sweep)]);
          return;
        case 'elevate': {
          const before = requests.length;
          await say({ ...deed, say: 'ask' });
          const who = deed.who === 'omar' ? 'lea' : 'omar';
          if (requests.length === before) return;
          for (const approver of [deed.who, who] as const)
            await say({ say: 'approve', who: approver, nth: 0, lessS: null });
          return;
        }
        case 'repeat':
          return repeat(deed.nth);
        case 'pass':
          return target.pass(deed.seconds);
        case 'target':
          vault.state.down = deed.down;
          return;
        case 'outside':
          if (deed.give) target.give(deed.key, deed.who, await originNow(deed.key, deed.who));
          else target.take(deed.key, deed.who);
      }
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
