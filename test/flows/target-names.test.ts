/** Accounts and roles of a real PostgreSQL that change their names, or are made anew, while access is live. */
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type PostgresFixture, postgresFixture } from '../support/postgres-fixture.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';

let target: PostgresFixture;
let town: Town;
let talk: Talk;
beforeEach(async () => {
  target = await postgresFixture(inject('pg18Url'), inject('pg15Url'));
  const accounts = { map: { 'ana@acme.test': target.names.ana } };
  const entitlements = [{ connector: 'prod-pg', permission: { role: target.names.dba } }];
  town = await createTown({
    connectors: [target.connect({ accounts }, 'prod-pg')],
    roles: [roleOf('dba', { entitlements })],
  });
  talk = createTalk(town);
});
afterEach(async () => {
  await talk.close();
  await target.tearDown();
});

/** Who is in the role, by what the server has. */
async function members(role = target.names.dba): Promise<string[]> {
  const rows = await target.admin<{ member: string }[]>`
    select distinct a.rolname as member
    from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member
    where r.rolname = ${role} and a.rolname <> ${target.names.bot}`;
  return rows.map(({ member }) => member);
}

const eventsOf = async (action: string) => (await talk.log()).filter((event) => event.action === action);

/** Longer than from one read-back to the next. */
const UNTIL_READ_BACK_S = 301;

describe('a login renamed in the window', () => {
  it('is shown by its new name, loses the access at the end, and has nothing when renamed back', async () => {
    const { ana } = target.names;
    const left = `${ana}_deleted`;
    const id = await talk.live('ana', 'dba');
    expect(await members()).toEqual([ana]);

    await target.rename.account(ana);
    town.pass(UNTIL_READ_BACK_S);
    await talk.timeline(id, new RegExp(`${ana} on prod-pg is called ${left} now`));
    await talk.card(id, '#access-approvals', new RegExp(left));
    town.pass(UNTIL_READ_BACK_S);
    town.pass(UNTIL_READ_BACK_S);

    town.pass(3600);
    await talk.card(id, '#access-approvals', /Ended .*absence confirmed/);
    expect(await members()).toEqual([]);
    await target.rename.accountBack(left, ana);
    expect(await members()).toEqual([]);

    const renamed = await eventsOf('access.renamed');
    expect(renamed).toHaveLength(1);
    expect(renamed[0]).toMatchObject({
      actor: 'outside',
      details: { request: id, renamed: 'account', from: ana, to: left },
    });
    expect(await eventsOf('access.removed')).toHaveLength(1);
  });
});

describe('a role renamed in the window', () => {
  it('is left by its new name, and whoever is in the role that took the old one stays there', async () => {
    const { dba, ana } = target.names;
    const id = await talk.live('ana', 'dba');
    const permission = await target.rename.permission({ role: dba });
    await target.rename.newPermission({ role: dba });
    await target.makeHeld({ permission: { role: dba }, account: ana } as never);
    town.pass(UNTIL_READ_BACK_S);
    await talk.card(id, '#access-approvals', new RegExp(permission.role));
    town.pass(3600);
    await talk.card(id, '#access-approvals', /Ended .*absence confirmed/);
    expect(await members(permission.role)).toEqual([]);
    expect(await members()).toEqual([ana]);
    expect(await eventsOf('access.renamed')).toMatchObject([
      { details: { from: `member of ${dba} on prod-pg`, to: `member of ${permission.role} on prod-pg` } },
    ]);
  });
});

describe.each(['account', 'permission'] as const)('an %s dropped and made anew in the window', (end) => {
  /** The one that Ana was given is gone, and who took its name is a member by somebody else's hand. */
  async function replace(): Promise<void> {
    const { dba, ana } = target.names;
    if (end === 'account') {
      await target.rename.dropAccount?.(ana);
      await target.rename.newAccount(ana);
    } else {
      await target.rename.dropPermission?.({ role: dba });
      await target.rename.newPermission({ role: dba });
    }
    await target.makeHeld({ permission: { role: dba }, account: ana } as never);
  }

  it('ends the access, says so, and leaves the newcomer what it has', async () => {
    const id = await talk.live('ana', 'dba');
    await replace();
    town.pass(UNTIL_READ_BACK_S);
    await talk.card(id, '#access-approvals', /Ended .*absence confirmed/s);
    await talk.timeline(id, new RegExp(`the ${end} is gone in the target, and the access with it`));
    town.pass(3600);
    expect(await members()).toEqual([target.names.ana]);
    const gone = await eventsOf('access.gone');
    expect(gone).toHaveLength(1);
    expect(gone[0]?.details).toMatchObject({
      gone: end,
      request: id,
      proof: expect.stringContaining('by id'),
    });
  });

  it('takes nothing from the newcomer where the end comes first', async () => {
    const id = await talk.live('ana', 'dba');
    await replace();
    expect(await talk.says('ana', `done ${id}`)).not.toBe('');
    await talk.card(id, '#access-approvals', /Ended/);
    expect(await members()).toEqual([target.names.ana]);
    expect(await eventsOf('access.gone')).toMatchObject([{ details: { gone: end } }]);
  });
});
