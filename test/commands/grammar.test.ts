import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GrammarContext, parseUtterance } from '../../commands/grammar.ts';
import { VERBS } from '../../src/domain/verbs.ts';

const context: GrammarContext = { now: new Date('2026-07-01T12:00:00Z'), timeZone: 'Europe/Berlin' };
const say = (text: string, more: Partial<GrammarContext> = {}) =>
  parseUtterance(text, { ...context, ...more });
const request = (text: string, more: Partial<GrammarContext> = {}) => {
  const utterance = say(text, more);
  if (utterance.kind !== 'request') throw new Error(`${text}: understood as ${utterance.kind}`);
  return utterance;
};

describe('asking for a role in one line', () => {
  it('is understood whole', () => {
    expect(request('prod-dba 1h INC-1042 failing over the primary')).toEqual({
      kind: 'request',
      role: 'prod-dba',
      duration: { seconds: 3_600, until: null },
      durationText: '1h',
      reference: 'INC-1042',
      reason: 'failing over the primary',
      problems: {},
    });
  });

  it('needs no reference, and no particular case or spacing', () => {
    expect(request('  Prod-DBA\t2H\n\nrestoring   a backup ')).toMatchObject({
      role: 'prod-dba',
      duration: { seconds: 7_200 },
      reference: undefined,
      reason: 'restoring a backup',
      problems: {},
    });
  });

  it('can name the end instead, in the time zone of who speaks', () => {
    expect(request('prod-dba until 18:00 INC-1 patching')).toMatchObject({
      duration: { seconds: 14_400, until: new Date('2026-07-01T16:00:00Z') },
      durationText: 'until 18:00',
      reference: 'INC-1',
      reason: 'patching',
      problems: {},
    });
    expect(request('prod-dba until 18:00 x', { timeZone: 'Asia/Kolkata' }).duration?.seconds).toBe(1_800);
  });

  it.each([
    ['until', 'After "until"'],
    ['until 25:00', 'After "until"'],
    ['until tomorrow', 'After "until"'],
  ])('says what is wrong with "%s"', (words, why) => {
    expect(request(`prod-dba ${words} patching`).problems.duration).toContain(why);
  });

  it('does not guess a time zone, nor take an end that is upon us', () => {
    expect(request('prod-dba until 18:00 x', { timeZone: null }).problems.duration).toMatch(/time zone/);
    const now = new Date('2026-07-01T15:59:30Z');
    expect(request('prod-dba until 18:00 x', { now }).problems.duration).toMatch(/less than a minute/);
  });

  it.each([
    ['https://jira.acme.test/browse/INC-7', 'https://jira.acme.test/browse/INC-7'],
    ['<https://jira.acme.test/browse/INC-7|INC-7>', 'https://jira.acme.test/browse/INC-7'],
    ['AB2-7', 'AB2-7'],
  ])('takes %s as the reference', (typed, reference) => {
    expect(request(`prod-dba 1h ${typed} because`)).toMatchObject({
      reference,
      reason: 'because',
      problems: {},
    });
  });

  it.each(['inc-7', 'A-1', 'INC-', 'INC-7x', 'ftp://x/y'])(
    'takes %s as the first word of the reason',
    (typed) => {
      expect(request(`prod-dba 1h ${typed} because`)).toMatchObject({
        reference: undefined,
        reason: `${typed} because`,
      });
    },
  );

  it.each([
    ['http://jira.acme.test/1', /https:/],
    ['https://', /not complete/],
    ['https://ana:hunter2@jira.acme.test/1', /without/],
    [`https://jira.acme.test/${'x'.repeat(600)}`, /at most 500/],
  ])('refuses the link %s', (typed, why) => {
    const asked = request(`prod-dba 1h ${typed} because`);
    expect(asked.problems.reference).toMatch(why);
    expect(asked).toMatchObject({ reference: undefined, reason: 'because' });
    expect(JSON.stringify(asked)).not.toContain('hunter2');
  });

  it('takes an id that an incident source knows as the reference', () => {
    const knowsReference = (word: string) => word === 'Q0ABC';
    expect(request('prod-dba 1h Q0ABC why', { knowsReference }).reference).toBe('Q0ABC');
    expect(request('prod-dba 1h Q0ABC why').reference).toBeUndefined();
  });
});

