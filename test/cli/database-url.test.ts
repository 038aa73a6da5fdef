/** The command line takes DATABASE_URL as the service does, under a name of its own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command-line.ts';
import { createTestLedger, type TestLedger } from '../support/ledger.ts';
import { createLedgerHome, type LedgerHome } from '../support/ledger-home.ts';

let ledger: TestLedger;
let place: LedgerHome;
beforeAll(async () => {
  ledger = await createTestLedger('postgres');
  place = await createLedgerHome();
});
afterAll(async () => {
  await ledger.close();
  await place.remove();
});

it.each([
  ['the longest name', `?application_name=${'a'.repeat(63)}`],
  [
    'a certificate in a folder with a space and a +',
    '?sslmode=verify-full&sslrootcert=/no%20such+place/ca.pem',
  ],
])('with %s', async (_, query) => {
  const env = { DATABASE_URL: `${ledger.url}${query}`, LOG_LEVEL: 'debug' };
  const { code, stderr } = await runCommand(['freeze', '--status'], { cwd: place.directory, env });
  if (query.includes('sslrootcert')) expect(stderr).toContain('/no such+place/ca.pem');
  else expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
