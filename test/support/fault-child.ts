/**
 * The program of a child process that tests kill, hold or race: Curfew without a chat platform's network,
 * told what to do by its parent. It ends when its parent does.
 */
import { inspect } from 'node:util';
import { recordAudit } from '../../db/audit.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { castVote } from '../../src/operations/cast-vote.ts';
import { handBack, revokeGrant } from '../../src/operations/end-access.ts';
import { freeze } from '../../src/operations/set-freeze.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createWorld, type World, type WorldPlan } from './fault-world.ts';

let world: World | null = null;

function here(): World {
  if (!world) throw new Error('nothing is opened');
  return world;
}

interface Act {
  readonly who: string;
  readonly id: string;
  readonly deliveryKey: string;
}

const acts = {
  async open(plan: WorldPlan): Promise<void> {
    world = await createWorld(plan);
  },
  async migrate(_: null): Promise<void> {
    await migrateLedger(here().ctx.ledger, packageRoot());
  },
  async start(_: null): Promise<void> {
    here().start();
  },
  async ask({ who, deliveryKey, durationS = 3600 }: Omit<Act, 'id'> & { readonly durationS?: number }) {
    const requester = await here().person(who);
    const what = { role: 'prod-dba', durationS, endsBy: null, reference: 'INC-1042' };
    return submitRequest(here().ctx, { deliveryKey, requester, ...what, reason: 'failing over the primary' });
  },
  async approve({ who, id, deliveryKey }: Act) {
    const approver = await here().person(who);
    const vote = { approver, requestId: id, verdict: 'approve', lessS: null, note: null } as const;
    return castVote(here().ctx, { deliveryKey, ...vote });
  },
  async done({ who, id, deliveryKey }: Act) {
    return handBack(here().ctx, { deliveryKey, speaker: await here().person(who), grantId: id });
  },
  async revoke({ who, id, deliveryKey }: Act) {
    const speaker = await here().person(who);
    return revokeGrant(here().ctx, { deliveryKey, speaker, grantId: id, note: null });
  },
  async freeze({ on }: { on: boolean }): Promise<void> {
    await freeze(here().ctx, { on, actor: 'cli:root', note: null });
  },
  async pass(seconds: { readonly ledgerS: number; readonly realS: number }): Promise<void> {
    here().pass(seconds);
  },
  async settle(_: null): Promise<void> {
    await here().reconcile.settle();
  },
  /** Commits audit events for ever, one transaction each. */
  async scribble(_: null): Promise<never> {
    for (;;) {
      await here().ctx.ledger.tx((tx) =>
        recordAudit(tx, new Date(), [{ actor: 'test', action: 'note', details: {} }]),
      );
    }
  },
  async release(_: null): Promise<void> {
    here().steps.release();
  },
  async close(_: null): Promise<void> {
    await here().close();
    world = null;
  },
};

export type Acts = typeof acts;

/** From the parent. */
export interface Order {
  readonly number: number;
  readonly act: keyof Acts;
  readonly input: unknown;
}

/** To the parent: an answer to an order, or the step at which the child waits for `release`. */
export type Report =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: string }
  | { readonly held: string };

const say = (report: Report) => process.send?.(report);

process.on('message', (message) => {
  const { number, act, input } = message as Order;
  const run = acts[act] as (input: unknown) => Promise<unknown>;
  run(input).then(
    (value) => say({ number, value }),
    (error: unknown) => say({ number, error: inspect(error) }),
  );
});
process.on('disconnect', () => process.exit());
