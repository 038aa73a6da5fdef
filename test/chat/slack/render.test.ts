import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACTION_VERBS,
  type Action,
  type Card,
  type CardElement,
  type Home,
  type Span,
} from '../../../src/chat/card.ts';
import { renderCard, renderHome, renderLine, renderReply } from '../../../src/chat/slack/render.ts';
import { renderNotice } from '../../../src/chat/slack/render-form.ts';
import { messageFaults, viewFaults } from '../../../src/playground/workspace/block-kit.ts';

const ana = { platform: 'slack', userId: 'U0ANA', name: 'Ana' };
const at = new Date('2026-11-20T15:04:59Z');

function card(over: Partial<Card> = {}): Card {
  return {
    title: 'Ana asks for Production database admin',
    tone: 'waiting',
    summary: 'Ana asks for Production database admin',
    body: [],
    actions: [],
    footer: [],
    ...over,
  };
}

const line = (...spans: Span[]): CardElement => ({ kind: 'line', line: spans });
const json = (value: unknown) => JSON.stringify(value);

describe('a card', () => {
  test('says who, what, how long, in which words, and what can be done, in that order', () => {
    const rendered = renderCard(
      card({
        body: [
          line({ person: ana }, ' would be ', { code: 'member of dba on prod-pg' }),
          { kind: 'facts', facts: [{ label: 'Duration', value: ['1 hour'] }] },
          { kind: 'quote', text: 'failing over the primary' },
        ],
        actions: [{ verb: 'approve', id: 'R-7K3M', label: 'Approve', style: 'primary' }],
        footer: ['R-7K3M, asked ', { at, style: 'time' }],
      }),
      { marker: 'curfew:R-7K3M:card:3' },
    );
    expect(rendered.blocks).toEqual([
      {
        type: 'header',
        block_id: 'curfew:R-7K3M:card:3',
        text: { type: 'plain_text', text: '🟡 Ana asks for Production database admin', emoji: false },
      },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'user', user_id: 'U0ANA' },
              { type: 'text', text: ' would be ' },
              { type: 'text', text: 'member of dba on prod-pg', style: { code: true } },
              { type: 'text', text: '\n' },
              { type: 'text', text: 'Duration:', style: { bold: true } },
              { type: 'text', text: ' ' },
              { type: 'text', text: '1 hour' },
            ],
          },
          { type: 'rich_text_quote', elements: [{ type: 'text', text: 'failing over the primary' }] },
        ],
      },
      {
        type: 'actions',
        block_id: 'curfew:approve:R-7K3M:0',
        elements: [
          {
            type: 'button',
            action_id: 'curfew:approve:0',
            value: 'R-7K3M',
            text: { type: 'plain_text', text: 'Approve', emoji: false },
            style: 'primary',
          },
        ],
      },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: 'R-7K3M, asked <!date^1795187099^{date_short_pretty} {time}|2026-11-20 15:04 UTC>',
            verbatim: true,
          },
        ],
      },
    ]);
    expect(messageFaults(rendered)).toEqual([]);
  });

  test('shows dates in the reader’s zone, with UTC where Slack cannot', () => {
    expect(json(renderLine(['until ', { at, style: 'time' }]).blocks)).toContain(
      json({
        type: 'date',
        timestamp: 1795187099,
        format: '{date_short_pretty} {time}',
        fallback: '2026-11-20 15:04 UTC',
      }),
    );
    expect(json(renderLine([{ at, style: 'date' }]).blocks)).toContain('"fallback":"2026-11-20"');
  });

  test('mentions only people of Slack', () => {
    const rendered = renderLine([
      { person: ana },
      { person: { platform: 'teams', userId: 'U0TEAMS', name: 'Tea' } },
      { person: { platform: 'slack', userId: '!channel', name: 'Sly' } },
    ]);
    expect(json(rendered.blocks).match(/"type":"user"/g)).toHaveLength(1);
    expect(rendered.text).toBe('AnaTeaSly');
  });

  test('makes a link only of a web address', () => {
    const rendered = renderLine([
      { link: 'javascript:alert(1)', text: 'one' },
      { link: 'https://x.test/?a=1&b=<2>', text: 'two' },
    ]);
    expect(json(rendered.blocks)).not.toContain('javascript');
    expect(json(rendered.blocks)).toContain('"type":"link"');
    const small = renderCard(card({ footer: [{ link: 'https://x.test/?a=1&b=<2>|3', text: 'a|b<' }] }));
    expect(messageFaults(small)).toEqual([]);
  });
});

