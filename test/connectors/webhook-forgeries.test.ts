/** What the connector makes of answers that are not the receiver's, or not to its question: nothing. */
import { describe, expect, test } from 'vitest';
import { callContext } from '../support/connector-fixture.ts';
import { type Answer, answeringReceivers, failureOf, send } from '../support/webhook-answering.ts';

const permission = { role: 'operator' };
const permissionId = '[["role","operator"]]';
const edge = { permission, permissionId, account: 'ana', accountId: 'ana' };
const absent = { direct: false, inherited: [] };

describe('the webhook connector', () => {
  const { answering } = answeringReceivers();

  test('a well-signed "absent" is believed', async () => {
    const connector = await answering(({ id, attempt }, response) =>
      send(response, `re_${id}`, { attempt, target: 'a', result: absent }),
    );
    expect(await connector.inspect(edge, callContext('a'))).toEqual(absent);
  });

  const other = `whsec_${Buffer.from('the secret of a man in the middle').toString('base64')}`;
  const forgeries: [string, Answer][] = [
    [
      'without a signature',
      ({ attempt }, response) => void response.end(JSON.stringify({ attempt, target: 'a', result: absent })),
    ],
    [
      'signed with another secret',
      ({ id, attempt }, response) =>
        send(response, `re_${id}`, { attempt, target: 'a', result: absent }, 200, other),
    ],
    [
      'signed for another message',
      ({ attempt }, response) => send(response, 're_msg_other', { attempt, target: 'a', result: absent }),
    ],
    [
      'signed for an earlier attempt of the same message',
      ({ id }, response) => send(response, `re_${id}`, { attempt: 'earlier', target: 'a', result: absent }),
    ],
    [
      'that is the question sent back',
      ({ headers, body }, response) => {
        const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers;
        response.writeHead(200, {
          'webhook-id': `re_${id}`,
          'webhook-timestamp': at,
          'webhook-signature': signature,
        });
        response.end(body);
      },
    ],
  ];
  test.each(forgeries)('an "absent" %s is not believed', async (_, answer) => {
    const connector = await answering(answer);
    for (const question of [
      () => connector.inspect(edge, callContext('a')),
      () => connector.revoke(edge, callContext('a')),
    ]) {
      expect(await failureOf(question())).toMatchObject({ kind: 'retryable', code: 'unverified_answer' });
    }
    expect(await failureOf(connector.revoke(edge, callContext('a')))).toMatchObject({ outcomeKnown: false });
  });

  test("a signed answer of another target is not this one's answer", async () => {
    const connector = await answering(({ id, attempt }, response) =>
      send(response, `re_${id}`, { attempt, target: 'b', result: absent }),
    );
    const expected = { kind: 'terminal', code: 'target_replaced' };
    expect(await failureOf(connector.inspect(edge, callContext('a')))).toMatchObject(expected);
    // It may have been done there.
    expect(await failureOf(connector.grant(edge, callContext('a')))).toMatchObject({
      ...expected,
      outcomeKnown: false,
    });
  });
});
