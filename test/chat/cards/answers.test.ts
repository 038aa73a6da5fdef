/** Refusals, lists, forms and the home page: what answers a word or a click. */
import { describe, expect, test } from 'vitest';
import {
  approveLessForm,
  denyForm,
  extendForm,
  requestForm,
  revokeForm,
} from '../../../src/chat/cards/forms.ts';
import { homePage } from '../../../src/chat/cards/home.ts';
import {
  type HeldItem,
  helpCard,
  mineCard,
  type PendingItem,
  pendingListCard,
  rolesCard,
  statusCard,
  whoCard,
} from '../../../src/chat/cards/list-cards.ts';
import { refusalLine } from '../../../src/chat/cards/refusals.ts';
import { renderCard, renderLine } from '../../../src/chat/slack/render.ts';
import { renderForm } from '../../../src/chat/slack/render-form.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import { messageFaults, viewFaults } from '../../../src/playground/workspace/block-kit.ts';
import { at, ben, contextOf, grantView, prodDba, requestView } from '../../support/views.ts';
import { plain, plainHome, plainLine, pressable } from './plain.ts';

describe('a refusal', () => {
  const table: readonly (readonly [Refusal, string])[] = [
    [{ code: 'unknown-person' }, 'The directory of this workspace does not know you, so nothing was done.'],
    [{ code: 'guest' }, 'Guests cannot use Curfew: ask a full member of this workspace.'],
    [{ code: 'outsider' }, 'Only members of the home workspace can use Curfew.'],
    [{ code: 'bot' }, 'Bots cannot use Curfew.'],
    [{ code: 'deactivated' }, 'Your account here is deactivated, so nothing was done.'],
    [{ code: 'no-mail' }, 'Your profile here shows Curfew no mail address, so it cannot tell who you are.'],
    [
      { code: 'foreign-domain', email: 'ana@evil.test' },
      'ana@evil.test is not an address of a domain that Curfew knows, so nothing was done.',
    ],
    [
      { code: 'identity-conflict' },
      'Curfew knows you, or your mail address, as somebody else. Nothing was done, and the admins were told.',
    ],
    [
      { code: 'directory-unavailable' },
      'Curfew could not look up who you are just now, so nothing was done. Try again in a minute.',
    ],
    [
      { code: 'unknown-role', typed: 'prod-dab', nearest: ['prod-dba', 'prod-db', 'prod'] },
      'There is no role prod-dab. Did you mean prod-dba, prod-db or prod?',
    ],
    [
      { code: 'unknown-role', typed: 'zzz', nearest: [] },
      'There is no role zzz. Say roles to see what there is.',
    ],
    [{ code: 'bad-duration', why: '0m is no time at all.' }, '0m is no time at all.'],
    [{ code: 'bad-reason', why: 'Say why, in a few words.' }, 'Say why, in a few words.'],
    [
      { code: 'unknown-request', typed: 'R-9999' },
      'There is no request R-9999 of yours or for you to decide.',
    ],
    [{ code: 'which-one', what: 'done', ids: [] }, 'You hold nothing from Curfew just now.'],
    [
      { code: 'which-one', what: 'done', ids: ['R-7K3M', 'R-8XQT'] },
      'Say which one: done R-7K3M or done R-8XQT.',
    ],
    [
      { code: 'not-allowed', what: 'revoke this: only an owner of the role or an admin can' },
      'You may not revoke this: only an owner of the role or an admin can.',
    ],
    [{ code: 'policy', rule: 'frozen', message: 'Curfew is frozen.', id: null }, 'Curfew is frozen.'],
    [{ code: 'policy', rule: 'x', message: 'No', id: 'R-7K3M' }, 'No. (R-7K3M)'],
    [{ code: 'already-voted' }, 'You have decided on this already; your first answer counts.'],
    [
      { code: 'not-pending', id: 'R-7K3M', state: 'cancelled' },
      'R-7K3M is cancelled already: there is nothing left to decide.',
    ],
    [
      { code: 'already-over', id: 'R-7K3M' },
      'R-7K3M: that access is over, and nothing reopens it. Ask anew.',
    ],
    [
      { code: 'nobody-holds', who: 'ana@acme.test' },
      'ana@acme.test holds nothing from Curfew that you could take away.',
    ],
    [{ code: 'unsupported', what: 'incidents' }, 'Curfew cannot do that here: incidents.'],
  ];

  test.each(table)('%o', (refusal, expected) => {
    const line = refusalLine(refusal);
    expect(plainLine(line)).toBe(expected);
    expect(messageFaults(renderLine(line))).toEqual([]);
  });

  test('shows what was typed as what was typed, never as a mention or a link', () => {
    const line = refusalLine({ code: 'unknown-role', typed: '<!channel>', nearest: [] });
    expect(line).toContainEqual({ code: '<!channel>' });
  });
});