describe('asking with words missing or wrong', () => {
  it('keeps what was understood and names what is missing', () => {
    expect(request('prod-dba INC-1042 fixing it')).toEqual({
      kind: 'request',
      role: 'prod-dba',
      duration: undefined,
      durationText: undefined,
      reference: 'INC-1042',
      reason: 'fixing it',
      problems: { duration: 'Say for how long, such as 30m or 1h30m.' },
    });
    expect(Object.keys(request('prod-dba').problems)).toEqual(['duration', 'reason']);
    expect(request('prod-dba 1h INC-7').problems).toEqual({ reason: 'Say why, in a few words.' });
  });

  it('understands a duration and a reference that changed places', () => {
    expect(request('prod-dba INC-7 1h because')).toMatchObject({
      reference: 'INC-7',
      reason: 'because',
      problems: {},
    });
  });

  it.each(['0m', '-5m', '5', '999999h', '30m1h', '30s', '３０m'])(
    'keeps the duration %s as typed',
    (typed) => {
      const asked = request(`prod-dba ${typed} INC-7 because`);
      expect(asked.problems).toEqual({ duration: expect.any(String) });
      expect(asked).toMatchObject({
        duration: undefined,
        durationText: typed,
        reference: 'INC-7',
        reason: 'because',
      });
    },
  );

  it('sees a line without a role', () => {
    expect(request('1h INC-7 because')).toMatchObject({
      duration: { seconds: 3_600 },
      reference: 'INC-7',
      reason: 'because',
      problems: { role: expect.stringMatching(/Begin with the role/) },
    });
    expect(request('2fa-admin 1h because')).toMatchObject({ role: '2fa-admin', problems: {} });
  });

  it('cuts an overlong reason to what a form can hold, and says so', () => {
    const asked = request(`prod-dba 1h ${'é'.repeat(501)}`);
    expect(asked.reason).toBe('é'.repeat(500));
    expect(asked.problems.reason).toMatch(/501 characters; at most 500/);
    expect(request(`prod-dba 1h ${'🔥'.repeat(500)}`).problems).toEqual({});
  });

  it('opens the form when nothing was said', () => {
    expect(say('')).toEqual({ kind: 'nothing' });
    expect(say(' \u200b\u0000\n ')).toEqual({ kind: 'nothing' });
  });
});

describe('a reason', () => {
  it('cannot hide or reorder what a card says', () => {
    expect(request('prod-dba 1h a\u202eb\u2066c\u200bd\u0000e\u001b[31mf\u{e0041}g').reason).toBe(
      'abcd e [31mfg',
    );
  });

  it('becomes one line in one normal form', () => {
    expect(request('prod-dba 1h one\ntwo\u2028three\tcafe\u0301').reason).toBe('one two three café');
    expect(request('prod-dba 1h \u200d').problems.reason).toBeDefined();
    expect(request('prod-dba 1h a\ud800b').reason).toBe('ab');
    expect(request('prod-dba 1h 👩‍🚒 on it').reason).toBe('👩‍🚒 on it');
  });

  it('shows mentions and links as people read them', () => {
    expect(request('prod-dba 1h with <@U1|ana>, <#C1|dba> see <https://x.test/1|x>').reason).toBe(
      'with @ana, #dba see https://x.test/1',
    );
    expect(request('prod-dba 1h ask <@U1>: a <b> c').reason).toBe('ask @U1: a <b> c');
  });
});

