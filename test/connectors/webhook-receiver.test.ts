/** What the example receiver promises to its owner, whoever calls it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { webhookConnector } from '../../src/connectors/webhook/webhook-connector.ts';
import { callContext } from '../support/connector-fixture.ts';
import { type Delivery, SECRET, startWebhookWorld, type WebhookWorld } from '../support/webhook-world.ts';

const permission = { role: 'operator' };
const permissionId = '[["role","operator"]]';
const edge = { permission, permissionId, account: 'ana', accountId: 'ana' };
const MINUTE = 60_000;

describe('the example webhook receiver', () => {
  let world: WebhookWorld;
  let connector: ReturnType<typeof connect>;

  const connect = (url: string) =>
    webhookConnector.create(
      'billing',
      webhookConnector.config.parse({ kind: 'webhook', url, secret: SECRET }),
      ['acme.test'],
    );
  const holds = async () => (await world.system().access.inspect(permissionId, 'ana')).direct;
  const last = (): Delivery => world.deliveries.at(-1) ?? expect.fail('nothing was sent');

  async function deliver({ headers, body }: Delivery) {
    const { 'content-length': _, connection: __, ...rest } = headers;
    const answer = await fetch(world.url, { method: 'POST', headers: rest, body });
    return {
      status: answer.status,
      code: ((await answer.json()) as { error?: { code: string } }).error?.code,
    };
  }

  /** The message anew, changed, and signed as if by Curfew. */
  function resigned(
    from: Delivery,
    change: Record<string, unknown>,
    at = new Date(),
    secret = SECRET,
  ): Delivery {
    const body = JSON.stringify({ ...JSON.parse(from.body), ...change });
    const id = from.headers['webhook-id'] ?? '';
    const signature = new Webhook(secret).sign(id, at, body);
    const timestamp = String(Math.floor(at.getTime() / 1000));
    return {
      headers: { ...from.headers, 'webhook-timestamp': timestamp, 'webhook-signature': signature },
      body,
    };
  }

  beforeEach(async () => {
    world = await startWebhookWorld({ accounts: { 'ana@acme.test': 'ana' }, permissions: [permission] });
    connector = connect(world.url);
  });
  afterEach(async () => {
    await connector.close();
    await world.close();
  });

  test('a forged, altered or missing signature changes nothing', async () => {
    await connector.grant(edge, callContext(null));
    await connector.revoke(edge, callContext(null));
    const granted = world.deliveries[0] ?? expect.fail('nothing was sent');
    const other = `whsec_${Buffer.from('what somebody else would sign with').toString('base64')}`;
    const { 'webhook-signature': _, ...unsigned } = granted.headers;
    const newest = { generation: 1_000_000, idempotency_key: 'new' };
    for (const forged of [
      resigned(granted, newest, new Date(), other),
      { ...granted, body: resigned(granted, newest).body },
      { ...granted, headers: unsigned },
      { ...granted, headers: { ...granted.headers, 'webhook-id': 'msg_another' } },
    ]) {
      expect(await deliver(forged)).toEqual({ status: 401, code: 'bad_signature' });
    }
    expect(await holds()).toBe(false);
  });

  test('a recorded grant, sent again after the revoke, does not bring the access back', async () => {
    await connector.grant(edge, callContext(null));
    const recorded = last();
    await connector.revoke(edge, callContext(null));
    expect(await deliver(recorded)).toEqual({ status: 409, code: 'stale_generation' });
    expect(await holds()).toBe(false);
  });

  test('a repeated grant does not undo what somebody removed in between', async () => {
    const call = callContext(null);
    await connector.grant(edge, call);
    await world.system().access.revoke(permissionId, 'ana');
    await connector.grant(edge, call);
    expect(await holds()).toBe(false);
  });

  test('a repeated revoke removes what came back in between', async () => {
    const call = callContext(null);
    await connector.revoke(edge, call);
    await world.system().access.grant(permissionId, 'ana', null);
    await connector.revoke(edge, call);
    expect(await holds()).toBe(false);
  });

  test('a message of six minutes ago is refused, whatever it says of its deadline', async () => {
    await connector.grant(edge, callContext(null));
    const old = resigned(
      last(),
      { idempotency_key: 'k', generation: 1_000_000 },
      new Date(Date.now() - 6 * MINUTE),
    );
    await world.system().access.revoke(permissionId, 'ana');
    expect(await deliver(old)).toEqual({ status: 401, code: 'bad_signature' });
    expect(await holds()).toBe(false);
  });

  test('what arrives after its deadline, or with none in sight, changes nothing', async () => {
    await connector.inspect(edge, callContext(null));
    const grant = { type: 'access.grant', idempotency_key: 'late' };
    const past = new Date(Date.now() - 1).toISOString();
    const far = new Date(Date.now() + 10 * MINUTE).toISOString();
    expect(await deliver(resigned(last(), { ...grant, not_after: past }))).toEqual({
      status: 410,
      code: 'too_late',
    });
    for (const not_after of [far, 'tomorrow']) {
      const { status } = await deliver(resigned(last(), { ...grant, not_after }));
      expect(status).toBeGreaterThanOrEqual(400);
    }
    expect(await holds()).toBe(false);
  });

  test('a grant whose deadline passes while it waits for its turn changes nothing', async () => {
    const { access } = world.system();
    const revoke = access.revoke;
    let finish = () => {};
    const begun = new Promise<void>((begin) => {
      access.revoke = async (...args) => {
        begin();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return revoke(...args);
      };
    });
    const first = connector.revoke(edge, callContext(null));
    await begun;
    const waiting = connector.grant(edge, callContext(null)).catch((reason: unknown) => reason);
    await expect.poll(() => world.deliveries.length).toBe(2);
    world.clock.aheadMs = MINUTE;
    finish();
    await first;
    expect(await waiting).toMatchObject({ kind: 'retryable', code: 'too_late', outcomeKnown: true });
    expect(await holds()).toBe(false);
  });

  test('what a newer generation overtook is refused', async () => {
    await connector.revoke(edge, { ...callContext(null), generation: 5 });
    const stale = connector.grant(edge, { ...callContext(null), generation: 4 });
    await expect(stale).rejects.toMatchObject({ code: 'stale_generation', outcomeKnown: true });
    expect(await holds()).toBe(false);
  });

  test('a ledger restored from a backup is heard again once no older message can be valid', async () => {
    await connector.revoke(edge, { ...callContext(null), generation: 50 });
    world.clock.aheadMs = 12 * MINUTE;
    const deadline = new Date(Date.now() + world.clock.aheadMs + 5_000);
    await connector.grant(edge, { ...callContext(null, { deadline }), generation: 2 });
    expect(await holds()).toBe(true);
  });

  test('a message for another target changes nothing', async () => {
    const target = await connector.targetId(callContext(null));
    await connector.grant(edge, callContext(target));
    const elsewhere = resigned(last(), {
      target: 'billing-of-others',
      idempotency_key: 'k',
      generation: 1_000_000,
    });
    await world.system().access.revoke(permissionId, 'ana');
    expect(await deliver(elsewhere)).toEqual({ status: 409, code: 'wrong_target' });
    expect(await holds()).toBe(false);
  });

  test('signed nonsense and endless bodies are refused, and the receiver lives on', async () => {
    await connector.inspect(edge, callContext(null));
    const nonsense = [
      { type: 'access.everything' },
      { type: 7 },
      { data: null },
      { data: { permission: [], account: 'ana' } },
      { data: { permission } },
      { generation: '1' },
    ];
    for (const change of nonsense) {
      expect(await deliver(resigned(last(), change))).toEqual({ status: 400, code: 'malformed' });
    }
    const endless = resigned(last(), { data: { permission, account: 'x'.repeat(70_000) } });
    expect((await deliver(endless)).status).toBe(401);
    expect(await connector.inspect(edge, callContext(null))).toEqual({ direct: false, inherited: [] });
  });

  test('it runs by itself, as its README says', async () => {
    const script = new URL('../../examples/webhook-receiver/receiver.mjs', import.meta.url).pathname;
    const env = { ...process.env, SECRET, TARGET: 'my-system', PORT: '0' };
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const alone = connect(`http://127.0.0.1:${line.match(/\d+/)?.[0]}/`);
      const target = await alone.targetId(callContext(null));
      expect(target).toBe('my-system');
      const resolved = await alone.resolveAccount({ email: 'ana@acme.test' }, callContext(target));
      expect(resolved).toEqual({ ok: true, account: 'ana', accountId: 'ana' });
      await alone.grant(edge, callContext(target));
      expect(await alone.inspect(edge, callContext(target))).toEqual({ direct: true, inherited: [] });
      await alone.close();
    } finally {
      child.kill();
    }
  });

  test('it does not start without a secret', async () => {
    const script = new URL('../../examples/webhook-receiver/receiver.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, [script], { env: { PATH: process.env.PATH }, stdio: 'ignore' });
    expect((await once(child, 'exit'))[0]).toBe(2);
  });
});
