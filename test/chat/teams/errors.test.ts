import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../src/chat/teams/connector-error.ts';
import { toChatError } from '../../../src/chat/teams/errors.ts';

const now = Date.UTC(2026, 5, 1, 12, 0, 0);
const answered = (
  status: number,
  { code = `http_${status}`, retryAfter = null as string | null, chatOf = null as string | null } = {},
) =>
  toChatError(new ConnectorError(code, { status, retryAfter, sent: true }), {
    method: 'post',
    person: chatOf === null ? undefined : { name: chatOf },
    now,
  });

describe('what can pass by itself is tried again', () => {
  test.each([
    [429, 'Throttled', true],
    [412, 'PreconditionFailed', true],
    [500, 'ServiceError', false],
    [502, 'ServiceError', false],
    [503, 'ServiceUnavailable', false],
    [504, 'GatewayTimeout', false],
    [302, 'http_302', false],
  ])('%i %s', (status, code, outcomeKnown) => {
    expect(answered(status, { code })).toMatchObject({ kind: 'retry', code, outcomeKnown });
  });

  test.each([
    ['a number of seconds', '17', 17],
    ['a date', 'Mon, 01 Jun 2026 12:00:30 GMT', 30],
    ['a date that is past', 'Mon, 01 Jun 2026 11:00:00 GMT', 0],
    ['longer than an hour', '999999', 3600],
    ['nothing that can be read', 'soon', 2],
    ['nothing', null, 2],
  ])('the wait that Teams names: %s', (_name, retryAfter, retryAfterS) => {
    expect(answered(429, { retryAfter }).retryAfterS).toBe(retryAfterS);
  });
});

describe('what the operator can mend is never given up on, and says what to look at', () => {
  test.each([
    [403, 'http_403', 'MicrosoftAppPassword'],
    [403, 'BotDisabledByAdmin', 'administrator'],
    [403, 'InvalidBotApiHost', 'another address'],
  ])('%i %s', (status, code, says) => {
    const error = answered(status, { code });
    expect(error).toMatchObject({ kind: 'retry', retryAfterS: 60, outcomeKnown: true });
    expect(error.message).toContain(says);
  });
});

describe('where the app is let do nothing at all, everything waits, and it says what to look at', () => {
  test.each([
    [401, 'BotNotRegistered', 'MicrosoftAppId'],
    [401, 'http_401', 'MicrosoftAppPassword'],
    [0, 'no_token', 'MicrosoftAppTenantId'],
  ])('%i %s', (status, code, says) => {
    const error = answered(status, { code });
    expect(error).toMatchObject({ kind: 'app-refused', outcomeKnown: true });
    expect(error.message).toContain(says);
  });
});

describe('a closed chat', () => {
  test.each([
    'MessageWritesBlocked',
    'BotNotInConversationRoster',
    'ConversationBlockedByUser',
    'ForbiddenOperationException',
  ])('%s: the person has to do something; a channel is closed', (code) => {
    expect(answered(403, { code, chatOf: 'Omar' })).toMatchObject({
      kind: 'unreachable',
      message: 'Omar has not added Curfew in Teams, or blocked it.',
    });
    expect(answered(403, { code })).toMatchObject({ kind: 'closed' });
  });

  test('an administrator who closed it is named, not the person', () => {
    expect(answered(403, { code: 'BotDisabledByAdmin', chatOf: 'Omar' })).toMatchObject({
      kind: 'unreachable',
      message: 'An administrator of Teams has switched Curfew off for Omar.',
    });
  });
});

test.each([
  [404, 'ConversationNotFound', 'gone'],
  [404, 'ActivityNotFoundInConversation', 'gone'],
  [413, 'MessageSizeTooBig', 'refused'],
  [400, 'Bad Argument', 'refused'],
  [410, 'http_410', 'gone'],
] as const)('%i %s is never tried again: %s', (status, code, kind) => {
  expect(answered(status, { code })).toMatchObject({ kind, code, outcomeKnown: true });
});

test.each([
  [403, 'NotEnoughPermissions'],
  [409, 'Conflict'],
  [422, 'ACodeOfNextYear'],
])('%i %s was not foreseen, so the place is looked at again', (status, code) => {
  expect(answered(status, { code })).toMatchObject({ kind: 'closed', code, outcomeKnown: true });
});

test('no answer: whether it happened depends on whether anything was sent', () => {
  const cut = (sent: boolean) =>
    toChatError(new ConnectorError('no_answer', { sent }), { method: 'post', now });
  expect(cut(true)).toMatchObject({ kind: 'retry', outcomeKnown: false });
  expect(cut(false)).toMatchObject({ kind: 'retry', outcomeKnown: true });
});

test('of an unforeseen error nothing is told but that nothing is known', () => {
  const error = toChatError(new Error('Bearer secret-token'), { method: 'post', now });
  expect(error).toMatchObject({ kind: 'retry', outcomeKnown: false });
  expect(`${error.message} ${String(error.cause)}`).not.toContain('secret-token');
});
