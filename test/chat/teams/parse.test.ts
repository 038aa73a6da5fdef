/** What Teams sends is understood, or put aside: never misread, and never the end of the bot. */
import { describe, expect, test } from 'vitest';
import type { Inbound } from '../../../commands/command.ts';
import { ACTION_VERBS } from '../../../src/chat/card.ts';
import { type Parsed, parseActivity } from '../../../src/chat/teams/parse.ts';
import {
  activityIn,
  BOT,
  installation,
  invoke,
  membership,
  mentionOf,
  people,
  press,
  submitAsMessage,
  TEAM,
  TENANT,
  words,
} from '../../support/teams-activities.ts';

const ANA = { platform: 'teams', workspace: TENANT, userId: people.ana.aadObjectId.toLowerCase() };

function inbound(activity: object): Inbound {
  const parsed = parseActivity(activity);
  if (parsed.kind !== 'inbound') throw new Error(`not inbound: ${JSON.stringify(parsed)}`);
  return parsed.inbound;
}
const said = (activity: object) => {
  const read = inbound(activity);
  return read.kind === 'words' ? read.text : read;
};
const kindOf = (activity: unknown): Parsed['kind'] => parseActivity(activity).kind;

describe('words', () => {
  test('come with who said them and where', () => {
    const activity = words('prod-dba 1h why', 'channel');
    expect(parseActivity(activity)).toEqual({
      kind: 'inbound',
      way: 'message',
      on: null,
      inbound: {
        kind: 'words',
        key: `teams:${activity.conversation.id}:${activity.id}`,
        speaker: ANA,
        text: 'prod-dba 1h why',
      },
      place: {
        conversation: activity.conversation.id,
        type: 'channel',
        tenant: TENANT,
        serviceUrl: activity.serviceUrl,
        message: activity.id,
        team: TEAM,
        botIsThere: true,
      },
      sender: { speaker: ANA, address: people.ana.id, name: 'Ana Lopez', timeZone: 'Europe/Madrid' },
    });
  });

  test.each([
    ['mine', 'mine'],
    ['elevate mine', 'mine'],
    ['/elevate  mine', 'mine'],
    ['Elevate mine', 'mine'],
    ['elevate', ''],
    [' \n', ''],
    ['elevated-role 1h why', 'elevated-role 1h why'],
    ['prod-dba&nbsp;1h\u00a0a &lt;b&gt; &amp; c&#39;s\n', "prod-dba 1h a <b> & c's"],
    ['x 1h typed as &amp;lt;', 'x 1h typed as &lt;'],
    ['x 1h &bogus; &#0; &#99999999;', 'x 1h &bogus; &#99999999;'],
    [`x 1h <at>${people.omar.name}</at> typed`, `x 1h <at>${people.omar.name}</at> typed`],
  ])('%j are %j in every kind of conversation', (typed, expected) => {
    for (const where of ['personal', 'groupChat', 'channel'] as const) {
      expect(said(words(typed, where))).toBe(expected);
    }
  });

  test("lose the bot's name wherever it stands, and keep other people", () => {
    const base = words('', 'channel');
    const text = 'revoke <at>Omar Haddad</at> please <at>Curfew</at>';
    const entities = [mentionOf(people.omar), mentionOf(BOT)];
    expect(said({ ...base, text, entities })).toBe('revoke <@29:omar-address|Omar-Haddad> please');
  });

  test('cannot be made from a name', () => {
    const evil = { id: '29:evil', name: 'x> <@29:ana-address|y' };
    const text = `revoke ${mentionOf(evil).text}`;
    expect(said({ ...words(''), text, entities: [mentionOf(evil)] })).toBe(
      'revoke <@29:evil|x-@29:ana-addressy>',
    );
  });

  test('among others are heard only where the bot is mentioned', () => {
    const base = words('mine', 'groupChat');
    expect(kindOf({ ...base, entities: [] })).toBe('ignored');
    expect(kindOf({ ...base, entities: [mentionOf(people.omar)] })).toBe('ignored');
  });

  test('of bots are not heard', () => {
    expect(kindOf({ ...words('mine'), from: { ...BOT, aadObjectId: people.ana.aadObjectId } })).toBe(
      'ignored',
    );
  });

  test('of another delivery have another key, of the same the same', () => {
    const first = words('mine');
    expect(inbound(first).key).toBe(inbound({ ...first }).key);
    expect(inbound(words('mine')).key).not.toBe(inbound(first).key);
  });
});

