/** The message extension is used anywhere: what it is asked says who asks, and little of where. */
import { expect, test } from 'vitest';
import { parseActivity } from '../../../src/chat/teams/parse.ts';
import { invoke, people, TEAM, TENANT, type Where } from '../../support/teams-activities.ts';

const fetched = (where: Where = 'personal') =>
  invoke('composeExtension/fetchTask', { commandId: 'request-access', context: {} }, where);
const form = { v: 1, do: 'form', form: 'request', about: null, role: 'prod-dba' };
const submitted = (where: Where = 'personal') =>
  invoke('composeExtension/submitAction', { commandId: 'request-access', data: form }, where);

test('it opens the form', () => {
  expect(parseActivity(fetched())).toMatchObject({
    way: 'dialog',
    inbound: { kind: 'action', verb: 'new-request' },
  });
});

test.each(['personal', 'groupChat', 'channel'] as const)(
  'in a %s it is used among people, who may not have added the bot there',
  (where) => {
    for (const activity of [fetched(where), submitted(where)])
      expect(parseActivity(activity)).toMatchObject({
        place: { type: 'groupChat', team: null, botIsThere: false },
      });
    const said = { data: { v: 1, do: 'act', verb: 'deny', id: 'R-7K3M' } };
    expect(parseActivity(invoke('task/fetch', said, where))).toMatchObject({
      place: { type: where, team: where === 'channel' ? TEAM : null, botIsThere: true },
    });
  },
);

test.each([
  ['opened', fetched()],
  ['sent', submitted()],
])('it is %s also where Teams names no conversation', (_what, { conversation: _nowhere, ...shortened }) => {
  const userId = people.ana.aadObjectId.toLowerCase();
  for (const activity of [shortened, { ...shortened, conversation: null }]) {
    const parsed = parseActivity(activity);
    expect(parsed).toMatchObject({ kind: 'inbound', way: 'dialog', sender: { address: people.ana.id } });
    expect(parsed).toMatchObject({ inbound: { speaker: { platform: 'teams', workspace: TENANT, userId } } });
  }
  for (const name of ['task/fetch', 'adaptiveCard/action'])
    expect(parseActivity({ ...shortened, name }).kind).toBe('malformed');
});
