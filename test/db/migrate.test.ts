/** A ledger of an older version is brought up to this one, with everything that it holds. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { describe, expect, inject, it } from 'vitest';
import { type Ledger, openEmbedded, openPostgres } from '../../db/client.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { findSpeaker } from '../../db/principals.ts';
import { findRequest } from '../../db/requests.ts';
import { ExpectedFailure } from '../../src/expected-failure.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';

/** A package root that knows only the first migrations. */
async function olderPackage(migrations: number): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'curfew-older-'));
  await cp(path.join(packageRoot(), 'db/migrations'), path.join(root, 'db/migrations'), { recursive: true });
  const file = path.join(root, 'db/migrations/meta/_journal.json');
  const journal = JSON.parse(await readFile(file, 'utf8')) as { entries: unknown[] };
  await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, migrations) }));
  return root;
}

async function open(kind: Ledger['kind']): Promise<{ ledger: Ledger; close(): Promise<void> }> {
  if (kind === 'embedded') {
    const ledger = await openEmbedded(null);
    return { ledger, close: () => ledger.close() };
  }
  const database = await createDatabase(inject('pg18Url'));
  const ledger = openPostgres(database.url, { max: 2 });
  return {
    ledger,
    async close() {
      await ledger.close();
      await database.drop();
    },
  };
}

describe.each(['postgres', 'embedded'] as const)('a ledger on %s', (kind) => {
  it('that knows the accounts of what was given by name only is refused whole, with what to do', async () => {
    const { ledger, close } = await open(kind);
    const older = await olderPackage(9);
    try {
      await migrateLedger(ledger, older);
      await ledger.db.execute(sql`
        insert into account_pins (target_id, account, email, pinned_at)
        values ('postgres:7', 'ana', 'ana@acme.test', now())`);
      const refused = await migrateLedger(ledger, packageRoot()).catch((error: Error) => error);
      expect(refused).toBeInstanceOf(ExpectedFailure);
      expect(String(refused)).toContain('Start the earlier version again');
      // That version finds it as it was.
      const [pin] = await ledger.db.select({ account: sql`account` }).from(sql`account_pins`);
      expect(pin).toEqual({ account: 'ana' });
    } finally {
      await close();
      await rm(older, { recursive: true });
    }
  });

  it('from before people had identities keeps who they are and where they asked', async () => {
    const { ledger, close } = await open(kind);
    const older = await olderPackage(2);
    try {
      await migrateLedger(ledger, older);
      await ledger.db.execute(sql`
        insert into principals (platform, workspace, user_id, email, name, time_zone, bound_at)
        values ('slack', 'T1', 'U1', 'ana@acme.test', 'Ana', 'Europe/Berlin', now())`);
      await ledger.db.execute(sql`
        insert into requests (id, kind, requester_id, subject_id, role, role_title, risk, environment,
          duration_s, reason, entitlements, state, decision, created_at, expires_at)
        select 'R-1111', 'access', id, id, 'prod-dba', 'DBA', 'high', 'production', 3600, 'why', '[]', 'pending',
          '{}', now(), now() from principals`);
      await migrateLedger(ledger, packageRoot());
      await migrateLedger(ledger, packageRoot());

      const ana = await findSpeaker(ledger.db, { platform: 'slack', workspace: 'T1', userId: 'U1' });
      expect(ana).toMatchObject({
        principal: { email: 'ana@acme.test', name: 'Ana', active: true, platform: 'slack' },
        identity: { timeZone: 'Europe/Berlin' },
      });
      const found = await findRequest(ledger.db, 'R-1111');
      expect(found?.request.platform).toBe('slack');
      expect(found?.requester.id).toBe(ana?.principal.id);
    } finally {
      await close();
      await rm(older, { recursive: true });
    }
  });
});