const held = (index: number): HeldItem => ({
  id: `R-${index}`,
  roleTitle: 'Production database admin',
  who: 'Ana',
  state: 'live',
  endsAt: at('15:04'),
  incident: null,
});
const asked = (index: number): PendingItem => ({
  id: `R-${index}`,
  roleTitle: 'Production database admin',
  who: 'Ana',
  kind: 'access',
  durationS: 3600,
  expiresAt: at('22:00'),
});
const many = <T>(make: (index: number) => T) => Array.from({ length: 250 }, (_, index) => make(index));

describe('a list', () => {
  test('of mine says what I hold, until when, and what waits', () => {
    const text = plain(mineCard({ held: [held(1), { ...held(2), state: 'ending' }], pending: [asked(3)] }));
    expect(text).toContain('• Production database admin: live until 15:04 (R-1)');
    expect(text).toContain('• Production database admin: ending, not yet confirmed (R-2)');
    expect(text).toContain('• 1 h of Production database admin (R-3), lapses 22:00');
    const incident = { number: 'INC-7', key: 'P7', url: null, state: 'open' } as const;
    expect(plain(mineCard({ held: [{ ...held(1), incident }], pending: [] }))).toContain(
      'live until 15:04, or until INC-7 closes (R-1)',
    );
    expect(plain(mineCard({ held: [], pending: [] }))).toContain('You hold nothing from Curfew just now.');
  });

  test('of what waits tells what I decide from what I asked for', () => {
    const text = plain(
      pendingListCard({ waiting: [asked(1)], pending: [{ ...asked(2), kind: 'extension' }] }),
    );
    expect(text).toContain('Waits for you\n• Ana: 1 h of Production database admin (R-1)');
    expect(text).toContain('What you asked for\n• 1 h more of Production database admin (R-2)');
  });

  test('of roles says what each is, for how long at most, and why one cannot be requested', () => {
    const bad = { ...prodDba, name: 'old', problems: ['It has no owner.'] };
    const text = plain(rolesCard({ search: 'db', roles: [prodDba, bad] }));
    expect(text).toContain('prod-dba Production database admin: high risk, production, at most 4 h');
    expect(text).toContain('Cannot be requested: It has no owner.');
    expect(plain(rolesCard({ search: 'zzz', roles: [] }))).toContain('No role is like “zzz”.');
  });

  test('of holders names them', () => {
    expect(plain(whoCard({ roleTitle: prodDba.title, held: [held(1)] }))).toContain(
      'Who holds Production database admin\n• Ana: live until 15:04 (R-1)',
    );
    expect(plain(whoCard({ roleTitle: prodDba.title, held: [] }))).toContain(
      'Nobody holds it through Curfew.',
    );
  });

  test('that is long says how many more there are, and fits', () => {
    const cards = [
      mineCard({ held: many(held), pending: many(asked) }),
      pendingListCard({ waiting: many(asked), pending: many(asked) }),
      rolesCard({ search: '', roles: many(() => ({ ...prodDba, title: '&'.repeat(500) })) }),
      whoCard({
        roleTitle: '<'.repeat(500),
        held: many((index) => ({ ...held(index), who: '&'.repeat(500) })),
      }),
    ];
    for (const card of cards) {
      expect(plain(card)).toContain('… and 230 more.');
      expect(messageFaults(renderCard(card))).toEqual([]);
    }
  });

  test('of commands says how each is used', () => {
    const text = plain(helpCard([{ usage: '/elevate mine', does: 'What you hold.' }]));
    expect(text).toContain('/elevate mine What you hold.');
  });

  test('the status of a request is its card, with nothing to press', () => {
    const card = statusCard(requestView(), contextOf());
    expect(plain(card)).toContain('Waits for 1 of 2: Omar, Lea');
    expect(card.actions).toEqual([]);
  });
});

