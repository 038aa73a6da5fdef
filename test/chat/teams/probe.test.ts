/** Whether Teams lets the bot in is found out without a message, so that Curfew is ready again by itself. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createTeamsPort } from '../../../src/chat/teams/client.ts';
import { createConnector } from '../../../src/chat/teams/connector.ts';
import { TokenRefused } from '../../../src/chat/teams/connector-error.ts';
import { watchApp } from '../../../src/chat/watch-app.ts';
import { silent } from '../../support/house.ts';
import { createMemoryAddressBook } from '../../support/teams-address-book.ts';
import { refusal, startTeamsConnector, type TeamsConnector } from '../../support/teams-connector.ts';
import { card, DBA, failure, HOME, people, TEAM } from '../../support/teams-scene.ts';

const marker = 'curfew:R-1:card:1';
let teams: TeamsConnector;
beforeAll(async () => {
  teams = await startTeamsConnector();
  teams.roster(DBA, people);
  teams.roster(TEAM, people);
});
afterEach(() => teams.heal());
afterAll(() => teams.close());

async function begin() {
  const entra = { trouble: null as Error | null, asked: 0, anew: 0 };
  const token = async ({ anew = false } = {}) => {
    entra.asked += 1;
    if (anew) entra.anew += 1;
    if (entra.trouble) throw entra.trouble;
    return 'token';
  };
  const credentials = { appId: 'app', appPassword: 'hush', appType: 'SingleTenant', issuer: null } as const;
  const clock = { now: 0 };
  const book = createMemoryAddressBook();
  await book.visit({ id: DBA, tenant: HOME, serviceUrl: teams.serviceUrl });
  const port = createTeamsPort({
    connector: createConnector({ settings: { credentials, tenantId: HOME, dialogs: true }, token }),
    book,
    household: { tenants: [HOME], named: [] },
    dialogs: true,
    realNow: () => clock.now,
  });
  const watched = watchApp(port, { realNow: () => clock.now, log: silent });
  const askAgain = async () => {
    clock.now += 30_000;
    await watched.askAgain();
  };
  return { entra, book, watched, askAgain };
}

it('a hiccup of Entra costs a retry, and leaves Curfew ready', async () => {
  const { entra, watched } = await begin();
  entra.trouble = new Error('getaddrinfo EAI_AGAIN login.microsoftonline.com');
  expect(await failure(watched.post(DBA, card, { marker }))).toMatchObject({
    kind: 'retry',
    code: 'no_answer',
    outcomeKnown: true,
  });
  expect(watched.refusal()).toBeNull();
  entra.trouble = null;
  await watched.post(DBA, card, { marker });
});

it('a bot that Entra refuses is let in again by a token alone, though nothing is to be said', async () => {
  const { entra, watched, askAgain } = await begin();
  entra.trouble = new TokenRefused('invalid_client');
  expect(await failure(watched.post(DBA, card, { marker }))).toMatchObject({ kind: 'app-refused' });
  await askAgain();
  expect(watched.refusal()).toMatchObject({ code: 'no_token' });
  const sent = teams.callsOf('send');
  entra.trouble = null;
  await askAgain();
  expect(watched.refusal()).toBeNull();
  expect(entra.anew).toBe(2);
  expect(teams.callsOf('send')).toBe(sent);
});

it('a good token is not enough where Teams itself refuses the bot', async () => {
  const { watched, askAgain } = await begin();
  teams.fail('send', { kind: 'answer', ...refusal(401, 'BotNotRegistered') });
  expect(await failure(watched.post(DBA, card, { marker }))).toMatchObject({ kind: 'app-refused' });
  teams.fail('member', { kind: 'answer', ...refusal(401, 'BotNotRegistered') });
  await askAgain();
  expect(watched.refusal()).toMatchObject({ code: 'BotNotRegistered' });
  teams.fail('member', { kind: 'answer', ...refusal(503, 'ServiceUnavailable') });
  await askAgain();
  expect(watched.refusal()).not.toBeNull();
  await askAgain();
  expect(watched.refusal()).toBeNull();
});

it('where nothing was said since the start, one of its teams is asked', async () => {
  const { book, watched, askAgain } = await begin();
  await book.joinTeam({ tenant: HOME, id: TEAM, name: 'Platform', serviceUrl: teams.serviceUrl });
  watched.refuse({ code: 'BotNotRegistered', message: 'No.' });
  const asked = teams.callsOf('member');
  await askAgain();
  expect(teams.callsOf('member')).toBe(asked + 1);
  expect(watched.refusal()).toBeNull();
});
