/**
 * The whole program on a machine whose clock goes wrong. A target is down when access ends: somebody is called,
 * and once the target is back the access is gone in seconds, whatever the clock of the machine does meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../../src/playground/tcp-proxy.ts';
import { type FakedProgram, startFakedProgram } from '../support/faked-program.ts';
import { createFaultGround, type FaultCase, type FaultGround } from '../support/fault-case.ts';
import { endChildren, type FaultChild, startChild } from '../support/fault-processes.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { startPlainSlack } from '../support/plain-slack.ts';

/** Five seconds before clocks in Chicago go back from two to one, on the first Sunday of November. */
const BEFORE_THE_REPEATED_HOUR = Date.parse('2026-11-01T06:59:55Z');
const HOUR_S = 3_600;
/** Only end a hang. */
const BOUND_MS = 180_000;
const WITHIN = { timeout: PATIENCE_MS, interval: 100 };
/** The longest wait between two tries while a target is down for seconds, with room for a busy machine. */
const GONE_WITHIN_S = 30;

let ground: FaultGround;
let kase: FaultCase;
let proxy: TcpProxy;
let slack: Awaited<ReturnType<typeof startPlainSlack>>;
let asking: FaultChild;
let program: FakedProgram;
let aheadS: number;

beforeAll(async () => {
  ground = await createFaultGround(inject('pg18Url'));
  kase = await ground.begin(6);
  slack = await startPlainSlack();
  const plan = kase.plan({ ahead: { ledgerS: 0, realS: 0 } });
  proxy = await startTcpProxy(Number(new URL(plan.target.url).port));
  asking = startChild();
  await asking.run('open', { ...plan, witness: null });
  const target = new URL(plan.target.url);
  Object.assign(target, { hostname: '127.0.0.1', port: String(proxy.port) });
  aheadS = Math.round((BEFORE_THE_REPEATED_HOUR - Date.now()) / 1000);
  program = await startFakedProgram({
    configuration: configuration(target.href, kase.role),
    env: {
      DATABASE_URL: kase.ledgerUrl,
      SLACK_BOT_TOKEN: 'xoxb-of-the-tests',
      SLACK_SIGNING_SECRET: 'secret-of-the-tests',
      SLACK_API_URL: slack.apiUrl,
    },
    timeZone: 'America/Chicago',
    aheadS,
  });
}, BOUND_MS);
afterAll(async () => {
  await program?.stop();
  await endChildren();
  await proxy?.close();
  await slack?.close();
  await kase?.end();
  await ground?.close();
});

function configuration(url: string, role: string): string {
  return `
version: 1
identity: { domains: [acme.test] }
admins: [user:mia@acme.test]
channels: { approvals: "#access-approvals", alerts: "#security-alerts" }
timing: { overdue_after: 3s }
connectors:
  prod-pg: { kind: postgres, url: "${url}", end_sessions: true, accounts: { from: email_local_part } }
roles:
  prod-dba:
    title: Production database admin
    owners: [user:omar@acme.test, user:lea@acme.test]
    risk: high
    environment: production
    sensitivity: confidential
    max_duration: 4h
    entitlements: [{ connector: prod-pg, permission: { role: ${role} } }]
`;
}

const members = () => kase.members();

/** Gives access for `durationS`; the target is down at its end, and `meanwhile` happens. */
async function endWhileDown(who: string, durationS: number, meanwhile: () => Promise<void>): Promise<void> {
  const asked = await asking.run('ask', { who, deliveryKey: `ask ${who}`, durationS });
  const id = asked.ok ? asked.id : expect.fail(JSON.stringify(asked.refusal));
  await asking.run('approve', { who: 'omar', id, deliveryKey: `approve ${id}` });
  await vi.waitFor(async () => expect(await members()).toContain(who), WITHIN);
  proxy.refuse();
  await meanwhile();
  await vi.waitFor(() => {
    const alerts = slack.posted.filter(
      ({ channel, content }) => channel.includes('security-alerts') && content.includes(id),
    );
    expect(alerts, program.log().slice(-3000)).not.toEqual([]);
  }, WITHIN);
  expect(await members()).toContain(who);
  proxy.pass();
  await vi.waitFor(async () => expect(await members()).not.toContain(who), {
    timeout: GONE_WITHIN_S * 1000,
    interval: 100,
  });
}

const person = (n: number) => kase.accounts[n] ?? expect.fail('nobody');

it(
  'access ends in the hour that is repeated when clocks go back',
  async () => {
    // Into the repeated hour, in which cron sees no tick.
    await pause(Math.max(0, BEFORE_THE_REPEATED_HOUR + 10_000 - (Date.now() + aheadS * 1000)));
    await endWhileDown(person(0), 8, async () => {});
    // The program's clock says that it is the repeated hour.
    expect(program.log()).toMatch(/"time":"2026-11-01T0[67]:/);
    expect(await program.health()).toMatchObject({ status: 'ok' });
  },
  BOUND_MS,
);

it.each([
  ['back', -HOUR_S, 1],
  ['ahead', HOUR_S, 2],
])(
  'access ends when this machine’s clock is set an hour %s',
  async (_, byS, n) => {
    await endWhileDown(person(n), 8, async () => {
      aheadS += byS;
      await program.setClock(aheadS);
    });
    expect(await program.health()).toMatchObject({ status: 'ok' });
  },
  BOUND_MS,
);

it(
  'access ends when the process was suspended over its end, and the log says for how long no sweep was made',
  async () => {
    const who = person(3);
    await endWhileDown(who, 5, async () => {
      program.child.kill('SIGSTOP');
      await pause(12_000);
      program.child.kill('SIGCONT');
    });
    expect(program.log()).toContain('no sweep was over for too long');
    await vi.waitFor(async () => expect(await program.health()).toMatchObject({ status: 'ok' }), WITHIN);
  },
  BOUND_MS,
);
