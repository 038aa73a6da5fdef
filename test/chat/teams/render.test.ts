import { describe, expect, test } from 'vitest';
import type { Action, Card, CardElement, Home, PersonRef, Span } from '../../../src/chat/card.ts';
import {
  type RenderOptions,
  renderCard,
  renderHome,
  renderLine,
  summaryOf,
} from '../../../src/chat/teams/render.ts';
import { buttonsOf, cardFaults, cardText, type Json, nodesOf } from '../../support/adaptive-cards.ts';

const ana: PersonRef = { platform: 'teams', userId: '8a4f1a0e-0000-4000-8000-00000000000a', name: 'Ana' };
const omar: PersonRef = { platform: 'teams', userId: '8a4f1a0e-0000-4000-8000-00000000000b', name: 'Omar' };
const lea: PersonRef = { platform: 'slack', userId: 'U0LEA', name: 'Lea' };
const addresses = new Map([[omar.userId, '29:1omar']]);
const at = new Date('2026-11-20T15:04:59.123Z');

const options: RenderOptions = {
  marker: 'curfew:R-7K3M:card:3',
  addressOf: ({ userId }) => addresses.get(userId) ?? null,
  dialogs: true,
};

const decide: readonly Action[] = [
  { verb: 'approve', id: 'R-7K3M', label: 'Approve', style: 'primary' },
  { verb: 'approve-less', id: 'R-7K3M', label: 'Approve for less' },
  { verb: 'deny', id: 'R-7K3M', label: 'Deny', style: 'danger' },
];

function card(over: Partial<Card> = {}): Card {
  return {
    title: 'Ana asks for Production database admin',
    tone: 'waiting',
    summary: 'Ana asks for Production database admin, for 1 h',
    body: [],
    actions: [],
    footer: [],
    ...over,
  };
}

const line = (...spans: Span[]): CardElement => ({ kind: 'line', line: spans });
const revoke: Action = {
  verb: 'revoke',
  id: 'R-7K3M',
  label: 'Revoke',
  style: 'danger',
  confirm: { title: 'Take this access away now?', text: 'Ana loses it at once.', yes: 'Yes, revoke' },
};

function pressed(rendered: Json, title: string): Json {
  const found = buttonsOf(rendered).find((button) => button.title === title);
  if (!found) throw new Error(`there is no button ${title}`);
  return found;
}

describe('a card', () => {
  const full = card({
    body: [
      line('member of dba on prod-pg, as ', { code: 'ana' }),
      {
        kind: 'facts',
        facts: [
          { label: 'For', value: ['1 h'] },
          { label: 'Risk', value: ['high'] },
        ],
      },
      { kind: 'quote', text: 'failing over *the* primary' },
      line('Waits for 1 of 2: ', 'Omar, ', { person: lea }),
    ],
    actions: decide,
    footer: ['R-7K3M · asked ', { at, style: 'time' }, ' by ', { person: ana }, ' (ana_b@acme.test)'],
  });

  test('says who, what, how long, in which words, who decides, and what can be done, in that order', () => {
    const rendered = renderCard(full, options);
    expect(cardFaults(rendered)).toEqual([]);
    expect(cardText(rendered).split('\n')).toEqual([
      '🟡 Ana asks for Production database admin',
      'member of dba on prod-pg, as ana',
      'For: 1 h',
      'Risk: high',
      '“failing over *the* primary”',
      'Waits for 1 of 2: Omar, Lea',
      '[Approve] [Approve for less] [Deny]',
      'R-7K3M · asked {{TIME(2026-11-20T15:04:59Z)}} on {{DATE(2026-11-20T15:04:59Z, COMPACT)}} by Ana (ana_b@acme.test)',
    ]);
  });

  test('calls nobody from its small print', () => {
    const rendered = renderCard(card({ footer: ['asked by ', { person: ana }] }), options);
    expect(rendered).not.toHaveProperty('msteams');
  });

  test('states its version, and says the same to a client that cannot show it', () => {
    const rendered = renderCard(full, options);
    expect(rendered.version).toBe('1.5');
    expect(rendered.$schema).toBe('http://adaptivecards.io/schemas/adaptive-card.json');
    expect(rendered.fallbackText).toBe('Ana asks for Production database admin, for 1 h');
    expect(summaryOf(full)).toBe('Ana asks for Production database admin, for 1 h');
    expect(summaryOf(card({ title: '', summary: ' ' }))).toBe('…');
  });

  test('shows by its colour what its words say', () => {
    const styles = (['waiting', 'working', 'good', 'ended', 'refused', 'alarm'] as const).map((tone) => {
      const [header] = renderCard(card({ tone }), options).body as Json[];
      return header?.style;
    });
    expect(styles).toEqual(['warning', 'accent', 'good', 'emphasis', 'attention', 'attention']);
  });

  test('says first what came of a click', () => {
    const rendered = renderCard(full, { ...options, note: ['Omar was faster.'] });
    expect(cardText(rendered)).toMatch(/^Omar was faster\.\n🟡 Ana asks/);
    expect(cardFaults(rendered)).toEqual([]);
  });

  test('puts a line where its model has a divider, above what follows', () => {
    const rendered = renderCard(card({ body: [line('one'), { kind: 'divider' }, line('two')] }), options);
    const divided = nodesOf(rendered).filter(({ separator }) => separator);
    expect(divided.map(cardText)).toEqual(['two']);
  });
});