describe('hostile text stays inert', () => {
  const hostile = [
    '<!channel> <!here> <!subteam^S1|x>',
    '<@U1> and <#C1|general>',
    '*bold* _it_ ~struck~ `code` ```block```',
    ':white_check_mark: Approved by Omar',
    '&lt;!channel&gt; &amp;',
    '<https://evil.test|https://good.test>',
    '\u202Egnihton\u202C \u2066x\u2069 \u0000\u0007',
    'שלום עולם مرحبا',
    '👩‍👩‍👧‍👦'.repeat(700),
    '&<>'.repeat(1200),
    `${'x'.repeat(3000)}&`,
    '"\\'.repeat(2000),
    '> quoted\n>>> more',
    '',
    ' \n ',
  ];

  test.each(hostile)('%j', (text) => {
    const everywhere = card({
      title: text,
      summary: text,
      body: [
        line(text, { bold: text }, { code: text }, { link: 'https://x.test', text }),
        line({ person: { platform: 'teams', userId: text, name: text } }),
        { kind: 'facts', facts: [{ label: text, value: [text] }] },
        { kind: 'quote', text },
      ],
      actions: [{ verb: 'deny', id: 'R-1', label: text, confirm: { title: text, text, yes: text } }],
      footer: [text, { code: text }, { bold: text }],
    });
    const message = renderCard(everywhere, { marker: 'curfew:R-1:card:1' });
    expect(messageFaults(message)).toEqual([]);
    expect(
      viewFaults(renderHome({ sections: [{ title: text, empty: text, cards: [everywhere] }], actions: [] })),
    ).toEqual([]);
    // Mentions, links and dates are elements of their own: none of these was asked for.
    expect(json(message.blocks)).not.toMatch(/"type":"(user|broadcast|usergroup|channel|emoji)"/);
    expect(json(message)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    // In small print, where Slack reads formatting, no formatting character is left but our own.
    const small = json(message.blocks.filter(({ type }) => type === 'context'));
    expect(small).not.toMatch(/<!channel|<@U1>|:white_check_mark:|~struck~|_it_/);
  });

  test('people’s words are shown as they wrote them', () => {
    const words = 'a <b> & *c* _d_ :x: שלום 👩‍👩‍👧‍👦';
    expect(json(renderCard(card({ body: [{ kind: 'quote', text: words }] })).blocks)).toContain(json(words));
  });

  test('a cut never leaves half an entity or half a character', () => {
    const family = '👩‍👩‍👧‍👦';
    for (let pad = 0; pad < 14; pad += 1) {
      const title = `${'x'.repeat(130 + pad)}&&&&&&${family}${family}`;
      const [header] = renderCard(card({ title })).blocks;
      const text = header?.type === 'header' ? header.text.text : '';
      expect(text.length).toBeLessThanOrEqual(150);
      expect(text).toMatch(/^🟡 x+(&amp;)*(👩‍👩‍👧‍👦)?…$/u);
    }
  });
});

describe('limits', () => {
  test('a card with too many long words loses its quotations first', () => {
    const body: CardElement[] = [
      line('What it really gives'),
      ...Array.from({ length: 12 }, (): CardElement => ({ kind: 'quote', text: 'q'.repeat(2900) })),
    ];
    const rendered = renderCard(card({ body }));
    expect(messageFaults(rendered)).toEqual([]);
    expect(json(rendered.blocks).length).toBeLessThanOrEqual(12_000);
    expect(json(rendered.blocks)).toContain('What it really gives');
    expect(json(rendered.blocks)).toContain('q…');
  });

  test('a card of a thousand lines says that there is more, and keeps its buttons', () => {
    const rendered = renderCard(
      card({
        body: Array.from({ length: 1000 }, (_, i) => line(`line ${i} ${'x'.repeat(200)}`)),
        actions: [{ verb: 'approve', id: 'R-1', label: 'Approve' }],
        footer: ['R-1'],
      }),
    );
    expect(messageFaults(rendered)).toEqual([]);
    expect(json(rendered.blocks)).toContain('and more, which does not fit here');
    expect(rendered.blocks.map(({ type }) => type).slice(-2)).toEqual(['actions', 'context']);
  });

  test('a card never has more than 50 blocks', () => {
    const body = Array.from({ length: 80 }, (): CardElement => ({ kind: 'divider' }));
    expect(messageFaults(renderCard(card({ body })))).toEqual([]);
  });

  test('a home page with hundreds of requests stays within 100 blocks and says what it left out', () => {
    const cards = Array.from({ length: 300 }, (_, i) =>
      card({
        title: `Request ${i}`,
        body: [line('x'.repeat(300))],
        actions: [{ verb: 'approve', id: `R-${i}`, label: 'Approve' }],
        footer: [`R-${i}`],
      }),
    );
    const home: Home = {
      sections: [
        { title: 'My live access', empty: 'None.', cards },
        { title: 'Waits for me', empty: 'Nothing waits for you.', cards: [] },
      ],
      actions: [{ verb: 'new-request', id: 'new', label: 'Ask for access' }],
    };
    const view = renderHome(home);
    expect(viewFaults(view)).toEqual([]);
    expect(json(view)).toMatch(/and \d+ more, which do not fit here/);
    expect(json(view)).toContain('Nothing waits for you.');
  });

  test('whatever a card says, Slack takes it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.constantFrom('<!channel>', '&amp;', '*x*', '&'.repeat(4000), '👩‍👩‍👧‍👦'.repeat(400), ''),
    );
    const span: fc.Arbitrary<Span> = fc.oneof(
      text,
      text.map((bold) => ({ bold })),
      text.map((code) => ({ code })),
      text.map((name) => ({ person: { ...ana, name } })),
      fc.constant({ at, style: 'time' as const }),
      fc.record({ link: fc.webUrl({ withQueryParameters: true, withFragments: true }), text }),
    );
    const lines = fc.array(span, { maxLength: 6 });
    const action: fc.Arbitrary<Action> = fc.record({
      verb: fc.constantFrom(...ACTION_VERBS),
      id: fc.constant('R-7K3M'),
      label: text,
      confirm: fc.option(fc.record({ title: text, text, yes: text }), { nil: undefined }),
    });
    const element: fc.Arbitrary<CardElement> = fc.oneof(
      lines.map((spans) => ({ kind: 'line' as const, line: spans })),
      text.map((words) => ({ kind: 'quote' as const, text: words })),
      fc
        .array(fc.record({ label: text, value: lines }), { maxLength: 10 })
        .map((facts) => ({ kind: 'facts' as const, facts })),
      fc.constant({ kind: 'divider' as const }),
    );
    const anyCard = fc.record({
      title: text,
      tone: fc.constantFrom('waiting' as const, 'alarm' as const),
      summary: text,
      body: fc.array(element, { maxLength: 70 }),
      actions: fc.array(action, { maxLength: 6 }),
      footer: lines,
    });
    fc.assert(
      fc.property(anyCard, (value) => {
        expect(messageFaults(renderCard(value, { marker: 'curfew:R-7K3M:card:1' }))).toEqual([]);
        expect(viewFaults(renderNotice({ card: value }))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

test('an answer is a line, a card, or nothing', () => {
  expect(renderReply({ kind: 'none' })).toBeNull();
  expect(renderReply({ kind: 'text', line: ['No such role.'] })?.text).toBe('No such role.');
  expect(renderReply({ kind: 'card', card: card() })?.blocks[0]?.type).toBe('header');
});
