/** Who is speaking: a full member of the home workspace, bound once to one mail address; anything unclear is refused. */
import { expect, it } from 'vitest';
import { principals } from '../../db/schema.ts';
import { ChatError, type ChatPort, type Profile } from '../../src/chat/port.ts';
import { castVote } from '../../src/operations/cast-vote.ts';
import { identifySpeaker } from '../../src/operations/identify-speaker.ts';
import { offboard } from '../../src/operations/offboard.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { actions, alerts } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse } from '../support/house.ts';

const ledger = ledgerForFile();
const U1 = { platform: 'slack', workspace: 'T1', userId: 'U1' };
const ana: Profile = {
  ...U1,
  standing: 'full',
  email: 'ana@acme.test',
  name: 'Ana',
  timeZone: 'Europe/Berlin',
};

/** Owners who have not spoken are found by their addresses. */
const everybodyElse = async (email: string): Promise<Profile> => ({ ...ana, userId: email, email });

/** A house whose directory knows these people. */
async function houseOf(...known: Profile[]) {
  const profiles = new Map(known.map((profile) => [profile.userId, profile]));
  const port = {
    platform: 'slack',
    profile: async (userId: string) => profiles.get(userId) ?? null,
    profileByEmail: everybodyElse,
  };
  const house = await createHouse({ ledger: ledger() });
  const ctx = { ...house.ctx, ports: new Map([['slack', port as unknown as ChatPort]]) };
  return {
    house,
    profiles,
    port,
    ctx,
    speak: (who: Partial<typeof U1> = {}) => identifySpeaker(ctx, { ...U1, ...who }),
  };
}

it('binds a person on first sight, puts that on record once, and keeps the name up to date', async () => {
  const { house, profiles, speak } = await houseOf(ana);
  expect(await speak()).toMatchObject({ ok: true, principal: { email: 'ana@acme.test', name: 'Ana' } });
  profiles.set('U1', { ...ana, name: 'Ana Maria' });
  expect(await speak()).toMatchObject({ ok: true, principal: { name: 'Ana Maria' } });
  await house.settle();
  expect((await actions(house)).filter((action) => action === 'principal.bound')).toHaveLength(1);
});

it.each<[string, string, Partial<Profile>]>([
  ['a guest', 'guest', { standing: 'guest' }],
  ['a bot', 'bot', { standing: 'bot' }],
  ['somebody deactivated', 'deactivated', { standing: 'deactivated' }],
  ['somebody of another organisation', 'outsider', { standing: 'outsider' }],
  ['somebody of another workspace', 'outsider', { workspace: 'T2' }],
  ['somebody without a mail address', 'no-mail', { email: null }],
  ['somebody with a mail address of elsewhere', 'foreign-domain', { email: 'ana@acme.test.evil.test' }],
  ['somebody whose address only looks like ours', 'foreign-domain', { email: 'ana@sub.acme.test' }],
])('refuses %s, and binds nothing', async (_, code, over) => {
  const { speak, house } = await houseOf({ ...ana, ...over });
  expect(await speak()).toMatchObject({ ok: false, refusal: { code } });
  await house.settle();
  expect(await actions(house)).toEqual([]);
});

it('refuses whom the directory does not know, and everybody while it does not answer', async () => {
  const { port, speak } = await houseOf();
  expect(await speak()).toMatchObject({ ok: false, refusal: { code: 'unknown-person' } });
  port.profile = () => Promise.reject(new Error('no answer'));
  expect(await speak()).toMatchObject({ ok: false, refusal: { code: 'directory-unavailable' } });
});

it('says so to whom it knows, and does not know whom it does not, where they cannot be found any more', async () => {
  const { port, speak } = await houseOf(ana);
  await principalOf(speak());
  port.profile = () =>
    Promise.reject(new ChatError('unreachable', 'in_no_place', 'nowhere', { outcomeKnown: true }));
  expect(await speak()).toMatchObject({ refusal: { code: 'directory-unavailable' } });
  expect(await speak({ userId: 'U2' })).toMatchObject({ refusal: { code: 'unknown-person' } });
});

it.each<[string, Profile[], string]>([
  ['a person whose mail address changed', [{ ...ana, email: 'ana.maria@acme.test' }], 'U1'],
  ['a second person with a mail address', [ana, { ...ana, userId: 'U2' }], 'U2'],
])('refuses %s, alerts, and puts it on record', async (_, then, userId) => {
  const { profiles, speak, house } = await houseOf(ana);
  await speak();
  for (const profile of then) profiles.set(profile.userId, profile);
  expect(await speak({ userId })).toMatchObject({ ok: false, refusal: { code: 'identity-conflict' } });
  expect(await alerts(house)).toMatchObject([{ kind: 'identity-conflict', userId }]);
  await house.settle();
  expect(await actions(house)).toContain('principal.conflict');
});

