/** Everybody sees a request as what they are to it, with the buttons that are theirs, and nobody sees more. */
import { beforeEach, expect, it } from 'vitest';
import { createLook } from '../../commands/look.ts';
import type { ChatPort, Profile } from '../../src/chat/port.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';

const ledger = ledgerForFile();
let house: House;
let look: (who: string, id: string) => Promise<readonly string[] | null>;

function profileOf(userId: string): Profile {
  const name = userId.replace('U-', '');
  const who = { platform: 'slack', workspace: 'T1', userId, name };
  return { ...who, email: `${name}@acme.test`, timeZone: null, standing: name === 'sam' ? 'guest' : 'full' };
}

beforeEach(async () => {
  house = await createHouse({ ledger: ledger() });
  const port = {
    platform: 'slack',
    profile: async (id: string) => profileOf(id),
    profileByEmail: async () => null,
  } as unknown as ChatPort;
  const see = createLook({ ...house.ctx, ports: new Map([['slack', port]]) });
  look = async (who, id) => {
    const card = await see({ platform: 'slack', workspace: 'T1', userId: `U-${who}` }, id);
    // Whoever gets it is the one for whom its buttons are.
    expect(card?.reserved).toBeUndefined();
    return card?.actions.map(({ verb }) => verb) ?? null;
  };
});

it('while it waits: owners decide, the requester cancels, and an admin by that title neither', async () => {
  const id = await house.ask('ana');
  expect(await look('omar', id)).toEqual(['approve', 'approve-less', 'deny']);
  expect(await look('ana', id)).toEqual(['cancel']);
  expect(await look('mia', id)).toBeNull();
});

it('an owner who asked is a requester, and sees nothing to approve', async () => {
  const id = await house.ask('omar');
  expect(await look('omar', id)).toEqual(['cancel']);
});

it('while it is live: the holder ends or extends it, owners and admins revoke it', async () => {
  const id = await house.ask('ana');
  await house.approve(id);
  await house.settle();
  expect(await look('ana', id)).toEqual(['done', 'extend']);
  expect(await look('omar', id)).toEqual(['revoke']);
  expect(await look('mia', id)).toEqual(['revoke']);
});

it('is shown to nobody else, and there is nothing to see of what does not exist', async () => {
  const id = await house.ask('ana');
  for (const who of ['eve', 'sam']) expect(await look(who, id)).toBeNull();
  expect(await look('omar', 'R-NONE')).toBeNull();
});
