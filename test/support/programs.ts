/** Programs of Debian packages that tests run beside Curfew, where the machine has them. */
import { existsSync } from 'node:fs';

const PLACES = {
  psql: ['/usr/bin/psql'],
  pgbouncer: ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'],
} as const;

/** Null: it is not here, and the tests that need it are left out, which the run says. */
export function findProgram(name: keyof typeof PLACES): string | null {
  return PLACES[name].find((place) => existsSync(place)) ?? null;
}
