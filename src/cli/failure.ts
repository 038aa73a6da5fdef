/** What went wrong, as a sentence for who is at the terminal. */
import { sqlState } from '../../db/sql-state.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import type { Redactor } from '../observability/redact.ts';
import { UsageFailure } from './context.ts';

const NOT_MIGRATED =
  'The ledger does not have the tables of this version. Run `curfew migrate`, or start Curfew once.';

const BY_SQL_STATE: Readonly<Record<string, string>> = {
  '42P01': NOT_MIGRATED,
  '42703': NOT_MIGRATED,
  '28P01': "The ledger's database refuses the user or the password in DATABASE_URL.",
  '28000': "The ledger's database refuses the user in DATABASE_URL.",
  '3D000': 'The database that DATABASE_URL names does not exist.',
  '42501': "The user in DATABASE_URL may not do that in the ledger's database.",
  '53300': "The ledger's database has no free connections. Try again.",
  '57P03': "The ledger's database is starting up or shutting down. Try again.",
  '57014': "The ledger's database took too long and was stopped. Try again.",
  '55P03': 'Somebody else is changing the same grants. Try again.',
};

const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens where DATABASE_URL points. Is PostgreSQL running?',
  ENOTFOUND: 'The host in DATABASE_URL is not known.',
  EAI_AGAIN: 'The host in DATABASE_URL cannot be looked up. Is the network there?',
  ETIMEDOUT: 'The host in DATABASE_URL does not answer.',
  EHOSTUNREACH: 'The host in DATABASE_URL cannot be reached.',
  CONNECT_TIMEOUT: 'The host in DATABASE_URL does not answer.',
  CONNECTION_CLOSED: "The ledger's database closed the connection. Try again.",
  EACCES: 'A file may not be read or written by this user.',
  ENOSPC: 'The disk is full.',
};

/** Never a stack; it is for `LOG_LEVEL=debug`. */
export function explainFailure(error: unknown, redact: Redactor): string {
  if (error instanceof ExpectedFailure || error instanceof UsageFailure) return redact.text(error.message);
  const state = sqlState(error);
  const known = (state && BY_SQL_STATE[state]) || codesOf(error).flatMap((code) => BY_CODE[code] ?? [])[0];
  if (known) return known;
  const why = redact.text(deepest(error)).split('\n')[0] ?? '';
  return `That failed in a way that Curfew did not expect: ${why} (LOG_LEVEL=debug shows where.)`;
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause) {
    // A host with several addresses fails once for each.
    const all = e instanceof AggregateError ? [e, ...e.errors] : [e];
    for (const each of all) {
      const { code } = each as { code?: unknown };
      if (typeof code === 'string') codes.push(code);
    }
  }
  return codes;
}

/** The message at the bottom: what wraps it repeats the query. */
function deepest(error: unknown): string {
  let message = String(error);
  for (let e = error; e instanceof Error; e = e.cause) message = e.message;
  return message;
}