it('is the same person in whatever case the directory writes the address: nobody decides on their own', async () => {
  const { profiles, speak, ctx } = await houseOf({ ...ana, userId: 'U1', email: 'Omar@Acme.Test' });
  const asked = await speak();
  if (!asked.ok) throw new Error('refused');
  expect(asked.principal.email).toBe('omar@acme.test');
  profiles.set('U1', { ...ana, email: 'OMAR@ACME.TEST' });
  const clicked = await speak();
  if (!clicked.ok) throw new Error('refused');
  expect(clicked.principal.id).toBe(asked.principal.id);
  const what = { role: 'prod-dba', durationS: 60, endsBy: null, reference: null, reason: 'why not' };
  const request = await submitRequest(ctx, { deliveryKey: 'a', requester: asked.principal, ...what });
  if (!request.ok) throw new Error('refused');
  const vote = {
    approver: clicked.principal,
    requestId: request.id,
    verdict: 'approve',
    lessS: null,
    note: null,
  } as const;
  expect(await castVote(ctx, { deliveryKey: 'x', ...vote })).toMatchObject({
    refusal: { rule: 'not-own-request' },
  });
});

const A1 = { platform: 'teams', workspace: 'tenant-1', userId: 'a1' };
const anaInTeams: Profile = { ...ana, ...A1, name: 'Ana (Acme)', timeZone: null };

/** As `houseOf`, with a Teams beside Slack; `mapped` is what the configuration says of people. */
async function bothOf(
  known: { slack?: Profile[]; teams?: Profile[] },
  mapped: ReadonlyMap<string, string> = new Map(),
) {
  const house = await createHouse({ ledger: ledger(), platforms: ['slack', 'teams'], mapped });
  const portOf = (platform: 'slack' | 'teams') => {
    const profiles = new Map((known[platform] ?? []).map((profile) => [profile.userId, profile]));
    const profile = async (id: string) => profiles.get(id) ?? null;
    return { platform, profile, profileByEmail: everybodyElse } as unknown as ChatPort;
  };
  const ports = new Map((['slack', 'teams'] as const).map((platform) => [platform, portOf(platform)]));
  const ctx = { ...house.ctx, ports };
  return { house, ctx, speak: (who: typeof U1) => identifySpeaker(ctx, who) };
}

async function principalOf(speaking: ReturnType<typeof identifySpeaker>) {
  const identified = await speaking;
  if (!identified.ok) throw new Error(`refused: ${identified.refusal.code}`);
  return identified.principal;
}

it('is one person in Slack and in Teams, who cannot approve there what they asked for here', async () => {
  const { speak, ctx } = await bothOf({
    slack: [{ ...ana, email: 'omar@acme.test' }],
    teams: [{ ...anaInTeams, email: 'Omar@Acme.test' }],
  });
  const inSlack = await principalOf(speak(U1));
  const inTeams = await principalOf(speak(A1));
  expect(inTeams.id).toBe(inSlack.id);
  expect(inTeams.platform).toBe('teams');

  const what = { role: 'prod-dba', durationS: 60, endsBy: null, reference: null, reason: 'why not' };
  const request = await submitRequest(ctx, { deliveryKey: 'a', requester: inSlack, ...what });
  if (!request.ok) throw new Error('refused');
  const vote = {
    approver: inTeams,
    requestId: request.id,
    verdict: 'approve',
    lessS: null,
    note: null,
  } as const;
  expect(await castVote(ctx, { deliveryKey: 'x', ...vote })).toMatchObject({
    refusal: { rule: 'not-own-request' },
  });
  // Nor can they ask for the same twice, once on each.
  expect(await submitRequest(ctx, { deliveryKey: 'b', requester: inTeams, ...what })).toMatchObject({
    refusal: { rule: 'not-open-already' },
  });
});

it('votes once, whichever platform they vote from', async () => {
  const { speak, ctx } = await bothOf({
    slack: [
      { ...ana, email: 'omar@acme.test' },
      { ...ana, userId: 'U9', email: 'ben@acme.test' },
    ],
    teams: [{ ...anaInTeams, email: 'omar@acme.test' }],
  });
  const ben = { platform: 'slack', workspace: 'T1', userId: 'U9' };
  const requester = await principalOf(speak(ben));
  const what = { role: 'prod-dba', durationS: 60, endsBy: null, reference: null, reason: 'why not' };
  const request = await submitRequest(ctx, { deliveryKey: 'a', requester, ...what });
  if (!request.ok) throw new Error('refused');
  const vote = { requestId: request.id, verdict: 'approve', lessS: null, note: null } as const;
  const [inSlack, inTeams] = [await principalOf(speak(U1)), await principalOf(speak(A1))];
  expect(await castVote(ctx, { deliveryKey: 's', approver: inSlack, ...vote })).toMatchObject({ ok: true });
  expect(await castVote(ctx, { deliveryKey: 't', approver: inTeams, ...vote })).toMatchObject({ ok: false });
});

