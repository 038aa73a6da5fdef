/**
 * Ana belongs to an organisation of several workspaces: whichever of them the platform or the configuration names,
 * she is one person, and everything in Curfew takes her for the same.
 */
import { expect, it } from 'vitest';
import { principals } from '../../db/schema.ts';
import type { Profile } from '../../src/chat/port.ts';
import { identifySpeaker } from '../../src/operations/identify-speaker.ts';
import { offboard } from '../../src/operations/offboard.ts';
import { readStanding } from '../../src/operations/read-standing.ts';
import { createTestDirectory } from '../support/directory.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse } from '../support/house.ts';

const ledger = ledgerForFile();
/** The home workspace, her own one, and the organisation. */
const TEAMS = ['T1', 'T2', 'E1'];
const GUEST = { standing: 'guest', email: 'ana@contractor.test' } as const;
const ANA = 'ana@acme.test';

/** @param named where the configuration names her as ana@acme.test */
async function houseOf({ over = {}, named }: { over?: Partial<Profile>; named?: string }) {
  const mapped = new Map(named === undefined ? [] : [[`slack:${named}/U-ana`, ANA] as const]);
  const directory = createTestDirectory();
  const colleague = { workspace: 'T2', alsoOf: TEAMS, email: 'ana.alba@acme.test' };
  directory.say('ana', { ...colleague, ...over });
  const ports = new Map([['slack', directory.port]]);
  const house = await createHouse({ ledger: ledger(), mapped, ports });
  const who = (workspace: string) => ({ platform: 'slack', workspace, userId: 'U-ana' });
  return {
    ctx: house.ctx,
    port: directory.port,
    speak: (workspace = 'T1') => identifySpeaker(house.ctx, who(workspace)),
    changes: (left: 'guest' | 'deactivated', key: string) =>
      offboard(house.ctx, { deliveryKey: key, person: { ...who('T2'), alsoOf: TEAMS }, left }),
    known: () => house.ledger.db.select().from(principals),
  };
}

it.each(
  TEAMS.flatMap((named) => [
    ['a guest', named, GUEST] as const,
    ['a full member with another address in the directory', named, {}] as const,
  ]),
)(
  '%s whom the configuration names in %s is who it says, wherever she speaks from and at the vote',
  async (_, named, over) => {
    const { ctx, speak, known } = await houseOf({ over, named });
    const here = new Map([[ANA, 'present']]);
    // Before she has spoken, and after it.
    expect(await readStanding(ctx, [ANA])).toEqual(here);
    for (const workspace of TEAMS)
      expect(await speak(workspace)).toMatchObject({ ok: true, principal: { email: ANA } });
    expect(await readStanding(ctx, [ANA])).toEqual(here);
    expect(await known()).toHaveLength(1);
  },
);

it.each(TEAMS)('a guest whom the configuration names in %s did not leave, until she does', async (named) => {
  const { speak, changes, known } = await houseOf({ over: GUEST, named });
  await speak();
  await changes('guest', 'guest');
  expect(await known()).toMatchObject([{ active: true }]);
  await changes('deactivated', 'left');
  expect(await known()).toMatchObject([{ active: false }]);
});

it('the same id in a workspace that is not hers is not who the configuration names', async () => {
  const { speak } = await houseOf({ named: 'T1' });
  expect(await speak('T3')).toMatchObject({ refusal: { code: 'outsider' } });
});

it('is not let in again by what the directory said before she left', async () => {
  const { port, speak, changes, known } = await houseOf({});
  expect(await speak()).toMatchObject({ ok: true });
  const { profile: read } = port;
  let times = 0;
  port.profile = async (id, options) => {
    const before = await read(id, options);
    await changes('deactivated', `left ${++times}`);
    return before;
  };
  await speak();
  expect(await known()).toMatchObject([{ active: false }]);
  expect(await speak()).toMatchObject({ refusal: { code: 'deactivated' } });
  expect(await known()).toMatchObject([{ active: false }]);
  port.profile = read;
  expect(await speak()).toMatchObject({ ok: true, principal: { active: true } });
});
