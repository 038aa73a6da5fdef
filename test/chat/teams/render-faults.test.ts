/** The checker that the other tests of Teams' cards lean on must itself refuse what Teams refuses. */
import { expect, test } from 'vitest';
import { cardFaults, type Json } from '../../support/adaptive-cards.ts';

const execute = { type: 'Action.Execute', title: 'Go', verb: 'x', data: {} };

function card(body: readonly Json[], over: Json = {}): Json {
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    fallbackText: 'x',
    body,
    ...over,
  };
}
const text = (words: string): Json => ({ type: 'TextBlock', text: words });

test('a plain card passes', () => {
  expect(cardFaults(card([text('Hello'), { type: 'ActionSet', actions: [execute] }]))).toEqual([]);
});

test.each<[string, Json, RegExp]>([
  [
    'an action newer than its version',
    card([], { version: '1.3', actions: [execute] }),
    /Execute needs 1\.4/,
  ],
  [
    'a refresh newer than its version',
    card([], { version: '1.3', refresh: { action: execute, userIds: ['1'] } }),
    /refresh needs 1\.4/,
  ],
  ['an unknown element', card([{ type: 'Badge', text: 'x' }]), /Badge is no element/],
  ['an unknown property', card([{ ...text('x'), colour: 'red' }]), /TextBlock has no colour/],
  [
    'a property of a later version',
    card([{ type: 'Input.Text', id: 'a', inputStyle: 'x' }]),
    /inputStyle needs 1\.6/,
  ],
  ['a list without choices', card([{ type: 'Input.ChoiceSet', id: 'a', choices: [] }]), /choice/i],
  ['seven buttons in a row', card([{ type: 'ActionSet', actions: Array(7).fill(execute) }]), /more than 6/],
  [
    'two elements of one id',
    card([
      { ...text('x'), id: 'a' },
      { ...text('y'), id: 'a' },
    ]),
    /one id/i,
  ],
  ['a mention of nobody', card([text('<at>Ana</at>')]), /is nobody/],
  [
    'somebody who is mentioned nowhere',
    card([], { msteams: { entities: [{ text: '<at>Ana</at>' }] } }),
    /stands nowhere/,
  ],
  ['markup beside a mention', card([text('<b>x</b>')]), /<b>/],
  ['too much of it', card([text('x'.repeat(30_000))]), /24 KB/],
  ['nothing for other clients', card([], { fallbackText: '' }), /fallbackText/],
  ['a refresh for everybody', card([], { refresh: { action: execute, userIds: [] } }), /refresh for nobody/],
])('%s is refused', (_, faulty, why) => {
  expect(cardFaults(faulty).join('\n')).toMatch(why);
});