describe('a button', () => {
  test('carries an id, its verb and the card it stands on, and no authority', () => {
    const approve = pressed(renderCard(card({ actions: decide }), options), 'Approve');
    const data = { v: 1, do: 'act', verb: 'approve', id: 'R-7K3M', on: 'curfew:R-7K3M:card:3' };
    expect(approve).toMatchObject({ type: 'Action.Execute', verb: 'curfew.act', style: 'positive', data });
    expect(approve.associatedInputs).toBe('none');
    // For clients older than universal actions.
    expect(approve.fallback).toMatchObject({ type: 'Action.Submit', title: 'Approve', data });
  });

  test('leaves the card out where there is none to redraw', () => {
    const { marker: _, ...bare } = options;
    const approve = pressed(renderCard(card({ actions: decide }), bare), 'Approve');
    expect(approve.data).toEqual({ v: 1, do: 'act', verb: 'approve', id: 'R-7K3M' });
  });

  test('opens a dialog where its answer is a form, if the client has any', () => {
    const deny = pressed(renderCard(card({ actions: decide }), options), 'Deny');
    expect(deny).toMatchObject({ type: 'Action.Submit', style: 'destructive' });
    expect(deny.data).toMatchObject({ verb: 'deny', id: 'R-7K3M', msteams: { type: 'task/fetch' } });
    const without = pressed(renderCard(card({ actions: decide }), { ...options, dialogs: false }), 'Deny');
    expect(without).toMatchObject({ type: 'Action.Execute', verb: 'curfew.act', data: { verb: 'deny' } });
    expect(JSON.stringify(without)).not.toContain('task/fetch');
  });

  test('that needs a second thought asks for it before anything is sent', () => {
    const rendered = renderCard(card({ actions: [revoke] }), options);
    expect(cardFaults(rendered)).toEqual([]);
    const asks = pressed(rendered, 'Revoke');
    expect(asks.type).toBe('Action.ShowCard');
    expect(asks.data).toBeUndefined();
    expect(cardText(asks.card)).toBe('Take this access away now?\nAna loses it at once.\n[Yes, revoke]');
    expect(pressed(rendered, 'Yes, revoke')).toMatchObject({
      type: 'Action.Execute',
      data: { verb: 'revoke' },
    });
  });

  test('stands in the middle of a list, at most six in a row', () => {
    const actions = Array.from(
      { length: 8 },
      (_, i): Action => ({ verb: 'done', id: `R-${i}`, label: `Done ${i}` }),
    );
    const rendered = renderCard(card({ body: [line('one'), { kind: 'actions', actions }] }), options);
    expect(cardFaults(rendered)).toEqual([]);
    expect(buttonsOf(rendered)).toHaveLength(8);
  });
});

