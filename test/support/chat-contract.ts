/**
 * One scripted life of a request, told once, for every chat platform. A platform passes when its stage does.
 *
 * What a stage must do:
 * - There are Ana, Omar, Lea and Mia, all full members with addresses of acme.test. `CONTRACT_ROLES` is the
 *   catalog: Omar and Lea own all of it, Mia is an admin, and what each role gives is what `holds` reads in
 *   the target.
 * - Whoever reads gets plain words, as that person reads them on their own screen: dates as
 *   `2026-11-20 15:00 UTC`, buttons as `[label]`. `says`, `presses` and `fills` give what only that person is
 *   told in answer; where a form opens or stays open, the form's words with values, hints and faults.
 * - Waiting is bounded, and says at the end what was there instead. Clocks stand still until `passes`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/catalog.ts';
import { testRole } from './house.ts';

export type Who = 'ana' | 'omar' | 'lea' | 'mia';
/** The channel for approvals, or what Curfew wrote to this person alone. */
export type Where = 'channel' | 'privately';

/** A card as it was shown to somebody; it may be out of date by the time it is pressed. */
export interface Shown {
  readonly text: string;
}

export interface Stage<Card extends Shown = Shown> {
  /** How Curfew calls them. */
  name(who: Who): string;
  /** Says words to Curfew where nobody else reads. */
  says(who: Who, words: string): Promise<string>;
  /** Waits until one of the request's cards reads so to this person. */
  sees(who: Who, where: Where, id: string, words: RegExp): Promise<Card>;
  /** Presses a button of a card as it was shown to somebody, whoever that was. */
  presses(who: Who, card: Card, label: string): Promise<string>;
  /** Fills in the form that opened last for this person; what is not in `values` stays as it was opened. */
  fills(who: Who, values: Readonly<Record<string, string>>): Promise<string>;
  /** The platform delivers once more what this person said, pressed or sent last: what they read then. */
  repeats(who: Who): Promise<string>;
  /** The lines under the card in the channel, oldest first, once one of them reads so. */
  timeline(id: string, words: RegExp): Promise<readonly string[]>;
  /** Waits until a line to this person alone reads so. */
  hears(who: Who, words: RegExp): Promise<void>;
  holds(role: string, who: Who): boolean | Promise<boolean>;
  /** Time passes, and what is due is done. */
  passes(seconds: number): void | Promise<void>;
  /** What is on record of this request, in order, once all of it is sealed; throws when the log does not verify. */
  record(id: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const roleCalled = (key: string): Role =>
  testRole({ name: key, title: `Role ${key}`, entitlements: [{ connector: 'vault', permission: { key } }] });

export const CONTRACT_ROLES: readonly Role[] = ['life', 'denied', 'lapsing', 'known', 'repeated'].map(
  roleCalled,
);

/** The first time that stands in there, so many minutes later. */
function later(text: string, minutes: number): string {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/.exec(text) ?? [];
  const moved = Date.parse(`${day}T${time}Z`) + minutes * 60_000;
  return new Date(moved).toISOString().slice(0, 16).replace('T', ' ');
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export function chatContract<Card extends Shown>(
  platform: string,
  { setUp }: { setUp: () => Promise<Stage<Card>> },
): void {
  describe(`a request on ${platform}`, () => {
    let stage: Stage<Card>;
    beforeAll(async () => {
      stage = await setUp();
    });
    afterAll(() => stage?.close());

    const asked = (said: string) => {
      const id = /Asked, as (R-\w+)/.exec(said)?.[1];
      if (!id) throw new Error(`not asked: ${said}`);
      return id;
    };
    const asks = async (role: string, rest: string) => asked(await stage.says('ana', `${role} ${rest}`));

    it('lives: asked for, approved for less, extended, handed back, and gone from the target', async () => {
      const [ana, omar, lea] = [stage.name('ana'), stage.name('omar'), stage.name('lea')];

      const form = await stage.says('ana', 'life 2h');
      for (const words of ['life', '2h', 'Say why, in a few words.']) expect(form).toContain(words);
      const fault = await stage.fills('ana', { duration: '9h', reference: 'INC-1', reason: 'failing over' });
      expect(fault).toContain('At most 4 h for this role.');
      expect(await stage.holds('life', 'ana')).toBe(false);
      const id = asked(
        await stage.fills('ana', { duration: '2h', reference: 'INC-1', reason: 'failing over' }),
      );

      for (const who of ['omar', 'lea'] as const) {
        for (const where of ['channel', 'privately'] as const) {
          const { text } = await stage.sees(who, where, id, /\[Approve\]/);
          for (const words of [`${ana} asks for Role life`, '2 h', 'INC-1', 'failing over', '[Deny]'])
            expect(text).toContain(words);
        }
      }
      expect((await stage.sees('ana', 'privately', id, /You asked for/)).text).not.toContain('[Approve]');

      const stale = await stage.sees('omar', 'channel', id, /\[Approve\]/);
      const leas = await stage.sees('lea', 'privately', id, /\[Approve\]/);
      expect(await stage.presses('ana', stale, 'Approve')).toContain('Nobody decides on their own access');
      expect(await stage.presses('mia', stale, 'Approve')).toContain('Only an owner of Role life can decide');
      expect(await stage.holds('life', 'ana')).toBe(false);

      expect(await stage.presses('omar', stale, 'Approve for less')).toContain(`This approves ${id}`);
      expect(await stage.fills('omar', { duration: '2h' })).toContain('That is not less than what was asked');
      await stage.presses('omar', stale, 'Approve for less');
      expect(await stage.fills('omar', { duration: '1h' })).toContain(`Approved ${id} for 1 h.`);
      expect(await stage.presses('lea', leas, 'Approve')).toContain(`It is approved already, by ${omar}.`);

      const live = await stage.sees('ana', 'privately', id, /Live until.*\[I'm done\]/s);
      expect(await stage.holds('life', 'ana')).toBe(true);
      await stage.sees('omar', 'channel', id, /Live until .*approved by/);
      await stage.sees('lea', 'privately', id, /Approved for less: 1 h instead of 2 h/);

      await stage.passes(55 * MINUTE);
      const reminder = await stage.sees('ana', 'privately', id, /It ends at/);
      expect(await stage.presses('ana', reminder, 'Extend')).toContain('How much more');
      const more = asked(await stage.fills('ana', { duration: '30m', reason: 'the copy is slow' }));
      const extension = await stage.sees('lea', 'channel', more, /asks for 30 min more of Role life/);
      expect(await stage.presses('lea', extension, 'Approve')).toContain(`Approved ${more} for 30 min.`);
      await stage.hears('ana', new RegExp(`Extended by ${lea}: until`));
      await stage.passes(30 * MINUTE);
      await stage.sees('ana', 'privately', id, new RegExp(`It ends at ${later(reminder.text, 30)} UTC`));
      expect(await stage.holds('life', 'ana')).toBe(true);

      expect(await stage.presses('ana', live, "I'm done")).toContain(`Thank you. ${id}`);
      const ended = new RegExp(`handed back by ${ana}; absence confirmed`);
      await stage.sees('omar', 'channel', id, ended);
      await stage.sees('lea', 'privately', id, ended);
      await stage.sees('ana', 'privately', id, ended);
      expect(await stage.holds('life', 'ana')).toBe(false);

      expect(await stage.presses('omar', stale, 'Approve')).toContain(`It is approved already, by ${omar}.`);
      expect(await stage.presses('ana', live, "I'm done")).toContain('that access is over');
      expect(await stage.holds('life', 'ana')).toBe(false);

      await stage.timeline(more, new RegExp(`Extended by ${lea}: until`));
      const lines = await stage.timeline(id, /Ended/);
      const told = [
        `${ana} asked for Role life for 2 h.`,
        `Approved by ${omar} for 1 h.`,
        /^Live until/,
        `Ending: handed back by ${ana}.`,
        /^Ended: handed back by .*Absence confirmed/,
      ];
      expect(lines.map((line) => told.findIndex((each) => line.match(each) !== null))).toEqual(
        told.map((_, index) => index),
      );
      expect(await stage.record(id)).toEqual(
        expect.arrayContaining(['request.created', 'request.approved', 'grant.live', 'grant.ended']),
      );
    });

    it('is denied with a reason, which everybody concerned reads, and gives nothing', async () => {
      const [omar] = [stage.name('omar')];
      const id = await asks('denied', '1h INC-2 just looking');
      const card = await stage.sees('omar', 'privately', id, /\[Deny\]/);
      expect(await stage.presses('omar', card, 'Deny')).toContain(`This denies ${id}.`);
      expect(await stage.fills('omar', { reason: 'use the replica' })).toContain(`Denied ${id}.`);
      for (const [who, where] of [
        ['lea', 'channel'],
        ['lea', 'privately'],
        ['ana', 'privately'],
      ] as const) {
        const { text } = await stage.sees(who, where, id, new RegExp(`Denied by ${omar}`));
        expect(text).toContain('use the replica');
        expect(text).not.toContain('[');
      }
      await stage.hears('ana', new RegExp(`Denied by ${omar}: use the replica`));
      expect(await stage.presses('lea', card, 'Approve')).toContain(`It was denied already, by ${omar}.`);
      expect(await stage.holds('denied', 'ana')).toBe(false);
      expect(await stage.record(id)).toContain('request.denied');
    });

    it('expires when nobody decides, and cannot be approved after', async () => {
      const id = await asks('lapsing', '1h INC-3 some time');
      const card = await stage.sees('omar', 'channel', id, /\[Approve\]/);
      await stage.passes(8 * HOUR);
      await stage.sees('omar', 'channel', id, /Expired/);
      await stage.sees('ana', 'privately', id, /Expired/);
      expect(await stage.presses('omar', card, 'Approve')).toContain('It has expired.');
      expect(await stage.holds('lapsing', 'ana')).toBe(false);
      expect(await stage.record(id)).toContain('request.expired');
    });

    it('is told in lists, to those whom it concerns', async () => {
      const id = await asks('known', '30m INC-4 at work');
      expect(await stage.says('ana', 'mine')).toContain(`30 min of Role known (${id}), lapses`);
      expect(await stage.says('omar', 'pending')).toContain(
        `${stage.name('ana')}: 30 min of Role known (${id})`,
      );
      expect(await stage.says('mia', 'pending')).not.toContain(id);
      expect(await stage.says('omar', `approve ${id}`)).toContain(`Approved ${id} for 30 min.`);
      await stage.sees('ana', 'privately', id, /Live until/);
      expect(await stage.says('ana', 'mine')).toMatch(new RegExp(`Role known: live until .*\\(${id}\\)`));
      expect(await stage.says('mia', 'who known')).toMatch(
        new RegExp(`${stage.name('ana')}: live until .*\\(${id}\\)`),
      );
      expect(await stage.says('lea', 'who nothing')).toContain('There is no role nothing.');
      const status = await stage.says('lea', `status ${id}`);
      expect(status).toContain(`approved by ${stage.name('omar')}`);
      expect(status).not.toContain('[');
      expect(await stage.says('mia', 'roles KNOW')).toContain('Role known: high risk, production');
      expect(await stage.says('ana', 'help')).toContain('extend ID DURATION REASON');
      expect(await stage.says('ana', `done ${id}`)).toContain(`Thank you. ${id}`);
      await stage.sees('ana', 'privately', id, /Ended/);
      expect(await stage.says('ana', 'mine')).toContain('You hold nothing from Curfew just now.');
    });

    it('changes nothing when the platform delivers something twice, and answers the same', async () => {
      const said = await stage.says('ana', 'repeated 1h INC-5 twice on the wire');
      expect(await stage.repeats('ana')).toBe(said);
      const id = asked(said);
      const card = await stage.sees('omar', 'channel', id, /\[Approve\]/);
      const told = await stage.presses('omar', card, 'Approve');
      expect(told).toContain(`Approved ${id} for 1 h.`);
      expect(await stage.repeats('omar')).toContain(`Approved ${id} for 1 h.`);
      await stage.sees('ana', 'privately', id, /Live until/);
      const live = await stage.sees('ana', 'privately', id, /\[I'm done\]/);
      expect(await stage.presses('ana', live, "I'm done")).toContain(`Thank you. ${id}`);
      expect(await stage.repeats('ana')).toContain(`Thank you. ${id}`);
      await stage.sees('omar', 'channel', id, /absence confirmed/);
      const record = await stage.record(id);
      for (const action of [
        'request.created',
        'request.approved',
        'grant.live',
        'grant.ending',
        'grant.ended',
      ])
        expect(record.filter((each) => each === action)).toEqual([action]);
      expect(await stage.holds('repeated', 'ana')).toBe(false);
    });
  });
}
