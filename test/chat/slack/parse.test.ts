import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePayload } from '../../../src/chat/slack/parse.ts';
import { plainFromEscaped } from '../../../src/chat/slack/unescape.ts';

const speaker = { platform: 'slack', workspace: 'T1', userId: 'U1' };
const command = { command: '/elevate', team_id: 'T1', user_id: 'U1', trigger_id: 't.1', text: 'help' };
const by = { user: { id: 'U1', team_id: 'T1' }, team: { id: 'T1' }, trigger_id: 't.1' };
const click = { type: 'block_actions', ...by, actions: [{ action_id: 'curfew:approve:0', value: 'R-7K3M' }] };
const view = {
  id: 'V1',
  hash: 'h1',
  callback_id: 'curfew:form',
  private_metadata: '{"form":"deny","about":"R-7K3M"}',
  state: { values: { reason: { 'curfew:text': { type: 'plain_text_input', value: 'no ticket' } } } },
};
const submission = { type: 'view_submission', ...by, view };
const query = { type: 'block_suggestion', ...by, action_id: 'curfew:role', value: ' prod ' };
const event = (content: object) => ({
  type: 'event_callback',
  team_id: 'T1',
  event_id: 'Ev1',
  event: content,
});

describe('what Slack sends is understood', () => {
  test('a command', () => {
    expect(parsePayload({ ...command, text: ' prod-dba 1h INC-1 why ' })).toEqual({
      kind: 'inbound',
      trigger: 't.1',
      inbound: { kind: 'words', key: 'slack:t.1', speaker, text: 'prod-dba 1h INC-1 why' },
    });
  });

  test('a click carries a verb and an id, and no more is believed', () => {
    expect(parsePayload(click)).toMatchObject({
      kind: 'inbound',
      inbound: { kind: 'action', key: 'slack:t.1', speaker, verb: 'approve', id: 'R-7K3M' },
    });
  });

  test('a form, with what was chosen, typed and left empty', () => {
    const values = {
      role: { 'curfew:role': { selected_option: { value: 'prod-dba' } } },
      reason: { 'curfew:text': { value: 'why' } },
      reference: { 'curfew:text': { value: null } },
    };
    expect(parsePayload({ ...submission, view: { ...view, state: { values } } })).toMatchObject({
      inbound: {
        kind: 'form',
        form: 'deny',
        about: 'R-7K3M',
        values: { role: 'prod-dba', reason: 'why', reference: '' },
      },
    });
  });

  test('what is typed into the role field', () => {
    expect(parsePayload(query)).toEqual({ kind: 'role-query', speaker, typed: 'prod' });
  });

  test('the home page opened, and not its messages', () => {
    expect(parsePayload(event({ type: 'app_home_opened', user: 'U1', tab: 'home' }))).toEqual({
      kind: 'home-opened',
      speaker,
    });
    expect(parsePayload(event({ type: 'app_home_opened', user: 'U1', tab: 'messages' }))).toEqual({
      kind: 'ignored',
    });
  });

  test.each([
    ['who was deactivated', { deleted: true }, 'deactivated'],
    ['who was made a guest', { deleted: false, is_restricted: true }, 'guest'],
    ['who was made a guest of one channel', { is_ultra_restricted: true }, 'guest'],
    ['who belongs to another organisation now', { is_stranger: true }, 'outsider'],
    ['who is a bot', { is_bot: true }, 'bot'],
    ['of whom only the name changed', { deleted: false, is_restricted: false }, null],
    ['of whom nothing else is said', {}, null],
  ])('a person %s', (_, over, left) => {
    const user = { id: 'U1', team_id: 'T1', profile: { email: 'x' }, ...over };
    expect(parsePayload(event({ type: 'user_change', user }))).toEqual({
      kind: 'member-changed',
      speaker,
      deliveryKey: 'slack:Ev1',
      left,
    });
  });

  test.each([
    ['and names what else they belong to', { enterprise_id: 'E1', teams: ['T1', 'T2'] }, ['T1', 'T2', 'E1']],
    ['in a shape that Slack does not document', { teams: 'T1' }, undefined],
  ])('a person of an organisation who left, %s', (_, organisation, alsoOf) => {
    const user = { id: 'U1', team_id: 'T2', deleted: true, enterprise_user: organisation };
    expect(parsePayload(event({ type: 'user_change', user }))).toEqual({
      kind: 'member-changed',
      speaker: { ...speaker, workspace: 'T2', ...(alsoOf && { alsoOf }) },
      deliveryKey: 'slack:Ev1',
      left: 'deactivated',
    });
  });

  test('a person who acts in somebody else’s workspace speaks as of their own', () => {
    expect(parsePayload({ ...click, user: { id: 'U1', team_id: 'T2' } })).toMatchObject({
      inbound: { speaker: { workspace: 'T2' } },
    });
    expect(parsePayload({ ...click, user: { id: 'U1' } })).toMatchObject({ inbound: { speaker } });
  });
});