describe('a card that others read too', () => {
  const reserved = { about: 'R-7K3M', people: [omar, ana, lea] };

  test('has its buttons only in the view of those they are for, which their clients ask for', () => {
    const body: CardElement[] = [{ kind: 'actions', actions: [revoke] }];
    const rendered = renderCard(card({ body, actions: decide, reserved }), options);
    expect(cardFaults(rendered)).toEqual([]);
    const look = { type: 'Action.Execute', verb: 'curfew.look', data: { v: 1, do: 'look', about: 'R-7K3M' } };
    expect(buttonsOf(rendered)).toEqual([
      expect.objectContaining({ ...look, title: 'Decide', style: 'positive' }),
    ]);
    expect(rendered.refresh).toMatchObject({ action: look, userIds: ['29:1omar'] });
  });

  test('offers a look to people whose client does not ask by itself', () => {
    const rendered = renderCard(card({ actions: [revoke], reserved }), options);
    expect(buttonsOf(rendered).map(({ title }) => title)).toEqual(['What I can do']);
    expect(buttonsOf(renderCard(card({ reserved }), options))).toEqual([]);
  });

  test('is refreshed for nobody rather than for everybody where no address is known', () => {
    const rendered = renderCard(card({ actions: decide, reserved }), { ...options, addressOf: () => null });
    expect(rendered).not.toHaveProperty('refresh');
    expect(renderCard(card({ actions: decide }), options)).not.toHaveProperty('refresh');
  });

  test('is refreshed for at most 60 people, each once', () => {
    const people = Array.from({ length: 200 }, (_, i) => ({ ...omar, userId: `user-${i >> 1}` }));
    const rendered = renderCard(card({ actions: decide, reserved: { about: 'R-1', people } }), {
      ...options,
      addressOf: ({ userId }) => `29:${userId}`,
    });
    const { userIds } = rendered.refresh as { userIds: string[] };
    expect(new Set(userIds).size).toBe(60);
    expect(cardFaults(rendered)).toEqual([]);
  });
});

describe('a line', () => {
  test('mentions people of Teams by the bot’s own address, or by their object id', () => {
    const rendered = renderLine(
      [{ person: omar }, ' and ', { person: ana }, ' asked ', { person: lea }],
      options,
    );
    expect(cardFaults(rendered)).toEqual([]);
    expect(cardText(rendered)).toBe('<at>Omar</at> and <at>Ana</at> asked Lea');
    expect(rendered.msteams).toMatchObject({
      entities: [
        { type: 'mention', text: '<at>Omar</at>', mentioned: { id: '29:1omar', name: 'Omar' } },
        { type: 'mention', text: '<at>Ana</at>', mentioned: { id: ana.userId, name: 'Ana' } },
      ],
    });
  });

  test('does not mix up two people of one name', () => {
    const rendered = renderLine([{ person: omar }, ', not ', { person: { ...ana, name: 'Omar' } }], options);
    expect(cardText(rendered)).toBe('<at>Omar</at>, not Omar');
    expect(cardFaults(rendered)).toEqual([]);
  });

  test('that says nothing is still a card', () => {
    expect(cardFaults(renderLine([], options))).toEqual([]);
  });
});

describe('the home page', () => {
  const held = (id: string): Card =>
    card({
      title: `Role of ${id}`,
      tone: 'good',
      body: [line('Live.')],
      actions: [{ verb: 'done', id, label: "I'm done" }],
      footer: [id],
    });
  const home = (cards: readonly Card[]): Home => ({
    actions: [{ verb: 'new-request', id: 'new', label: 'Request access' }],
    sections: [
      { title: 'My access', empty: 'You hold nothing.', cards },
      { title: 'Waits for me', empty: 'Nothing waits for you.', cards: [] },
    ],
  });

  test('is one card with a section for each, and each thing’s buttons beside it', () => {
    const rendered = renderHome(home([held('R-1')]), options);
    expect(cardFaults(rendered)).toEqual([]);
    expect(cardText(rendered)).toBe(
      "[Request access]\nMy access\n🟢 Role of R-1\nLive.\n[I'm done]\nR-1\nWaits for me\nNothing waits for you.",
    );
  });

  test('says how many it leaves out, and keeps room for what comes later', () => {
    const rendered = renderHome(home(Array.from({ length: 300 }, (_, i) => held(`R-${i}`))), options);
    expect(cardFaults(rendered)).toEqual([]);
    expect(cardText(rendered)).toMatch(/… and \d+ more, which do not fit here\./);
    expect(cardText(rendered)).toContain('Nothing waits for you.');
  });
});