it('takes whom the configuration names for who it says they are, a guest or a member of elsewhere too', async () => {
  const guest: Profile = { ...anaInTeams, standing: 'guest', email: 'pat@contractor.test' };
  const mapped = new Map([['teams:tenant-1/a1', 'ana@acme.test']]);
  const { speak } = await bothOf({ slack: [ana], teams: [guest] }, mapped);
  const inSlack = await principalOf(speak(U1));
  expect(await principalOf(speak(A1))).toMatchObject({ id: inSlack.id, email: 'ana@acme.test' });
});

it.each([
  ['bot', 'bot'],
  ['deactivated', 'deactivated'],
] as const)('refuses a %s also where the configuration names it', async (standing, code) => {
  const mapped = new Map([['teams:tenant-1/a1', 'ana@acme.test']]);
  const { speak } = await bothOf({ teams: [{ ...anaInTeams, standing }] }, mapped);
  expect(await speak(A1)).toMatchObject({ ok: false, refusal: { code } });
});

it('knows somebody who left one platform nowhere else either, until that platform takes them back', async () => {
  const { speak, ctx, house } = await bothOf({ slack: [ana], teams: [anaInTeams] });
  await principalOf(speak(U1));
  await principalOf(speak(A1));
  await offboard(ctx, { deliveryKey: 'left', person: U1 });
  for (let again = 0; again < 2; again += 1) {
    expect(await speak(A1)).toMatchObject({ ok: false, refusal: { code: 'left-elsewhere' } });
  }
  expect(await alerts(house)).toMatchObject([{ kind: 'identity-conflict', userId: 'a1' }]);
  // Slack says that they are a full member again.
  await principalOf(speak(U1));
  expect(await principalOf(speak(A1))).toMatchObject({ active: true });
});

it('forgets what a platform said that is not in use any more', async () => {
  const { speak, ctx } = await bothOf({ slack: [ana], teams: [anaInTeams] });
  await principalOf(speak(U1));
  await principalOf(speak(A1));
  await offboard(ctx, { deliveryKey: 'left', person: U1 });
  const onlyTeams = { ...ctx, platforms: ['teams'] as const };
  expect(await principalOf(identifySpeaker(onlyTeams, A1))).toMatchObject({ active: true });
});

it('is not let in again by what another process remembers of somebody who was deactivated', async () => {
  const { house, profiles, port, ctx, speak } = await houseOf(ana);
  await principalOf(speak());
  const remembered = new Map(profiles);
  const other = {
    ...ctx,
    ports: new Map([
      [
        'slack',
        {
          ...port,
          profile: async (id: string, options?: { fresh?: boolean }) =>
            (options?.fresh ? profiles : remembered).get(id) ?? null,
        } as unknown as ChatPort,
      ],
    ]),
  };
  profiles.set('U1', { ...ana, standing: 'deactivated' });
  await offboard(ctx, { deliveryKey: 'left', person: U1 });
  for (let again = 0; again < 2; again += 1) {
    expect(await identifySpeaker(other, U1)).toMatchObject({ refusal: { code: 'deactivated' } });
  }
  expect(await house.ledger.db.select().from(principals)).toMatchObject([{ active: false }]);
  // The directory, asked after that, says otherwise.
  profiles.set('U1', ana);
  expect(await principalOf(identifySpeaker(other, U1))).toMatchObject({ active: true });
});

it('is not let in again by what the directory said before they left', async () => {
  const { house, port, ctx, speak } = await houseOf(ana);
  await principalOf(speak());
  await offboard(ctx, { deliveryKey: 'left', person: U1 });
  const read = port.profile;
  port.profile = async (id) => {
    const before = await read(id);
    await offboard(ctx, { deliveryKey: 'left again', person: U1 });
    return before;
  };
  expect(await speak()).toMatchObject({ refusal: { code: 'deactivated' } });
  expect(await house.ledger.db.select().from(principals)).toMatchObject([{ active: false }]);
});

it('leaves in peace a guest whom the configuration names', async () => {
  const guest: Profile = { ...anaInTeams, standing: 'guest', email: 'pat@contractor.test' };
  const mapped = new Map([['teams:tenant-1/a1', 'ana@acme.test']]);
  const { speak, ctx, house } = await bothOf({ teams: [guest] }, mapped);
  await principalOf(speak(A1));
  await offboard(ctx, { deliveryKey: 'guest', person: A1, left: 'guest' });
  expect(await house.ledger.db.select().from(principals)).toMatchObject([{ active: true }]);
  await offboard(ctx, { deliveryKey: 'left', person: A1, left: 'deactivated' });
  expect(await house.ledger.db.select().from(principals)).toMatchObject([{ active: false }]);
});