describe('who speaks', () => {
  const base = words('mine');
  test.each([
    ['without an Entra id', { ...base, from: { id: '29:x', name: 'X' } }],
    ['with an id that is none', { ...base, from: { ...base.from, aadObjectId: 'ana' } }],
    ['of no tenant', { ...base, conversation: { id: 'a:1', conversationType: 'personal' }, channelData: {} }],
    ['of two tenants', { ...base, channelData: { tenant: { id: TENANT.replace('7a', '8b') } } }],
  ])('%s is nobody', (_name, activity) => {
    expect(kindOf(activity)).toBe('nobody');
  });

  test.each([
    [{ ...base, channelData: undefined }],
    [{ ...base, conversation: { ...base.conversation, tenantId: undefined } }],
    [{ ...base, conversation: { ...base.conversation, tenantId: TENANT.toUpperCase() } }],
  ])('is known by either tenant', (activity) => {
    expect(inbound(activity).speaker).toEqual(ANA);
  });

  test.each([
    ['the activity', { localTimezone: 'Asia/Tokyo' }, 'Asia/Tokyo'],
    ['the client', { localTimezone: undefined }, 'Europe/Madrid'],
    ['neither', { localTimezone: undefined, entities: [] }, null],
    ['a place that is none', { localTimezone: 'Mars/Olympus' }, null],
  ])('has the time zone of %s', (_name, over, expected) => {
    expect(parseActivity({ ...base, ...over })).toMatchObject({ sender: { timeZone: expected } });
  });

  test('is in a crowd where nobody says otherwise', () => {
    const conversation = { id: '19:x@thread.v2', tenantId: TENANT };
    const entities = [mentionOf(BOT)];
    for (const odd of [{}, { conversationType: 'stadium' }]) {
      const activity = { ...base, entities, conversation: { ...conversation, ...odd } };
      expect(parseActivity(activity)).toMatchObject({ place: { type: 'groupChat' } });
    }
  });
});

describe('buttons', () => {
  test.each(ACTION_VERBS)('%s is understood, pressed or submitted', (verb) => {
    const data = { v: 1, do: 'act', verb, id: 'R-7K3M', on: 'curfew:R-7K3M:owners:12' };
    const expected = { on: 'R-7K3M', inbound: { kind: 'action', verb, id: 'R-7K3M', speaker: ANA } };
    expect(parseActivity(press(data))).toMatchObject({ ...expected, way: 'card' });
    expect(parseActivity(submitAsMessage(data, 'channel'))).toMatchObject({ ...expected, way: 'message' });
    const fetched = invoke('task/fetch', { data: { ...data, type: 'task/fetch', msteams: {} }, context: {} });
    expect(parseActivity(fetched)).toMatchObject({ ...expected, way: 'dialog' });
  });

  test('of a form bring what was filled in, and nothing else', () => {
    const data = { v: 1, do: 'form', form: 'deny', about: 'R-7K3M', reason: 'no', other: 'x', role: 7 };
    const expected = { kind: 'form', form: 'deny', about: 'R-7K3M', values: { reason: 'no' } };
    expect(inbound(press(data))).toMatchObject(expected);
    expect(inbound(submitAsMessage(data))).toMatchObject(expected);
    expect(inbound(invoke('task/submit', { data }))).toMatchObject(expected);
    const extension = invoke('composeExtension/submitAction', { commandId: 'request-access', data });
    expect(inbound(extension)).toMatchObject(expected);
    expect(Object.keys((inbound(press(data)) as { values: object }).values)).toEqual(['reason']);
  });

  test('that only look say what at', () => {
    expect(parseActivity(press({ do: 'look', about: 'R-7K3M' }))).toMatchObject({
      kind: 'look',
      about: 'R-7K3M',
    });
  });

  test.each([
    ['another version', { v: 2, do: 'act', verb: 'approve', id: 'R-7K3M' }, 'R-7K3M'],
    ['no version', { verb: 'approve', id: 'R-7K3M' }, 'R-7K3M'],
    ['an unknown verb', { v: 1, do: 'act', verb: 'bless', id: 'R-7K3M' }, 'R-7K3M'],
    ['an unknown form', { v: 1, do: 'form', form: 'bless', about: 'R-7K3M' }, 'R-7K3M'],
    ['an unknown deed', { v: 1, do: 'sing', id: '<b>no id</b>' }, null],
    ['an id that is none', { v: 1, do: 'act', verb: 'approve', id: 7 }, null],
    ['nothing', {}, null],
    ['a list', ['approve'], null],
  ])('with %s are of another version', (_name, data, about) => {
    expect(parseActivity(submitAsMessage(data))).toMatchObject({ kind: 'outdated', about, way: 'message' });
    const pressed = invoke('adaptiveCard/action', { action: { verb: 'curfew.act', data } });
    expect(parseActivity(pressed)).toMatchObject({ kind: 'outdated', about, way: 'card' });
    expect(parseActivity(invoke('task/fetch', { data }))).toMatchObject({ kind: 'outdated', about });
  });

  test('with an unknown name or without data are too', () => {
    const data = { v: 1, do: 'act', verb: 'approve', id: 'R-7K3M' };
    expect(kindOf(invoke('adaptiveCard/action', { action: { verb: 'other', data } }))).toBe('outdated');
    expect(kindOf(invoke('adaptiveCard/action', { action: { verb: 'curfew.act' } }))).toBe('outdated');
    expect(kindOf(invoke('composeExtension/fetchTask', { commandId: 'other' }))).toBe('outdated');
  });
});

