/** What counts as one mail address, and what as none. */
import { describe, expect, it } from 'vitest';
import { normaliseRequestId } from '../../src/domain/ids.ts';
import { manualKey } from '../../src/domain/incident-name.ts';
import { isSameAddress, readMailAddress, readMailDomain } from '../../src/domain/mail-address.ts';
import { lowerAscii } from '../../src/domain/text.ts';

const KELVIN = '\u212a';

it.each([
  ['Kim@Acme.TEST', 'kim@acme.test'],
  ['kim+oncall@acme.test', 'kim+oncall@acme.test'],
  ["o'brien.k@sub.acme-corp.test", "o'brien.k@sub.acme-corp.test"],
  ['ana@bücher.test', 'ana@xn--bcher-kva.test'],
  ['ana@BÜCHER.test', 'ana@xn--bcher-kva.test'],
  ['ana@XN--BCHER-KVA.test', 'ana@xn--bcher-kva.test'],
])('%s is %s', (typed, address) => {
  expect(readMailAddress(typed)).toEqual({ ok: true, address });
  expect(readMailAddress(address)).toEqual({ ok: true, address });
});

describe('is no identity, whatever the configuration says:', () => {
  it.each([
    ['a Kelvin sign for a k', `${KELVIN}im@acme.test`],
    ['a long s for an s', '\u017fam@acme.test'],
    ['a fullwidth letter', '\uff4bim@acme.test'],
    ['a letter with its accent apart', 'ame\u0301lie@acme.test'],
    ['a Kelvin sign in the domain', `kim@acme.${KELVIN}est.test`],
    ['a capital sharp s in the domain, which becomes ss', 'kim@stra\u1e9ee.test'],
    ['an ideographic full stop in the domain', 'kim@acme\u3002test'],
    ['a space', 'kim @acme.test'],
    ['a space at the end', 'kim@acme.test '],
    ['a space that does not break', 'kim\u00a0@acme.test'],
    ['a zero-width space', 'k\u200bim@acme.test'],
    ['a zero-width joiner', 'k\u200dim@acme.test'],
    ['a soft hyphen', 'k\u00adim@acme.test'],
    ['a bidi override', '\u202ekim@acme.test'],
    ['a NUL', 'kim\0@acme.test'],
    ['a line end', 'kim@acme.test\n'],
    ['half a character', 'kim\ud800@acme.test'],
    ['no name', '@acme.test'],
    ['no domain', 'kim@'],
    ['no @', 'kim'],
    ['two of it', 'kim@x.test@acme.test'],
    ['a quoted name', '"kim"@acme.test'],
    ['a domain of one label', 'kim@acme'],
    ['an empty label', 'kim@acme..test'],
    ['a dot at the end', 'kim@acme.test.'],
    ['an address of the net', 'kim@127.0.0.1'],
    ['a number that would become one', 'kim@acme.0x7f'],
    ['more than 64 bytes before the @', `${'k'.repeat(65)}@acme.test`],
    [
      'more than 254 bytes',
      `kim@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.test-long`,
    ],
  ])('%s', (_what, typed) => {
    for (const nonAscii of [false, true]) {
      expect(readMailAddress(typed, { nonAscii })).toEqual({ ok: false, why: expect.stringMatching(/\.$/) });
    }
    expect(isSameAddress(typed, typed)).toBe(false);
  });
});

it('takes letters beyond ASCII only where they are let in, and then as they are', () => {
  for (const typed of ['jos\u00e9@acme.test', '\u0130rem@acme.test', '\u0430na@acme.test']) {
    expect(readMailAddress(typed).ok).toBe(false);
    expect(readMailAddress(typed, { nonAscii: true })).toEqual({ ok: true, address: typed });
  }
  expect(isSameAddress('jos\u00e9@acme.test', 'jos\u00c9@acme.test')).toBe(false);
  expect(isSameAddress('\u0130rem@acme.test', 'irem@acme.test')).toBe(false);
  expect(isSameAddress('\u0430na@acme.test', 'ana@acme.test')).toBe(false);
  expect(isSameAddress('Ana@acme.test', 'ana@ACME.test')).toBe(true);
});

it('reads domains as the configuration has them', () => {
  expect(readMailDomain('Acme.Test')).toBe('acme.test');
  expect(readMailDomain('b\u00fccher.test')).toBe('xn--bcher-kva.test');
  expect(readMailDomain('acme.test/x')).toBeNull();
  expect(readMailDomain('acm\u0435.test')).toBe('xn--acm-tdd.test');
});

it('folds no other letter where names, ids and words are compared without case', () => {
  expect(lowerAscii(`${KELVIN}Im \u0130\u017f`)).toBe(`${KELVIN}im \u0130\u017f`);
  expect(normaliseRequestId('R-7K3M')).toBe('R-7K3M');
  expect(normaliseRequestId('r-7k3m')).toBe('R-7K3M');
  expect(normaliseRequestId('R-7K3\u017f')).toBeNull();
  expect(manualKey('inc-12')).toBe('INC-12');
  expect(manualKey('\u0131nc-12')).toBeNull();
});
