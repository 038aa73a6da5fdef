/**
 * What every source of incidents promises, as a suite. A source's test file says how its vendor signs, what it
 * sends, and gives a strict double of its API:
 *
 *     incidentSourceContract('pagerduty', { make, sign, vendor });
 */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { isNewer, type Sighting } from '../../src/domain/incident.ts';
import type { Reading } from '../../src/incidents/source.ts';
import { expectSound, expectUsable, replaceOne } from './incident-readings.ts';
import { clockContract } from './incident-source-clocks.ts';
import { questionContract } from './incident-source-questions.ts';
import { delivery, type Happening, type SourceFixture } from './incident-vendor.ts';

const MB = 1_048_576;

export function incidentSourceContract(name: string, fixture: SourceFixture): void {
  describe(`the contract of incident sources: ${name}`, () => {
    signatureContract(fixture);
    readingContract(fixture);
    recognitionContract(fixture);
    questionContract(fixture);
    clockContract(fixture);
  });
}

/** Deliveries of this vendor, signed with its first secret unless told otherwise. */
function deliveries({ make, sign, vendor }: SourceFixture) {
  const [secret] = vendor.secrets;
  const [incident, into] = vendor.told;
  const source = make({ secrets: [secret], api: null });
  afterEach(() => source.close());

  const body = (what: Happening, eventId = 'ev-1', at = new Date('2026-03-01T10:00:00.000Z')) =>
    vendor.event(what, { eventId, at, incident, into: what === 'merged' ? into : null });
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  const signed = (rawBody: Buffer, eventId = 'ev-1', secrets: readonly string[] = [secret]) =>
    delivery(rawBody, sign(rawBody, { secrets, eventId, at: new Date() }));
  const read = (value: unknown, eventId = 'ev-1') => source.read(signed(bytes(value), eventId));

  return { source, incident, into, secret, body, bytes, signed, read };
}

function signatureContract(fixture: SourceFixture): void {
  const { sign, vendor, make } = fixture;
  const { source, secret, body, bytes, signed } = deliveries(fixture);
  const [, other] = vendor.secrets;
  const raw = bytes(body('opened'));
  const good = signed(raw);

  describe('signatures', () => {
    test('what the vendor signed is verified, whatever the case of its header names', () => {
      expect(source.verify(good)).toBe(true);
    });

    test('what nobody signed, or another secret signed, is not', () => {
      expect(source.verify({ ...good, headers: {} })).toBe(false);
      expect(source.verify(signed(raw, 'ev-1', [other]))).toBe(false);
      for (const name of Object.keys(good.headers)) {
        expect(source.verify({ ...good, headers: { ...good.headers, [name]: '' } }), name).toBe(false);
      }
    });

    test('one changed character in any signed header is seen', () => {
      for (const [name, value] of Object.entries(good.headers)) {
        const middle = Math.floor(value.length / 2);
        const swapped = value[middle] === '0' ? '1' : '0';
        const forged = value.slice(0, middle) + swapped + value.slice(middle + 1);
        expect(source.verify({ ...good, headers: { ...good.headers, [name]: forged } }), name).toBe(false);
      }
    });

    test('a body that was cut, lengthened, re-encoded or is another is seen', () => {
      const bodies = [
        raw.subarray(0, -1),
        Buffer.alloc(0),
        Buffer.concat([raw, Buffer.from(' ')]),
        Buffer.from(JSON.stringify(JSON.parse(raw.toString()), null, 1)),
        bytes(body('resolved')),
      ];
      for (const rawBody of bodies) expect(source.verify({ ...good, rawBody })).toBe(false);
    });

    test('a signature counts for bytes, not for text that reads the same', () => {
      const invalid = Buffer.concat([raw, Buffer.from([0xff])]);
      const replaced = Buffer.from(invalid.toString('utf8'));
      expect(source.verify(signed(invalid))).toBe(true);
      expect(source.verify({ ...signed(invalid), rawBody: replaced })).toBe(false);
    });

    test('an old signature is refused where the vendor dates them', () => {
      const old = sign(raw, { secrets: [secret], eventId: 'ev-1', at: new Date(Date.now() - 600_000) });
      expect(source.verify(delivery(raw, old))).toBe(!vendor.timestamped);
    });

    test('during a rotation either secret will do, the other’s signature beside it or not', async () => {
      const rotating = make({ secrets: [secret, other], api: null });
      expect(rotating.verify(signed(raw))).toBe(true);
      expect(rotating.verify(signed(raw, 'ev-1', [other]))).toBe(true);
      await rotating.close();
      if (vendor.signsWithSeveral === false) return;
      expect(source.verify(signed(raw, 'ev-1', [other, secret]))).toBe(true);
      expect(source.verify(signed(raw, 'ev-1', [secret, other]))).toBe(true);
    });

    test('a body of 1 MB is verified and read like any other', () => {
      const big = Buffer.concat([raw, Buffer.alloc(MB - raw.length, ' ')]);
      expect(source.verify(signed(big))).toBe(true);
      expect(source.read(signed(big))).toEqual(source.read(good));
    });

    test('no header makes it throw', () => {
      // As Node reads them: a character a byte.
      const value = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
      const headers = fc.record(Object.fromEntries(Object.keys(good.headers).map((name) => [name, value])));
      fc.assert(
        fc.property(headers, (junk) => {
          expect(source.verify({ ...good, headers: { ...good.headers, ...junk } })).toBeTypeOf('boolean');
        }),
      );
    });
  });
}

