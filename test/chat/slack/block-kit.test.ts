/** The checker that every other Slack test leans on must itself refuse what Slack refuses. */
import { describe, expect, test } from 'vitest';
import {
  messageFaults,
  optionsFaults,
  viewAnswerFaults,
  viewFaults,
} from '../../../src/playground/workspace/block-kit.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const header = (text: string, id?: string) => ({
  type: 'header',
  text: plain(text),
  ...(id ? { block_id: id } : {}),
});
const button = (over: object = {}) => ({ type: 'button', action_id: 'a', text: plain('Go'), ...over });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const context = (text: string) => ({ type: 'context', elements: [{ type: 'mrkdwn', text }] });
const rich = (...elements: object[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});
const message = (...blocks: object[]) => ({ channel: 'C1', text: 'hello', blocks });
const input = (element: object) => ({ type: 'input', block_id: 'b', label: plain('L'), element });
const modal = (over: object = {}, ...blocks: object[]) => ({
  type: 'modal',
  callback_id: 'c',
  title: plain('T'),
  submit: plain('S'),
  blocks: blocks.length > 0 ? blocks : [header('h')],
  ...over,
});
const textInput = (over: object = {}) => input({ type: 'plain_text_input', action_id: 'a', ...over });

test('what Slack takes passes', () => {
  expect(
    messageFaults(
      message(
        header('x'.repeat(150), 'curfew:R-7K3M:card:3'),
        rich({ type: 'text', text: '<!channel> & *x*' }, { type: 'user', user_id: 'U1' }),
        actions(button({ value: 'R-7K3M', style: 'danger' })),
        context('a &amp; b <@U12> <!date^1700000000^{time}|noon> <https://x.test/?a=1&amp;b=2|x>'),
        { type: 'divider' },
      ),
    ),
  ).toEqual([]);
  expect(viewFaults(modal({}, textInput({ max_length: 500, initial_value: 'a' })))).toEqual([]);
  expect(optionsFaults({ options: [{ text: plain('t'), value: 'v' }] })).toEqual([]);
  expect(viewAnswerFaults({ response_action: 'errors', errors: { reason: 'Say why.' } })).toEqual([]);
});

describe('what Slack refuses is refused', () => {
  const cases: [string, string[]][] = [
    ['no text', messageFaults({ blocks: [header('h')] })],
    ['no blocks in the list', messageFaults(message())],
    ['51 blocks', messageFaults(message(...Array.from({ length: 51 }, () => header('h'))))],
    ['an unknown block', messageFaults(message({ type: 'banner' }))],
    ['an unknown key', messageFaults(message({ ...header('h'), colour: 'red' }))],
    ['a long header', messageFaults(message(header('x'.repeat(151))))],
    ['an empty header', messageFaults(message(header('')))],
    ['a long block id', messageFaults(message(header('h', 'x'.repeat(256))))],
    ['two equal block ids', messageFaults(message(header('h', 'x'), header('h', 'x')))],
    ['two equal action ids in a block', messageFaults(message(actions(button(), button())))],
    [
      '26 buttons',
      messageFaults(message(actions(...Array.from({ length: 26 }, (_, i) => button({ action_id: `${i}` }))))),
    ],
    ['a long button', messageFaults(message(actions(button({ text: plain('x'.repeat(76)) }))))],
    ['a long value', messageFaults(message(actions(button({ value: 'x'.repeat(2001) }))))],
    ['an unknown style', messageFaults(message(actions(button({ style: 'fancy' }))))],
    ['mrkdwn on a button', messageFaults(message(actions(button({ text: { type: 'mrkdwn', text: 'x' } }))))],
    [
      'a long confirmation',
      messageFaults(
        message(
          actions(
            button({
              confirm: {
                title: plain('t'),
                text: plain('x'.repeat(301)),
                confirm: plain('y'),
                deny: plain('n'),
              },
            }),
          ),
        ),
      ),
    ],
    ['a section with nothing', messageFaults(message({ type: 'section' }))],
    ['a long section', messageFaults(message({ type: 'section', text: plain('x'.repeat(3001)) }))],
    [
      '11 fields',
      messageFaults(message({ type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) })),
    ],
    ['a long field', messageFaults(message({ type: 'section', fields: [plain('x'.repeat(2001))] }))],
    ['an input in a message', messageFaults(message(textInput()))],
    ['a broadcast', messageFaults(message(rich({ type: 'broadcast', range: 'channel' })))],
    ['an empty rich text', messageFaults(message(rich({ type: 'text', text: '' })))],
    ['a script link', messageFaults(message(rich({ type: 'link', url: 'javascript:alert(1)' })))],
    ['<!channel> in mrkdwn', messageFaults(message(context('<!channel>')))],
    ['a group mention in mrkdwn', messageFaults(message(context('<!subteam^S1>')))],
    ['a bare & in mrkdwn', messageFaults(message(context('a & b')))],
    ['a cut entity', messageFaults(message(context('a &am')))],
    ['an unescaped header', messageFaults(message(header('<b>')))],
    ['<!here> in the text', messageFaults({ text: '<!here>' })],
    [
      'more than Slack takes in all',
      messageFaults(
        message(...Array.from({ length: 5 }, () => rich({ type: 'text', text: 'x'.repeat(2900) }))),
      ),
    ],
    ['101 blocks in a view', viewFaults(modal({}, ...Array.from({ length: 101 }, () => header('h'))))],
    ['a long view title', viewFaults(modal({ title: plain('x'.repeat(25)) }))],
    ['inputs without submit', viewFaults(modal({ submit: undefined }, textInput()))],
    ['long metadata', viewFaults(modal({ private_metadata: 'x'.repeat(3001) }))],
    [
      'a first value over its limit',
      viewFaults(modal({}, textInput({ max_length: 2, initial_value: 'abc' }))),
    ],
    ['a static select', viewFaults(modal({}, input({ type: 'static_select', action_id: 'a', options: [] })))],
    ['a home with a title', viewFaults({ type: 'home', title: plain('x'), blocks: [header('h')] })],
    [
      '101 options',
      optionsFaults({
        options: Array.from({ length: 101 }, (_, i) => ({ text: plain('t'), value: `${i}` })),
      }),
    ],
    ['a long option', optionsFaults({ options: [{ text: plain('x'.repeat(76)), value: 'v' }] })],
    ['a long option value', optionsFaults({ options: [{ text: plain('t'), value: 'x'.repeat(151) }] })],
    ['an empty error', viewAnswerFaults({ response_action: 'errors', errors: { reason: '' } })],
    ['an unknown answer', viewAnswerFaults({ response_action: 'reload' })],
  ];
  test.each(cases)('%s', (_name, found) => {
    expect(found).not.toEqual([]);
  });
});
