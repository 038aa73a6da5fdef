/** What holds for every card, whatever people and targets have written, and however much of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACTION_VERBS,
  type Action,
  type Card,
  type CardElement,
  type Line,
  type PersonRef,
  type Span,
} from '../../../src/chat/card.ts';
import { requestCard } from '../../../src/chat/cards/request-card.ts';
import { renderCard, renderHome, renderLine } from '../../../src/chat/teams/render.ts';
import { cardFaults, cardText, type Json, nodesOf } from '../../support/adaptive-cards.ts';
import { at, contextOf, dba, grantView, requestView } from '../../support/views.ts';
import { AUDIENCES } from '../cards/reading.ts';

const options = {
  marker: 'curfew:R-7K3M:card:1',
  addressOf: ({ userId }: PersonRef) => (userId.startsWith('0') ? null : `29:${userId}`),
  dialogs: true,
};
const HOSTILE = [
  '',
  ' \n ',
  '<at>Everyone</at>',
  '[x](http://evil.test) http://evil.test',
  '*b* _i_ ~s~ `c` &lt;at&gt; \\',
  '{{DATE(2017-02-14T06:08:39Z, SHORT)}}',
  '{',
  '{{TIME(2017-02-14T06:08:39Z)}}',
  '- x\n1. y\n# z',
  '\u202Egnihton\u202C \u2066x\u2069 \u0000\u0007',
  '"\\'.repeat(2000),
  '&<>'.repeat(1500),
  '👩‍👩‍👧‍👦'.repeat(400),
  '界'.repeat(3000),
];

const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 300 }));
const person = fc.record({
  platform: fc.constantFrom('teams', 'slack'),
  userId: fc.oneof(fc.uuid(), fc.constantFrom('<at>', 'x'.repeat(500))),
  name: text,
});
const span: fc.Arbitrary<Span> = fc.oneof(
  text,
  text.map((bold) => ({ bold })),
  text.map((code) => ({ code })),
  fc.record({ person }),
  fc.constant({ at: at('15:04:59'), style: 'time' as const }),
  fc.record({
    link: fc.constantFrom(
      'https://x.test/a_(b)',
      'javascript:alert(1)',
      `https://x.test/${'y'.repeat(1900)}`,
    ),
    text,
  }),
);
const lines: fc.Arbitrary<Line> = fc.oneof(
  { weight: 9, arbitrary: fc.array(span, { maxLength: 6 }) },
  fc.constantFrom(500, 1).map((length) => Array.from({ length }, () => ({ bold: 'x' }))),
);
const action: fc.Arbitrary<Action> = fc.record({
  verb: fc.constantFrom(...ACTION_VERBS),
  id: fc.constant('R-7K3M'),
  label: text,
  style: fc.constantFrom('primary' as const, 'danger' as const, undefined),
  confirm: fc.option(fc.record({ title: text, text, yes: text }), { nil: undefined }),
});
const element: fc.Arbitrary<CardElement> = fc.oneof(
  lines.map((line) => ({ kind: 'line' as const, line })),
  text.map((words) => ({ kind: 'quote' as const, text: words })),
  fc
    .array(fc.record({ label: text, value: lines }), { maxLength: 10 })
    .map((facts) => ({ kind: 'facts' as const, facts })),
  fc.array(action, { maxLength: 9 }).map((actions) => ({ kind: 'actions' as const, actions })),
  fc.constant({ kind: 'divider' as const }),
);
const anyCard: fc.Arbitrary<Card> = fc.record({
  title: text,
  tone: fc.constantFrom('waiting', 'working', 'good', 'ended', 'refused', 'alarm'),
  summary: text,
  body: fc.oneof(fc.array(element, { maxLength: 8 }), fc.array(element, { minLength: 40, maxLength: 70 })),
  actions: fc.array(action, { maxLength: 8 }),
  footer: lines,
  reserved: fc.option(
    fc.record({ about: fc.constant('R-7K3M'), people: fc.array(person, { maxLength: 90 }) }),
    {
      nil: undefined,
    },
  ),
});

/** Nothing is followed, counted, or formatted but what the model asked for. */
function injected(card: Json): string[] {
  const nodes = nodesOf(card);
  const blocks = nodes.flatMap((node) => (node.type === 'TextBlock' ? [String(node.text)] : []));
  const runs = nodes.flatMap((node) => (node.type === 'TextRun' ? [String(node.text)] : []));
  const links = blocks.flatMap((block) =>
    [...block.matchAll(/\]\(([^)]*)\)/g)].map(([, url]) => String(url)),
  );
  const urls = nodes.flatMap((node) => (node.type === 'Action.OpenUrl' ? [String(node.url)] : []));
  const dates = [...blocks, ...runs].flatMap((words) => words.match(/\{\{(DATE|TIME)\([^)]*/g) ?? []);
  const plain = blocks.map((block) =>
    block.replace(/\[[^[\]]*\]\([^)]*\)|<at>[^<>]*<\/at>|\*\*[^*]*\*\*/g, ''),
  );
  return [
    ...[...links, ...urls].filter((url) => !url.startsWith('https://x.test/')),
    ...dates.filter((date) => !date.includes('2026-11-20T15:04:59Z')),
    ...plain.filter((words) => /[*_~`[\]&\\\n]|http:\/\//.test(words)),
    ...[...blocks, ...runs].filter((words) => /[\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(words)),
    ...runs.filter((words) => /<\/?at/i.test(words)),
  ];
}

describe('whatever a card says', () => {
  test('Teams takes it, and nothing typed becomes more than words', () => {
    fc.assert(
      fc.property(anyCard, fc.option(lines, { nil: undefined }), fc.boolean(), (card, note, dialogs) => {
        const rendered = renderCard(card, { ...options, dialogs, ...(note ? { note } : {}) });
        expect(cardFaults(rendered)).toEqual([]);
        expect(injected(rendered)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('so do lines, and the home page', () => {
    const sections = fc.array(
      fc.record({ title: text, empty: text, cards: fc.array(anyCard, { maxLength: 5 }) }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(
        lines,
        fc.record({ sections, actions: fc.array(action, { maxLength: 2 }) }),
        (line, home) => {
          for (const rendered of [renderLine(line, options), renderHome(home, options)]) {
            expect(cardFaults(rendered)).toEqual([]);
            expect(injected(rendered)).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the longest legal request', () => {
  const reason = '😀'.repeat(500);
  const name = '𝔄'.repeat(150);
  const entitlements = Array.from({ length: 20 }, (_, i) => ({
    ...dba,
    description: `member of ${'界'.repeat(300)} ${i}`,
    account: '界'.repeat(300),
    edge: `edge ${i}`,
  }));
  const owners = Array.from({ length: 200 }, (_, i) => `${'o'.repeat(60)}${i}@acme.test`);
  const people = owners.map((email, i) => ({
    platform: 'teams',
    userId: `owner-${i}`,
    name: `${name}${i}`,
    email,
  }));
  const request = {
    reason,
    entitlements,
    roleTitle: '界'.repeat(75),
    environment: '界'.repeat(75),
    reference: `https://tickets.test/${'r'.repeat(470)}`,
    decision: {
      ...requestView().request.decision,
      stages: [{ name: 'owner', approvers: owners, required: 2 }],
    },
  };
  const requester = { platform: 'teams' as const, name };
  const context = contextOf({ people: new Map(people.map((one) => [one.email, one])) });

  test.each(AUDIENCES)('is light enough with its whole reason on the card: %s', (audience) => {
    const views = [requestView({ request, requester }), grantView('live', { request, requester })];
    for (const view of views) {
      const card = requestCard(view, audience, context);
      const quoted = card.body.some(({ kind }) => kind === 'quote');
      for (const reserved of [undefined, { about: view.request.id, people }]) {
        const rendered = renderCard({ ...card, ...(reserved ? { reserved } : {}) }, options);
        expect(cardFaults(rendered)).toEqual([]);
        if (quoted) expect(cardText(rendered)).toContain(reason);
      }
    }
  });

  test('of a card that is longer still the quotations give way first, then lines, and never the buttons', () => {
    const card: Card = {
      title: 'Long',
      tone: 'waiting',
      summary: 'Long',
      body: [
        { kind: 'line', line: ['What it really gives'] },
        ...Array.from({ length: 30 }, (): CardElement => ({ kind: 'quote', text: 'q'.repeat(2900) })),
      ],
      actions: [{ verb: 'approve', id: 'R-1', label: 'Approve' }],
      footer: ['R-1'],
    };
    expect(cardText(renderCard(card, options))).toMatch(/^🟡 Long\nWhat it really gives\n“q{10,}…”\n/);
    const body = Array.from({ length: 1000 }, (_, i): CardElement => ({ kind: 'line', line: [`line ${i}`] }));
    const rendered = cardText(renderCard({ ...card, body }, options));
    expect(rendered).toMatch(/line 100\n(.|\n)*… and more, which does not fit here\.\n\[Approve\]\nR-1$/);
  });
});