describe('a repetition has the same key, something new another', () => {
  const keyOf = (body: object) => {
    const parsed = parsePayload(body);
    return parsed.kind === 'inbound'
      ? parsed.inbound.key
      : parsed.kind === 'member-changed'
        ? parsed.deliveryKey
        : null;
  };
  const filled = (reason: string, over: object = {}) => ({
    ...submission,
    trigger_id: `${Math.random()}`,
    view: { ...view, ...over, state: { values: { reason: { x: { value: reason } } } } },
  });

  test('commands and clicks by their trigger', () => {
    expect(keyOf(command)).toBe(keyOf({ ...command }));
    expect(keyOf(command)).not.toBe(keyOf({ ...command, trigger_id: 't.2' }));
    expect(keyOf(click)).not.toBe(keyOf({ ...click, trigger_id: 't.2' }));
  });

  test('a form sent twice is one, a corrected one is another', () => {
    expect(keyOf(filled('why'))).toBe(keyOf(filled('why')));
    // After "wrong, beside the field" Slack sends the same view and hash again.
    expect(keyOf(filled('why'))).not.toBe(keyOf(filled('a better why')));
    expect(keyOf(filled('why'))).not.toBe(keyOf(filled('why', { hash: 'h2' })));
    expect(keyOf(filled('why'))).not.toBe(keyOf(filled('why', { id: 'V2' })));
  });

  test('events by their id, not by when they came', () => {
    const changed = { ...event({ type: 'user_change', user: { id: 'U1', deleted: true } }), event_time: 1 };
    expect(keyOf(changed)).toBe('slack:Ev1');
    expect(keyOf({ ...changed, event_time: 2 })).toBe('slack:Ev1');
  });
});

describe('text comes back as it was typed', () => {
  test.each([
    ['revoke <@U123|ana> leaked', 'revoke <@U123> leaked'],
    ['in <#C1|dba> and <#C2>', 'in #dba and #C2'],
    ['x <https://a.test/?q=1&amp;r=2> y', 'x https://a.test/?q=1&r=2 y'],
    ['<https://a.test|a.test>', 'https://a.test'],
    ['<mailto:ana@acme.test|ana@acme.test>', 'ana@acme.test'],
    ['<!here> <!subteam^S1|@dbas>', '@here @dbas'],
    ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
    ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['a < b', 'a < b'],
  ])('%s', (sent, typed) => {
    expect(plainFromEscaped(sent)).toBe(typed);
  });
});

describe('what is malformed is refused, never thrown', () => {
  const cases: [string, unknown][] = [
    ['null', null],
    ['nothing', undefined],
    ['a number', 7],
    ['a string', 'x'],
    ['a list', [command]],
    ['an empty object', {}],
    ['an unknown type', { type: 'surprise' }],
    ['a command without a user', { ...command, user_id: undefined }],
    ['a command given twice', { ...command, command: ['/elevate', '/elevate'] }],
    ['two texts', { ...command, text: ['a', 'b'] }],
    ['a user id that is none', { ...command, user_id: '<!channel>' }],
    ['endless text', { ...command, text: 'x'.repeat(20_001) }],
    ['a click without actions', { ...click, actions: [] }],
    ['two clicks at once', { ...click, actions: [click.actions[0], click.actions[0]] }],
    ['a click without a person', { ...click, user: null }],
    ['a click from nowhere', { ...click, user: { id: 'U1' }, team: null }],
    ['a click without an id', { ...click, actions: [{ action_id: 'curfew:approve:0' }] }],
    ['a click without a trigger', { ...click, trigger_id: '' }],
    [
      'a form of an unknown kind',
      { ...submission, view: { ...view, private_metadata: '{"form":"x","about":null}' } },
    ],
    [
      'a form with more in its metadata',
      { ...submission, view: { ...view, private_metadata: '{"form":"deny","about":null,"admin":true}' } },
    ],
    ['a form without state', { ...submission, view: { ...view, state: undefined } }],
    [
      'a form with odd values',
      { ...submission, view: { ...view, state: { values: { reason: { x: { value: 7 } } } } } },
    ],
    ['an event without an id', { ...event({ type: 'user_change' }), event_id: undefined }],
    ['a change of nobody', event({ type: 'user_change', user: 'U1' })],
    ['an event that is a string', { ...event({}), event: 'user_change' }],
    ['a challenge that is an object', { type: 'url_verification', challenge: {} }],
  ];
  test.each(cases)('%s', (_name, body) => {
    expect(parsePayload(body).kind).toBe('refused');
  });

  test('whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (body) => void parsePayload(body)));
    const types = fc.constantFrom('block_actions', 'view_submission', 'block_suggestion', 'event_callback');
    fc.assert(
      fc.property(types, fc.object({ maxDepth: 4 }), (type, rest) => {
        expect(['refused', 'ignored']).toContain(parsePayload({ ...rest, type }).kind);
      }),
    );
  });
});

test.each([
  ['a button that is not ours', { ...click, actions: [{ action_id: 'other:approve', value: 'R-1' }] }],
  ['an unknown verb', { ...click, actions: [{ action_id: 'curfew:explode:0', value: 'R-1' }] }],
  ['a form that is not ours', { ...submission, view: { ...view, callback_id: 'other' } }],
  ['a field that is not ours', { ...query, action_id: 'other' }],
  ['an event nobody asked for', event({ type: 'message', text: 'hi' })],
])('%s is none of our business', (_name, body) => {
  expect(parsePayload(body)).toEqual({ kind: 'ignored' });
});
