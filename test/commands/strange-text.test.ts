/** Whatever text comes in, it is answered in words: what a database does not keep is no internal error. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Inbound } from '../../commands/command.ts';
import { createDispatch } from '../../commands/dispatch.ts';
import { createAddressBook } from '../../db/address-book.ts';
import { readEvents } from '../../db/audit.ts';
import { sealBatch } from '../../db/audit-seal.ts';
import { verifyAudit } from '../../db/audit-verify.ts';
import { storableJson, storableText } from '../../db/storable.ts';
import { ACTION_VERBS, FORM_IDS } from '../../src/chat/card.ts';
import { createAuditKey } from '../../src/domain/audit-key.ts';
import { VERBS } from '../../src/domain/verbs.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse } from '../support/house.ts';

const PIECES = [
  '\0',
  '\ud800',
  '\udfff',
  '\udc00\ud800',
  '\u200b',
  '\u202e',
  '\ufeff',
  '\u001b[31m',
  '\\u0000',
  '"',
  '\\',
  '💥',
  ' ',
  'R-7K3M',
  'prod-dba',
  'INC-1042',
  '1h',
  '<@U-omar>',
  '<@U\0>',
  'https://x.test/\0',
  'why',
] as const;
/** Nothing that an index could make short. */
const long = Array.from({ length: 20_000 }, (_, n) =>
  String.fromCodePoint(0x4e00 + ((n * 7919) % 20_000)),
).join('');
const strange = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.constantFrom(long, '💥'.repeat(5_000), 'x\0'.repeat(5_000)) },
);
/** Each kind of it without who sent it. */
type Unsent<I> = I extends unknown ? Omit<I, 'key' | 'speaker'> : never;

const FIELDS = ['role', 'duration', 'incident', 'reference', 'reason'] as const;

describe.each(['postgres', 'embedded'] as const)('on %s', (kind) => {
  const auditKey = createAuditKey('0'.repeat(64));
  const ledger = ledgerForFile(kind, auditKey);

  async function begin() {
    const house = await createHouse({ ledger: ledger() });
    const dispatch = createDispatch(house.ctx);
    const speaker = { platform: 'slack', workspace: 'T1', userId: 'U-mia' } as const;
    let deliveries = 0;
    /** An error is what a person would be given a number for. */
    const answers = async (inbound: Unsent<Inbound>, key = '', who = speaker) => {
      const sent = { ...inbound, speaker: who, key: `${deliveries++} ${key}` } as Inbound;
      const reply = await dispatch(sent);
      expect(['text', 'card', 'form', 'form-errors', 'none']).toContain(reply.kind);
    };
    return { house, answers, speaker };
  }

  const runs = { numRuns: kind === 'postgres' ? 12 : 5 };

  it.each([...VERBS, 'prod-dba', ''])('“%s” with any text after it', async (verb) => {
    const { answers } = await begin();
    await answers({ kind: 'words', text: `${verb} \0` });
    await answers({ kind: 'words', text: `${verb}\ud800 R-7K3M\0 \0` });
    await fc.assert(
      fc.asyncProperty(strange, strange, async (text, key) => {
        await answers({ kind: 'words', text: `${verb} ${text}` }, key);
      }),
      runs,
    );
  });

  it.each(ACTION_VERBS)('the button %s with any id', async (verb) => {
    const { answers } = await begin();
    await fc.assert(
      fc.asyncProperty(strange, strange, (id, key) => answers({ kind: 'action', verb, id }, key)),
      runs,
    );
  });

  it.each(FORM_IDS)('the form %s with anything in its fields', async (form) => {
    const { house, answers } = await begin();
    const id = await house.ask();
    const about = fc.oneof(fc.constant(id), strange);
    const values = fc.record(Object.fromEntries(FIELDS.map((field) => [field, strange])));
    await fc.assert(
      fc.asyncProperty(about, values, strange, async (of, given, key) => {
        await answers({ kind: 'form', form, about: of, values: given }, key);
        // All well but the words that people write.
        const well = { ...given, role: 'prod-dba', duration: '1h', reference: 'OPS-1' };
        await answers({ kind: 'form', form, about: of, values: well }, key);
      }),
      runs,
    );
  });

  it('people whose id or name is of such text, and what is then on record', async () => {
    const { house, answers, speaker } = await begin();
    await fc.assert(
      fc.asyncProperty(strange, strange, async (userId, name) => {
        house.directory.say('mia', { name });
        await answers({ kind: 'words', text: 'prod-\0dba 1h OPS-1 why' });
        await answers({ kind: 'words', text: 'mine' }, '', { ...speaker, userId: `U-${userId}` as 'U-mia' });
      }),
      runs,
    );
    await answers({ kind: 'words', text: `nothing\0-like-${'💥'.repeat(60)} 1h OPS-1 why` });
    for (const act of ['open', 'close']) {
      await answers({ kind: 'words', text: `incident ${act} INC-7 \0\ud800 ${long}` });
      await answers({ kind: 'words', text: `incident ${act} ${long}` });
    }
    while ((await sealBatch(house.ledger, house.clocks.now())).count > 0);
    expect(await verifyAudit(house.ledger.db, null)).toMatchObject({ ok: true });
    const actions = new Set<string>();
    for await (const { action } of readEvents(house.ledger.db)) actions.add(action);
    expect([...actions]).toEqual(expect.arrayContaining(['request.refused', 'incident.opened-by-hand']));
  });

  it('teams, channels and people in the address book of Teams', async () => {
    const book = createAddressBook(ledger().ledger.db);
    const serviceUrl = 'https://smba.trafficmanager.net/emea/';
    const bad = 'a\0b\ud800';
    await book.joinTeam({ id: '19:t', tenant: 't1', name: bad, serviceUrl });
    await book.joinTeam({ id: '19:t', tenant: 't1', name: bad, serviceUrl });
    expect((await book.teams()).map(({ name }) => name)).toEqual(['a\ufffdb\ufffd']);
    const met = { tenant: 't1', userId: bad, address: bad, name: bad, timeZone: bad, serviceUrl };
    await book.meet({ ...met, direct: bad, seenIn: bad });
    expect(await book.person('t1', bad)).toMatchObject({ name: 'a\ufffdb\ufffd' });
    expect(await book.personAt(bad)).not.toBeNull();
    await book.visit({ id: bad, tenant: 't1', serviceUrl });
    expect(await book.serviceUrlOf(bad)).toBe(serviceUrl);
  });
});

it('leaves alone all that can be kept', () => {
  const kept = ['💥', '\\u0000', '\\\\u0000', '\\ud800', '"\\"', '\u0001\u200b', ''];
  for (const text of kept) expect(storableText(text)).toBe(text);
  expect(JSON.parse(storableJson(kept))).toEqual(kept);
  expect(JSON.parse(storableJson({ 'a\0': ['\0\0\\\0', '\ud800💥\udc00'] }))).toEqual({
    'a\ufffd': ['\ufffd\ufffd\\\ufffd', '\ufffd💥\ufffd'],
  });
});
