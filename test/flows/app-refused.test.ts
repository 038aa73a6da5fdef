/** Slack lets the app do nothing for a while: everything waits, whoever runs Curfew is told why, and nothing is lost. */

import { eq, isNotNull } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { intendNotices } from '../../db/messages.ts';
import { cards, notices } from '../../db/schema-messages.ts';
import { createManualClocks } from '../support/clocks.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  const clocks = createManualClocks(new Date(Date.now() - 7_000_000));
  const roles = ['paused', 'event', 'locked', 'odd'].map((key) => roleOf(key));
  town = await createTown({ clocks, roles });
  talk = createTalk(town);
});
afterAll(() => talk.close());
afterEach(() => town.slack.api.heal());

/** What is said still arrives: names are remembered, and it was under way. */
function refuse(code: string): void {
  for (const method of ['chat.postMessage', 'chat.update', 'conversations.open', 'auth.test'])
    town.slack.api.fail(method, { kind: 'error', code, times: 10_000 });
}

const everywhere = ['#access-approvals', 'omar', 'lea', 'ana'] as const;

describe.each(['account_inactive', 'invalid_auth', 'token_revoked'])('the app is refused: %s', (code) => {
  it('a request made meanwhile has its cards once the app is back, once', async () => {
    refuse(code);
    const id = await talk.asks('ana', 'paused');
    await town.slack.until(() => !town.curfew.ready(), 'the refusal to be noticed');
    expect(town.curfew.chatTrouble()).toEqual([expect.stringContaining(code)]);
    // However long it is.
    for (let days = 0; days < 3; days += 1) await town.passReal(86_400);
    town.slack.api.heal();
    await town.passReal(60);
    for (const place of everywhere) {
      await talk.card(id, place, /asked for|asks for/);
      expect(await talk.cards(id, place)).toHaveLength(1);
    }
    await town.slack.until(() => town.curfew.ready(), 'Curfew to be ready again');
    expect(town.curfew.chatTrouble()).toEqual([]);
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
  });
});

describe('an alert', () => {
  const alert = (head: string) =>
    town.ledger.tx((tx) =>
      intendNotices(
        tx,
        [{ requestId: null, audience: 'alerts', platform: 'slack', notice: { kind: 'audit-head', head } }],
        { now: town.clocks.now(), real: town.clocks.real() },
      ),
    );
  const failed = async () =>
    (await town.ledger.db.select().from(notices).where(isNotNull(notices.lastError))).length > 0;

  it.each(['restricted_action', 'is_archived', 'not_in_channel', 'invalid_blocks'])(
    'is said in the end, though Slack answered %s',
    async (code) => {
      town.slack.api.fail('chat.postMessage', { kind: 'error', code, times: 10_000 });
      await alert(`1:${code}`);
      town.curfew.nudge();
      await town.slack.until(failed, 'it to be tried');
      town.slack.api.heal();
      await town.passReal(3_601);
      await talk.line('#security-alerts', new RegExp(`1:${code}`));
    },
  );
});

describe('a place that is closed', () => {
  it.each([
    ['locked', 'restricted_action'],
    ['odd', 'a_code_of_next_year'],
  ])('has its card when it is opened again, an hour later at the latest: %s, %s', async (role, code) => {
    town.slack.api.fail('chat.postMessage', { kind: 'error', code, times: 4 });
    const id = await talk.asks('ana', role);
    const allFailed = async () => {
      const rows = await town.ledger.db.select().from(cards).where(eq(cards.requestId, id));
      return rows.length === 4 && rows.every(({ lastError }) => lastError?.includes(code));
    };
    await town.slack.until(allFailed, 'all four to be refused');
    await town.passReal(3_601);
    for (const place of everywhere) await talk.card(id, place, /asked for|asks for/);
  });
});

it('is refused at once when Slack says that the app was removed, and asks until it is back', async () => {
  const event = await town.slack.event('app_uninstalled', {}, { team_id: undefined });
  expect(event.status).toBe(200);
  expect(town.curfew.ready()).toBe(false);
  expect(town.curfew.chatTrouble()).toEqual([expect.stringContaining('app_uninstalled')]);
  const id = await talk.asks('ana', 'event');
  await town.passReal(60);
  await talk.card(id, '#access-approvals', /asks for/);
  expect(town.curfew.ready()).toBe(true);
});
