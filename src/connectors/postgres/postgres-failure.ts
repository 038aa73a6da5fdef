/** What went wrong in PostgreSQL, as the one error that connectors throw. Codes: SQLSTATE, appendix A. */
import postgres from 'postgres';
import { ConnectorError, type ConnectorErrorKind } from '../connector.ts';

/** How far the call had come when it failed. */
export interface Progress {
  /** COMMIT was sent, and its answer has not arrived. */
  readonly committing: boolean;
  /** The deadline or the caller cut the call off: `timeout` or `aborted`. */
  readonly cutOff: 'timeout' | 'aborted' | null;
}

type Verdict = readonly [kind: ConnectorErrorKind, code: string, words: string];

const TIMEOUT: Verdict = ['retryable', 'timeout', 'did not finish in time'];
const UNAVAILABLE: Verdict = ['retryable', 'unavailable', 'cannot be reached'];
const CONFLICT: Verdict = ['retryable', 'conflict', 'somebody else changed the same membership'];
const FORBIDDEN: Verdict = ['terminal', 'permission_denied', 'does not allow that to Curfew'];
const LOGIN: Verdict = ['terminal', 'authentication_failed', "does not accept Curfew's login"];

const byState: Readonly<Record<string, Verdict>> = {
  '57014': TIMEOUT, // statement_timeout
  '55P03': TIMEOUT, // lock_timeout
  '25P03': TIMEOUT, // idle_in_transaction_session_timeout
  '25P04': TIMEOUT, // transaction_timeout
  '40001': CONFLICT,
  '40P01': CONFLICT,
  '23505': CONFLICT, // two first grants of one membership
  '42501': FORBIDDEN,
  '28P01': LOGIN,
  '28000': LOGIN,
  '3D000': ['terminal', 'unknown_database', 'has no such database'],
  '42704': ['terminal', 'unknown_name', 'does not know that name'],
  '25006': ['retryable', 'read_only', 'is read-only now'],
  '2BP01': ['terminal', 'in_use', 'says that other memberships depend on this one'],
};

/** Turns anything that was thrown into a `ConnectorError`. `name` is the connector's. */
export function postgresFailure(name: string, error: unknown, progress: Progress): ConnectorError {
  if (error instanceof ConnectorError) return error;
  // The server's own words: names and grammar, never our credentials. Nothing else of the error is kept,
  // since errors of a driver may carry what it was connected with.
  const said = error instanceof postgres.PostgresError ? `: ${error.message.slice(0, 300)}` : '';
  const [kind, code, words] = progress.cutOff
    ? (['retryable', progress.cutOff, TIMEOUT[2]] as const)
    : verdict(error);
  const committed = progress.committing && !refusedCommit(error);
  return new ConnectorError(kind, code, `${name} ${words}${said}`, {
    outcomeKnown: !committed && !progress.cutOff && code !== 'timeout',
  });
}

function verdict(error: unknown): Verdict {
  if (!(error instanceof postgres.PostgresError)) return fromTransport(error);
  const known = byState[error.code];
  if (known) return known;
  // "tuple concurrently updated" (or deleted) has no code of its own.
  if (error.code === 'XX000' && error.message.includes('tuple concurrently')) return CONFLICT;
  if (/^(08|53|57)/.test(error.code)) return UNAVAILABLE;
  if (/^(0A|0L|0P|22|42|28)/.test(error.code)) return ['terminal', 'refused', 'refuses'];
  return ['retryable', 'failed', 'failed'];
}

function fromTransport(error: unknown): Verdict {
  const code = (error as { code?: unknown } | null)?.code;
  // Certificates do not get better by trying again, nor does a file of them that we cannot read.
  if (
    typeof code === 'string' &&
    /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ENOENT|EACCES)/.test(code)
  )
    return ['terminal', 'certificate_refused', 'does not prove its identity'];
  return UNAVAILABLE;
}

/** An error that the server gives to COMMIT means rolled back, but for a shutdown: then nobody knows. */
function refusedCommit(error: unknown): boolean {
  return error instanceof postgres.PostgresError && !/^(08|57)/.test(error.code);
}