test('typing in the role field asks for roles', () => {
  const search = { kind: 'search', queryText: ` ${'p'.repeat(300)}`, dataset: 'roles', queryOptions: {} };
  expect(parseActivity(invoke('application/search', search))).toMatchObject({
    kind: 'role-query',
    typed: 'p'.repeat(200),
  });
  expect(kindOf(invoke('application/search', { ...search, dataset: 'graph.microsoft.com/users' }))).toBe(
    'unknown-invoke',
  );
});

describe('coming and going', () => {
  test.each([
    ['added to a chat', installation('add'), 'installed'],
    ['added to a team', membership('membersAdded', BOT.id, 'channel'), 'installed'],
    ['removed from a chat', installation('remove'), 'uninstalled'],
    ['removed from a team', membership('membersRemoved', BOT.id, 'channel'), 'uninstalled'],
    [
      'in a team that was deleted',
      {
        ...activityIn('channel'),
        type: 'conversationUpdate',
        channelData: { tenant: { id: TENANT }, team: TEAM, eventType: 'teamDeleted' },
      },
      'uninstalled',
    ],
    ['brought up to date', { ...installation('add'), action: 'add-upgrade' }, 'ignored'],
    ['not meant: others come', membership('membersAdded', people.omar.id, 'channel'), 'ignored'],
    ['not meant: others go', membership('membersRemoved', people.omar.id, 'channel'), 'ignored'],
  ])('%s', (_name, activity, kind) => {
    expect(kindOf(activity)).toBe(kind);
  });
});

describe('what is none of our business', () => {
  test.each(['messageReaction', 'messageUpdate', 'typing', 'event', 'surprise'])('%s is ignored', (type) => {
    expect(kindOf({ ...activityIn('personal'), type })).toBe('ignored');
  });
  test.each(['signin/verifyState', 'composeExtension/query', 'fileConsent/invoke', 'surprise', undefined])(
    'invoke %s is not ours',
    (name) => expect(kindOf({ ...invoke('x', {}), name })).toBe('unknown-invoke'),
  );
});

/** Every place in an activity, put to every odd value, one at a time. */
test('whatever stands where, nothing throws and nobody else is understood', () => {
  const odd = [
    undefined,
    null,
    7,
    '',
    'x'.repeat(1000),
    [],
    {},
    [null],
    { id: null },
    true,
    '\ud800',
    'https://x',
  ];
  const whole = [
    words('mine', 'channel'),
    press({ do: 'act', verb: 'approve', id: 'R-7K3M' }),
    submitAsMessage({ v: 1, do: 'form', form: 'deny', about: 'R-7K3M', reason: 'no' }),
    invoke('application/search', { queryText: 'p', dataset: 'roles' }),
    membership('membersAdded', BOT.id, 'channel'),
    invoke('composeExtension/fetchTask', { commandId: 'request-access' }),
  ];
  let tried = 0;
  for (const activity of whole) {
    for (const path of pathsOf(activity)) {
      for (const value of odd) {
        const parsed = parseActivity(withValue(activity, path, value));
        if ('sender' in parsed && parsed.sender) expect(parsed.sender.speaker).toEqual(ANA);
        tried += 1;
      }
    }
  }
  for (const value of odd) expect(kindOf(value)).toBe('malformed');
  expect(tried).toBeGreaterThan(1000);
});

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...pathsOf(inner, [...path, key])]);
}

function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = new Map<string, unknown>(Object.entries(whole ?? {}));
  copy.set(key, withValue(copy.get(key), rest, value));
  return Array.isArray(whole) ? [...copy.values()] : Object.fromEntries(copy);
}