describe('verbs', () => {
  it.each([
    ['mine', { kind: 'mine' }],
    ['Pending', { kind: 'pending' }],
    ['incidents', { kind: 'incidents' }],
    ['help me', { kind: 'help' }],
    ['roles', { kind: 'roles', search: '' }],
    ['roles prod db', { kind: 'roles', search: 'prod db' }],
    ['who prod-dba', { kind: 'who', role: 'prod-dba' }],
    ['status r-7k3m', { kind: 'status', id: 'R-7K3M' }],
    ['done', { kind: 'done', id: null }],
    ['done 7k3m', { kind: 'done', id: 'R-7K3M' }],
    ['cancel R-7K3M.', { kind: 'cancel', id: 'R-7K3M' }],
    ['approve R-7K3M', { kind: 'approve', id: 'R-7K3M' }],
    ['revoke R-7K3M', { kind: 'revoke', target: { id: 'R-7K3M' }, reason: null }],
    ['revoke <@U123> left us', { kind: 'revoke', target: { userId: 'U123' }, reason: 'left us' }],
    ['revoke <@U123|ana b>', { kind: 'revoke', target: { userId: 'U123' }, reason: null }],
    ['incident open INC-7', { kind: 'incident', act: 'open', reference: 'INC-7', title: null }],
    [
      'incident open INC-7 Checkout is down',
      { kind: 'incident', act: 'open', reference: 'INC-7', title: 'Checkout is down' },
    ],
    ['incident CLOSE Q0ABC', { kind: 'incident', act: 'close', reference: 'Q0ABC', title: null }],
    [
      'incident close <https://acme.test/Q0ABC>',
      { kind: 'incident', act: 'close', reference: 'https://acme.test/Q0ABC', title: null },
    ],
  ])('understands "%s"', (text, expected) => {
    expect(say(text)).toEqual(expected);
  });

  it('understands extend and deny in parts, so that a form can ask for the rest', () => {
    expect(say('extend R-7K3M 30m still at it')).toMatchObject({
      kind: 'extend',
      id: 'R-7K3M',
      duration: { seconds: 1_800 },
      reason: 'still at it',
      problems: {},
    });
    expect(say('extend R-7K3M still at it')).toMatchObject({
      reason: 'still at it',
      problems: { duration: expect.any(String) },
    });
    expect(say('deny R-7K3M 2 replicas suffice')).toMatchObject({
      kind: 'deny',
      reason: '2 replicas suffice',
      problems: {},
    });
    expect(say('deny R-7K3M')).toMatchObject({ id: 'R-7K3M', problems: { reason: expect.any(String) } });
  });

  it.each([
    'who',
    'who prod-dba now',
    'status',
    'status of prod',
    'done with it',
    'cancel',
    'approve',
    'approve R-7K3M for 10m',
    'extend',
    'extend 30m',
    'deny because',
    'revoke',
    'revoke ana',
    'revoke <@U1;drop>',
    'incident',
    'incident open',
    'incident close INC-7 INC-8',
    'incident reopen INC-7',
  ])('says how to use the verb in "%s", and does nothing', (text) => {
    expect(say(text)).toEqual({
      kind: 'misused',
      verb: text.split(' ')[0],
      why: expect.stringMatching(/.{20}/),
    });
  });

  it('are never taken for roles', () => {
    for (const verb of VERBS) expect(say(`${verb} 1h INC-7 because`).kind).not.toBe('request');
  });
});

it('whatever is typed gets an answer, with parts inside their bounds', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'prod-dba',
      '1h',
      'until',
      '18:00',
      'INC-7',
      'revoke',
      '<@U1>',
      '<https://x|',
      'R-7K3M',
      ...VERBS,
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), (words) => {
      const utterance = say(words.join(' '));
      if (utterance.kind !== 'request') return;
      expect([...(utterance.reason ?? '')].length).toBeLessThanOrEqual(500);
      expect(utterance.reason ?? 'x').not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]|^\s|\s$/u);
      expect(utterance.duration?.seconds ?? 60).toBeGreaterThanOrEqual(60);
      const missing = [utterance.role, utterance.duration, utterance.reason].includes(undefined);
      expect(missing).toBe(missing && Object.keys(utterance.problems).length > 0);
    }),
    { numRuns: 2_000 },
  );
  expect(() => say('<'.repeat(200_000))).not.toThrow();
});
