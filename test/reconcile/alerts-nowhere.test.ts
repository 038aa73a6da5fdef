/** An alert waits for a channel, rather than being put down as said to nobody. */
import { isNotNull, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { intendCards, intendNotices } from '../../db/messages.ts';
import { cards, notices } from '../../db/schema-messages.ts';
import type { Platform } from '../../src/domain/platform.ts';
import type { Log } from '../../src/observability/log.ts';
import { createReconcile } from '../../src/reconcile/reconcile.ts';
import { actions } from '../support/acts.ts';
import { createTestDirectory } from '../support/directory.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';
import { createRecordingLog } from '../support/recording-log.ts';

const ledger = ledgerForFile();
const channels = { approvals: '#access-approvals', alerts: { teams: 'Platform/alerts' } };
const NOWHERE = /names no channel on a platform in use/;

async function begin() {
  const recording = createRecordingLog();
  const log: Log = { ...recording, child: () => log };
  const { port: slack } = createTestDirectory();
  const house = await createHouse({
    ledger: ledger(),
    channels,
    log,
    ports: new Map([['slack', slack]]),
  });
  const complaints = (about: RegExp) =>
    recording.entries.filter(
      ({ level, message }) => level === 'error' && about.test(message) && NOWHERE.test(message),
    ).length;
  return { house, complaints, log };
}

/** Curfew as it starts again with Teams, where the channel is: what is said there. */
function withTeams(house: House, log: Log) {
  const said: string[] = [];
  const { port } = createTestDirectory('teams');
  const teams = {
    ...port,
    post: async (conversation: string) => {
      said.push(`card in ${conversation}`);
      return { conversation, message: `${said.length}` };
    },
    say: async (conversation: string) => {
      said.push(`line in ${conversation}`);
      return { conversation, message: `${said.length}` };
    },
  };
  const { port: slack } = createTestDirectory();
  const platforms: Platform[] = ['slack', 'teams'];
  const ports = new Map([
    ['slack', slack],
    ['teams', teams],
  ]);
  const reconcile = createReconcile({ ...house.ctx, platforms, ports, log, random: () => 0.5 });
  return { said, settle: reconcile.settle };
}

it('of access that is overdue people are told when there is a channel, and nothing says that they were', async () => {
  const { house, complaints, log } = await begin();
  const id = await house.ask();
  await house.approve(id);
  await house.settle();
  house.vault.state.down = true;
  house.clocks.pass(3_600 + 120);
  await house.settle();
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ending', overdueAlertedAt: null });
  expect(await actions(house)).not.toContain('grant.overdue');
  expect(complaints(/access is overdue/)).toBe(1);
  house.clocks.passReal(3_601);
  await house.settle();
  expect(complaints(/access is overdue/)).toBe(2);

  const { said, settle } = withTeams(house, log);
  await settle();
  expect(said).toContain('card in C-Platform/alerts');
  expect((await house.view(id)).grant?.overdueAlertedAt).not.toBeNull();
});

it.each(['', 'slack'])(
  'a line for the alerts channel is kept, and tried again each hour (%j)',
  async (platform) => {
    const { house, complaints, log } = await begin();
    const intent = {
      requestId: null,
      audience: 'alerts',
      platform,
      notice: { kind: 'audit-head', head: '1:abc' },
    } as const;
    const times = { now: house.clocks.now(), real: house.clocks.real() };
    await house.ledger.tx((tx) => intendNotices(tx, [intent], times));
    await house.settle();
    const [row] = await house.ledger.db.select().from(notices).where(isNotNull(notices.lastError));
    expect(row).toMatchObject({
      dueAt: new Date(house.clocks.real().getTime() + 3_600_000),
      leaseToken: null,
      lastError: expect.stringMatching(NOWHERE),
    });
    expect(complaints(/alert waits/)).toBe(1);

    house.clocks.passReal(3_601);
    const { said, settle } = withTeams(house, log);
    await settle();
    expect(said).toContain('line in C-Platform/alerts');
  },
);

it('a card of overdue access on a platform that is not in use waits for it', async () => {
  const { house, log } = await begin();
  const requestId = await house.ask();
  const recipient = 'Platform/alerts';
  await house.ledger.db.execute(sql`delete from cards`);
  await house.ledger.tx((tx) =>
    intendCards(tx, [{ requestId, audience: 'overdue', platform: 'teams', recipient }], house.clocks.real()),
  );
  await house.settle();
  const [row] = await house.ledger.db.select().from(cards);
  expect(row?.lastError).toContain('teams');
  expect(row?.dueAt).not.toBeNull();

  house.clocks.passReal(3_601);
  const { said, settle } = withTeams(house, log);
  await settle();
  expect(said).toContain('card in C-Platform/alerts');
});
