/** Every sslmode with every sslrootcert, for ledger and connector, held against psql on the same server. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openPostgres } from '../../db/client.ts';
import { postgresConnector } from '../../src/connectors/postgres/postgres-connector.ts';
import { callContext } from '../support/connector-fixture.ts';
import { findProgram } from '../support/programs.ts';
import { startTlsPostgres, type TlsPostgres } from '../support/tls-postgres.ts';

const run = promisify(execFile);
let tls: TlsPostgres;
let place: string;
const roots: Record<string, string | undefined> = {};

beforeAll(async () => {
  tls = await startTlsPostgres();
  place = await mkdtemp(path.join(tmpdir(), 'curfew-psql-'));
  roots.right = tls.rootCert;
  roots.wrong = path.join(place, 'wrong.crt');
  roots.absent = path.join(place, 'absent.crt');
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', path.join(place, 'wrong.key'), '-out', roots.wrong];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await run('openssl', ['req', '-x509', ...kind, ...name, ...files]);
});
afterAll(async () => {
  await tls.server.stop();
  await rm(place, { recursive: true, force: true });
});

type Outcome = 'plain' | 'encrypted' | 'refused';

function urlOf(host: string, sslmode: string | null, root: string | null): string {
  const url = new URL(tls.server.url);
  url.hostname = host;
  if (sslmode) url.searchParams.set('sslmode', sslmode);
  if (root) url.searchParams.set('sslrootcert', roots[root] ?? root);
  return url.href;
}

const ENCRYPTED = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';

async function byPsql(url: string): Promise<Outcome> {
  // No ~/.postgresql of whoever runs this.
  const env = { PATH: process.env.PATH, HOME: place };
  return run(findProgram('psql') ?? 'psql', ['-X', '-A', '-t', '-c', ENCRYPTED, url], { env }).then(
    ({ stdout }) => (stdout.trim() === 't' ? 'encrypted' : 'plain'),
    () => 'refused',
  );
}

async function byLedger(url: string): Promise<Outcome> {
  let ledger: ReturnType<typeof openPostgres>;
  try {
    ledger = openPostgres(url, { max: 1 });
  } catch {
    return 'refused';
  }
  const asked = ledger.db
    .select({ ssl: sql<boolean>`ssl` })
    .from(sql`pg_stat_ssl`)
    .where(sql`pid = pg_backend_pid()`);
  const outcome = await asked.then(
    ([row]): Outcome => (row?.ssl ? 'encrypted' : 'plain'),
    (): Outcome => 'refused',
  );
  await ledger.close();
  return outcome;
}

async function byConnector(url: string): Promise<Outcome> {
  const config = postgresConnector.config.safeParse({ kind: 'postgres', url });
  if (!config.success) return 'refused';
  const connector = postgresConnector.create('prod-pg', config.data, ['acme.test']);
  const outcome = await connector.targetId(callContext(null, { forMs: 10_000 })).then(
    (): Outcome => (/sslmode=(require|verify)/.test(url) ? 'encrypted' : 'plain'),
    (): Outcome => 'refused',
  );
  await connector.close();
  return outcome;
}

/** Where we refuse and psql connects: it would encrypt only as long as nobody listens, or check nothing. */
const STRICTER = new Set(['prefer', 'allow']);

describe.each(['localhost', '127.0.0.1'])('connecting to %s', (host) => {
  const modes = [null, 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
  const cases = modes.flatMap((mode) =>
    [null, 'right', 'wrong', 'absent'].map((root) => [mode, root] as const),
  );

  it.each(cases)('with sslmode %s and sslrootcert %s is as safe as psql', async (mode, root) => {
    const url = urlOf(host, mode, root);
    const [psql, ledger, connector] = await Promise.all([byPsql(url), byLedger(url), byConnector(url)]);
    expect(connector).toBe(ledger);
    if (mode === null && root === null) {
      // psql prefers to encrypt; we do what is written.
      expect([psql, ledger]).toEqual(['encrypted', 'plain']);
    } else if ((mode !== null && STRICTER.has(mode)) || mode === null) {
      expect(ledger).toBe('refused');
    } else if (mode === 'require' && root === 'absent') {
      expect([psql, ledger]).toEqual(['encrypted', 'refused']);
    } else {
      expect(ledger).toBe(psql);
    }
  });
});

it('a server that does not encrypt is not told the password', async () => {
  const url = new URL(inject('pg18Url'));
  url.searchParams.set('sslmode', 'require');
  expect(await byPsql(url.href)).toBe('refused');
  expect(await byLedger(url.href)).toBe('refused');
});