function readingContract(fixture: SourceFixture): void {
  const { vendor } = fixture;
  const { source, incident, into, body, bytes, signed, read } = deliveries(fixture);
  const told = (['opened', 'acknowledged', 'resolved', 'reopened', 'merged'] as const).filter(
    (what) => body(what) !== null,
  );

  describe('readings', () => {
    test.each([
      { what: 'opened', state: 'open' },
      { what: 'resolved', state: 'closed' },
      { what: 'reopened', state: 'open' },
      { what: 'acknowledged', state: 'open' },
      { what: 'merged', state: 'closed' },
    ] as const)('“$what” is told of as $state, as of when it happened', ({ what, state }) => {
      const at = new Date('2026-03-01T10:07:30.000Z');
      const sent = body(what, 'ev-7', at);
      if (!sent) return expect(['acknowledged', 'reopened', 'merged']).toContain(what);
      const sighting = sightingOf(read(sent, 'ev-7'));
      expect(sighting).toMatchObject({ key: incident.key, title: incident.title, state, at });
      expect(sighting.openedAt).toEqual(incident.openedAt);
      expect(sighting.mergedInto).toBe(what === 'merged' ? into.key : null);
      expectUsable(sighting);
    });

    test('a repetition has the same event id, another event another one', () => {
      const first = read(body('opened', 'ev-1'), 'ev-1');
      expect(read(body('opened', 'ev-1'), 'ev-1')).toEqual(first);
      const second = read(body('resolved', 'ev-2'), 'ev-2');
      expect(eventIdOf(second)).not.toBe(eventIdOf(first));
    });

    test('whatever the order of arrival, the newest by the vendor’s clock counts', () => {
      const seen = told
        .filter((what) => what !== 'merged')
        .map((what, minute) =>
          sightingOf(read(body(what, `ev-${minute}`, new Date(Date.UTC(2026, 2, 1, 10, minute))))),
        );
      const newest = (order: readonly Sighting[]) =>
        order.reduce<Sighting | null>((known, next) => (isNewer(next, known) ? next : known), null);
      fc.assert(
        fc.property(fc.shuffledSubarray(seen, { minLength: seen.length }), (order) => {
          expect(newest(order)).toEqual(seen.at(-1));
        }),
      );
    });

    test('a vendor’s clock that runs far ahead has not the last word for long', () => {
      const ahead = new Date(Date.now() + 86_400_000);
      const { at } = sightingOf(read(body('opened', 'ev-1', ahead)));
      expect(at.getTime()).toBeLessThanOrEqual(Date.now());
    });

    test('an event type that nobody knows is counted, no more', () => {
      expect(read(vendor.unknownEvent('ev-9'), 'ev-9')).toMatchObject({
        kind: 'unknown',
        eventId: expect.stringMatching(/./),
        type: expect.stringMatching(/^.{1,200}$/),
      });
    });

    test('a long title with line ends is one line of at most 500 characters', () => {
      const long = `disk\nfull \u202e${'x'.repeat(4_000)}`;
      const about = { ...incident, title: long };
      const sent = vendor.event('opened', { eventId: 'ev-1', at: new Date(), incident: about, into: null });
      const { title } = sightingOf(read(sent));
      expect(title).toMatch(/^disk full x+/);
      expectUsable(sightingOf(read(sent)));
    });

    test('what is not JSON, or no object, is malformed', () => {
      for (const junk of ['', ' ', '{', 'null', '[]', '3', '"text"', '{}', '\u0000', '[{}]']) {
        expect(source.read(signed(Buffer.from(junk))), junk).toEqual({ kind: 'malformed' });
      }
      expect(source.read(signed(Buffer.from([0xff, 0xfe, 0x7b])))).toEqual({ kind: 'malformed' });
      const deep = Buffer.from('['.repeat(200_000));
      expect(source.read(signed(deep))).toEqual({ kind: 'malformed' });
    });

    test('no shape makes it throw, or say what is unusable', () => {
      const events = [...told.map((what) => body(what)), vendor.unknownEvent('ev-1')];
      const junk = fc.oneof(
        fc.constantFrom(null, '', 0, -1, true, [], {}, 'x'.repeat(5_000), '\u0000', 1e308, '9999-99-99'),
        fc.jsonValue({ maxDepth: 2 }),
      );
      const broken = fc
        .record({ event: fc.constantFrom(...events), at: fc.nat(), junk })
        .map(({ event, at, junk: value }) => replaceOne(event, at, value));
      fc.assert(
        fc.property(fc.oneof(broken, fc.jsonValue()), (value) => {
          expectSound(source.read(signed(bytes(value))));
        }),
        { numRuns: 300 },
      );
    });
  });
}

