/** The part of the contract of incident sources that is about asking the vendor. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type IncidentSource, SourceError } from '../../src/incidents/source.ts';
import { expectUsable } from './incident-readings.ts';
import type { Mood, SourceFixture, VendorApi } from './incident-vendor.ts';

const FAILURES = {
  'rate-limited': { kind: 'retry', retryAfterS: 17 },
  failing: { kind: 'retry' },
  'broken JSON': { kind: 'retry' },
  'wrong shape': { kind: 'retry' },
  endless: { kind: 'retry' },
  unauthorised: { kind: 'refused' },
  forbidden: { kind: 'refused' },
} as const satisfies Partial<Record<Mood, object>>;
const failures = Object.entries(FAILURES).map(([mood, error]) => ({ mood: mood as Mood, error }));

export function questionContract({ make, vendor }: SourceFixture): void {
  const [incident, other] = vendor.told;
  const [secret] = vendor.secrets;
  const { startApi } = vendor;

  test('without a way to ask it says so, and asking fails instead of denying that there is such an incident', async () => {
    const mute = make({ secrets: [secret], api: null });
    expect(mute.polls).toBe(false);
    const { signal } = new AbortController();
    for (const asking of [
      mute.find(vendor.nameOf(incident), signal),
      mute.listOpen(signal),
      mute.note(incident.key, 'text', signal),
    ]) {
      expect(await failureOf(asking)).toMatchObject({ kind: 'refused' });
    }
    await mute.close();
  });
  if (!startApi) return;

  describe('questions', () => {
    let api: VendorApi;
    let source: IncidentSource;
    let patience: AbortController;
    beforeEach(async () => {
      api = await startApi();
      source = make({ secrets: [secret], api });
      patience = new AbortController();
    });
    afterEach(async () => {
      await source.close();
      await api.close();
    });
    const find = (it = incident) => source.find(vendor.nameOf(it), patience.signal);
    const askings = () => [
      { what: 'find', ask: () => find() },
      { what: 'list', ask: () => source.listOpen(patience.signal) },
      { what: 'note', ask: () => source.note(incident.key, 'Held by Ana.', patience.signal) },
    ];

    test('an incident is found as it is, as of when the question began', async () => {
      expect(source.polls).toBe(true);
      api.put(incident, 'open');
      api.put(other, 'closed');
      const before = Date.now();
      const open = await find();
      const after = Date.now();
      expect(open).toMatchObject({ key: incident.key, title: incident.title, state: 'open' });
      expect(open?.openedAt).toEqual(incident.openedAt);
      const at = open?.at.getTime();
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(after);
      const closed = await find(other);
      expect(closed).toMatchObject({ key: other.key, state: 'closed' });
      for (const sighting of [open, closed]) if (sighting) expectUsable(sighting);
    });

    test('an answer that took long counts as of its question', async () => {
      api.put(incident, 'open');
      api.be('slow');
      const asked = find();
      await api.untilAsked(1);
      const seenAt = Date.now();
      while (Date.now() <= seenAt + 2);
      api.be('well');
      expect((await asked)?.at.getTime()).toBeLessThanOrEqual(seenAt);
    });

    test('by every name that it takes for its own it finds that incident', async () => {
      for (const one of vendor.told) api.put(one, 'open');
      const found = await Promise.all(vendor.own.map(({ name }) => source.find(name, patience.signal)));
      for (const sighting of found) expect([incident.key, other.key]).toContain(sighting?.key);
      expect(found[0]?.key).toBe(incident.key);
    });

    test('an incident that the vendor never heard of is null', async () => {
      api.put(incident, 'open');
      expect(await find(vendor.unheard)).toBeNull();
    });

    test.each(failures)('a vendor that is $mood is never taken for an answer', async ({ mood, error }) => {
      api.put(incident, 'open');
      api.be(mood);
      for (const { what, ask } of askings()) {
        // A note is delivered when the vendor says so by its status, whatever else it says.
        if (what === 'note' && ['broken JSON', 'wrong shape', 'endless'].includes(mood)) continue;
        const failure = await failureOf(ask());
        expect(failure, what).toMatchObject(error);
        expectNoSecrets(failure, [api.token, ...vendor.secrets]);
      }
    });

    test('a deadline is honoured while the vendor does not answer', async () => {
      api.be('slow');
      for (const { what, ask } of askings()) {
        patience = new AbortController();
        const asked = api.asked();
        const failure = failureOf(ask());
        await api.untilAsked(asked + 1);
        patience.abort();
        expect(await failure, what).toMatchObject({ kind: 'retry' });
        expectNoSecrets(await failure, [api.token, ...vendor.secrets]);
      }
    });

    test('a deadline that has passed asks nobody', async () => {
      patience.abort();
      for (const { what, ask } of askings()) {
        expect(await failureOf(ask()), what).toMatchObject({ kind: 'retry' });
      }
      expect(api.asked()).toBe(0);
    });

    test('a closed source lets go of what it was asking', async () => {
      api.be('slow');
      const failure = failureOf(find());
      await api.untilAsked(1);
      await source.close();
      expect(await failure).toMatchObject({ kind: 'retry' });
    });

    test('a vendor that is down is to be asked again', async () => {
      await api.close();
      for (const { what, ask } of askings()) {
        const failure = await failureOf(ask());
        expect(failure, what).toMatchObject({ kind: 'retry' });
        expectNoSecrets(failure, [api.token, ...vendor.secrets]);
      }
    });

    test('it works again as soon as the vendor does', async () => {
      api.put(incident, 'open');
      api.be('failing');
      await failureOf(find());
      api.be('well');
      expect(await find()).toMatchObject({ state: 'open' });
    });

    test('the open ones are listed over all pages, newest first, and no closed one', async () => {
      const all = Array.from({ length: 60 }, (_, index) => vendor.many(index));
      for (const [index, one] of all.entries()) api.put(one, index % 4 === 3 ? 'closed' : 'open');
      const open = all.filter((_, index) => index % 4 !== 3);
      open.sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime());
      const listed = await source.listOpen(patience.signal);
      expect(listed.map(({ key }) => key)).toEqual(open.map(({ key }) => key));
      for (const sighting of listed) expectUsable(sighting);
      expect(new Set(listed.map(({ state }) => state))).toEqual(new Set(['open']));
    });

    test('of very many the 100 newest are listed, with few questions', async () => {
      const all = Array.from({ length: 230 }, (_, index) => vendor.many(index));
      for (const one of all) api.put(one, 'open');
      all.sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime());
      const listed = await source.listOpen(patience.signal);
      expect(listed.map(({ key }) => key)).toEqual(all.slice(0, 100).map(({ key }) => key));
      expect(api.asked()).toBeLessThanOrEqual(10);
    });

    test('none open is an empty list', async () => {
      expect(await source.listOpen(patience.signal)).toEqual([]);
    });

    test('a note is left once, and reads as it was written', async () => {
      api.put(incident, 'closed');
      const text = 'Held by "Ana" <ana@example.com>\n*10:00* – [14:05](x) & \\n `rm` <b>é</b> 🌙 #1 @all';
      await source.note(incident.key, text, patience.signal);
      expect(api.notes()).toEqual([{ key: incident.key, text }]);
    });

    test('a note that the vendor did not take is tried once', async () => {
      api.put(incident, 'closed');
      api.be('failing');
      await failureOf(source.note(incident.key, 'text', patience.signal));
      expect(api.asked()).toBe(1);
    });

    test('a note of 10,000 characters arrives whole', async () => {
      api.put(incident, 'closed');
      const text = 'é'.repeat(10_000);
      await source.note(incident.key, text, patience.signal);
      expect(api.notes()).toEqual([{ key: incident.key, text }]);
    });
  });
}

async function failureOf(asking: Promise<unknown>): Promise<SourceError> {
  const failure = await asking.then(
    (value) => expect.fail(`should have failed, but gave ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!(failure instanceof SourceError)) expect.fail(`should be a SourceError, but is ${inspect(failure)}`);
  return failure;
}

/** Not in the message, the stack, the causes or anywhere that a logger could look. */
function expectNoSecrets(error: SourceError, secrets: readonly string[]): void {
  const everything = inspect(error, { depth: 20, showHidden: true });
  for (const secret of secrets) expect(everything.includes(secret), 'a secret in an error').toBe(false);
}
