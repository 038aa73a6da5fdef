/** The two roles of `docs/audit.md`: the service works under the one that may not touch the log's triggers. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Ledger, openPostgres } from '../../db/client.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { sqlState } from '../../db/sql-state.ts';
import { packageRoot } from '../../src/package-root.ts';
import { liveGrant } from '../support/acts.ts';
import { createHouse } from '../support/house.ts';

const tag = `r${process.pid}`;
let admin: Ledger;
let owner: Ledger;
let runtime: Ledger;

/** The document's statements, with names of our own, one at a time. */
async function run(ledger: Ledger, block: string): Promise<void> {
  const named = block.replaceAll(/\bcurfew(_owner)?\b/g, (name) => `${name}_${tag}`);
  for (const statement of named.split(';').map((text) => text.trim())) {
    if (statement !== '') await ledger.db.execute(sql.raw(statement));
  }
}

function as(user: string, password: string): Ledger {
  const url = new URL(inject('pg18Url'));
  Object.assign(url, { username: `${user}_${tag}`, password, pathname: `/curfew_${tag}` });
  return openPostgres(url.href, { max: 4 });
}

beforeAll(async () => {
  const text = await readFile(path.join(packageRoot(), 'docs/audit.md'), 'utf8');
  const [roles = '', rights = ''] = [...text.matchAll(/```sql\n([^`]+)```/g)].map(([, block]) => block);
  admin = openPostgres(inject('pg18Url'), { max: 1 });
  await run(admin, roles);
  owner = as('curfew_owner', 'owner-password');
  runtime = as('curfew', 'runtime-password');
  await expect(migrateLedger(runtime, packageRoot())).rejects.toThrow('npx curfew migrate');
  await migrateLedger(owner, packageRoot());
  await run(owner, rights);
});
afterAll(async () => {
  await Promise.all([owner.close(), runtime.close()]);
  await admin.db.execute(sql.raw(`drop database curfew_${tag} with (force)`));
  await admin.db.execute(sql.raw(`drop role curfew_${tag}, curfew_owner_${tag}`));
  await admin.close();
});

it('gives access and takes it away under the role of the service', async () => {
  await migrateLedger(runtime, packageRoot());
  const house = await createHouse({ ledger: { ledger: runtime, url: '', close: async () => {} } });
  await liveGrant(house);
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  house.clocks.pass(3600);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
});

it.each([
  'alter table audit_events disable trigger all',
  'drop trigger audit_events_no_change on audit_events',
  'set session_replication_role = replica',
  'update audit_events set actor = $$x$$',
  'delete from audit_events',
  'truncate audit_events',
  'create table mine (id int)',
])('does not let the service: %s', async (statement) => {
  expect(await runtime.db.execute(sql.raw(statement)).then(() => 'done', sqlState)).toBe('42501');
});