function recognitionContract(fixture: SourceFixture): void {
  const { vendor } = fixture;
  const { source } = deliveries(fixture);

  describe('words', () => {
    test.each(vendor.own)('$word is its own', ({ word, name }) => {
      expect(source.recognises(word)).toBe(name);
    });

    const tickets = vendor.ownsTickets ? [] : ['JIRA-88', 'OPS-1'];
    const others = ['', ' ', 'disk', '30m', '15', '2h', 'until', 'https://example.com/incidents/1', '../x'];
    test.each([...vendor.foreign, ...tickets, ...others])('“%s” is nobody’s', (word) => {
      expect(source.recognises(word)).toBeNull();
    });

    test('no text makes it throw, and nothing with a space or line end in it is its own', () => {
      const words = vendor.own.map(({ word }) => word);
      const anything = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('utf16le'));
      const text = fc.oneof(fc.string(), anything);
      const mixed = fc
        .tuple(fc.constantFrom(...words), text, fc.nat())
        .map(([word, extra, at]) => word.slice(0, at % (word.length + 1)) + extra + word.slice(at % 7));
      fc.assert(
        fc.property(fc.oneof(text, mixed), (typed) => {
          const name = source.recognises(typed);
          if (/\s/u.test(typed)) expect(name).toBeNull();
          if (name !== null) expect(name).toMatch(/^\S{1,500}$/u);
        }),
        { numRuns: 500 },
      );
      for (const word of words) {
        for (const spaced of [`${word} `, ` ${word}`, `${word}\n`, `${word} ${word}`]) {
          expect(source.recognises(spaced), JSON.stringify(spaced)).toBeNull();
        }
        expect(source.recognises(word + 'x'.repeat(100_000))).toBeNull();
      }
    });
  });
}

function sightingOf(reading: Reading): Sighting {
  if (reading.kind !== 'sighting') expect.fail(`should be a sighting, but is ${JSON.stringify(reading)}`);
  return reading.sighting;
}

const eventIdOf = (reading: Reading) => (reading.kind === 'malformed' ? null : reading.eventId);