describe('a form', () => {
  const forms = [
    requestForm(),
    approveLessForm('R-7K3M'),
    denyForm('R-7K3M'),
    extendForm('R-7K3M'),
    revokeForm('R-7K3M'),
  ];

  test.each(forms)('$title is taken by Slack', (form) => {
    expect(viewFaults(renderForm(form))).toEqual([]);
  });

  test('asks for no more than it needs, and knows what it is about', () => {
    expect(forms.map(({ id, about, fields }) => [id, about, fields.map((field) => field.id)])).toEqual([
      ['request', null, ['role', 'duration', 'reference', 'reason']],
      ['approve-less', 'R-7K3M', ['duration']],
      ['deny', 'R-7K3M', ['reason']],
      ['extend', 'R-7K3M', ['duration', 'reason']],
      ['revoke', 'R-7K3M', ['reason']],
    ]);
    expect(denyForm('R-7K3M').fields[0]?.optional).toBeUndefined();
  });

  test('starts from what was understood and says what is wrong beside the field', () => {
    const form = requestForm({
      values: { role: 'prod-dba', duration: '9x' },
      problems: { duration: '9x is not a length of time.' },
      roleLabel: 'Production database admin',
    });
    expect(form.fields[0]).toMatchObject({ value: 'prod-dba', valueLabel: 'Production database admin' });
    expect(form.fields[1]).toMatchObject({ value: '9x', error: '9x is not a length of time.' });
    expect(form.fields[3]).not.toHaveProperty('error');
  });
});

describe('the home page', () => {
  const home = (over: Partial<Parameters<typeof homePage>[0]> = {}) =>
    homePage({
      live: [],
      pending: [],
      waiting: [],
      now: at('14:30'),
      roles: new Map([[prodDba.name, prodDba]]),
      people: contextOf().people,
      ...over,
    });

  test('shows what I hold, what I asked for, and what waits for me, each with its buttons', () => {
    const waiting = requestView({ requester: { ...ben }, request: { id: 'R-9BEN' } });
    const page = home({ live: [grantView('live')], pending: [requestView()], waiting: [waiting] });
    expect(plainHome(page)).toBe(
      [
        '# My access',
        'Production database admin',
        'Live until 15:04.',
        'member of dba on prod-pg, as ana',
        'R-7K3M',
        "[I'm done] [Extend]",
        '# My requests',
        'Production database admin',
        '1 h.',
        'Waits for 1 of 2: Omar, Lea',
        'R-7K3M',
        '[Cancel]',
        '# Waits for me',
        'Production database admin',
        'Ben asks for 1 h. Risk: high.',
        'member of dba on prod-pg, as ana',
        'INC-1042',
        '> failing over the primary',
        'R-9BEN',
        '[Approve] [Approve for less] [Deny]',
      ].join('\n'),
    );
  });

  test('says where there is nothing, and always offers to request access', () => {
    expect(plainHome(home())).toContain('# Waits for me\nNothing waits for your decision.');
    expect(pressable(home())).toEqual(['Request access']);
  });

  test('does not offer more time on access that is ending, and says what is stuck', () => {
    const assignment = { attempts: 1, lastError: 'prod-pg does not answer' };
    const page = home({ live: [grantView('ending', { edges: [{ assignment }] })] });
    expect(plainHome(page)).toContain(
      'Ended 15:04 but NOT yet removed: prod-pg does not answer, trying again.',
    );
    expect(plainHome(page)).not.toContain('Extend');
  });
});
