/** Where a PostgreSQL is and who we are there, read from a URL as vendors hand them out. */

export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Null: not encrypted. */
  readonly tls: PostgresTls | null;
  /** `pgbouncer=true`: behind a pooler that lends its connections for a transaction each. */
  readonly pooled: boolean;
  readonly applicationName: string | null;
}

export interface PostgresTls {
  /**
   * `require` encrypts, `verify-ca` also checks who signed, `verify-full` also whose name. As in libpq,
   * `require` with a root certificate is `verify-ca`.
   */
  readonly mode: 'require' | 'verify-ca' | 'verify-full';
  /** A file of certificates to trust in place of the public authorities; null: those. */
  readonly rootCert: string | null;
}

/** Why a URL is not taken, a sentence that holds nothing of it but a parameter's name and value. */
export interface PostgresUrlProblem {
  readonly problem: string;
}

const FORM =
  'must be a URL such as postgres://user:password@host:5432/database?sslmode=verify-full (one host; ' +
  'percent-encode special characters in user and password)';
const MODES = ['require', 'verify-ca', 'verify-full'] as const;
const KNOWN =
  'sslmode, sslrootcert, channel_binding, pgbouncer, application_name and connect_timeout are understood';

/**
 * Strict: a parameter that we would ignore could be one by which its author meant to encrypt. What cannot be
 * kept is refused by name.
 */
export function readPostgresUrl(text: string): PostgresAddress | PostgresUrlProblem {
  // To libpq a + is no space.
  const url = URL.canParse(text) ? new URL(text.replaceAll('+', '%2B')) : null;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || !/^[\w.:[\]-]+$/.test(url.hostname)) {
    return { problem: FORM };
  }
  // To libpq a # is a character like any other; here it would cut off what stands behind it, sslmode and all.
  if (text.includes('#')) return { problem: 'has a # in it: write it as %23' };
  const names = [...url.searchParams.keys()];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return { problem: `has the parameter ${twice} twice` };
  const parameters = Object.fromEntries(url.searchParams);
  const tls = readTls(parameters);
  if (tls !== null && 'problem' in tls) return tls;
  const problem = problemOf(parameters, tls);
  if (problem !== null) return { problem };
  try {
    const user = decodeURIComponent(url.username);
    if (user === '') return { problem: FORM };
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || 5432),
      user,
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)) || user,
      tls,
      pooled: parameters.pgbouncer === 'true',
      applicationName: parameters.application_name ?? null,
    };
  } catch {
    // Not percent-encoding. The error would quote the text, password and all.
    return { problem: FORM };
  }
}

type Parameters = Readonly<Record<string, string | undefined>>;

/** As libpq reads `sslmode` and `sslrootcert` (PostgreSQL, section "SSL Support"), where it can be kept. */
function readTls({ sslmode, sslrootcert }: Parameters): PostgresTls | PostgresUrlProblem | null {
  if (sslmode === 'prefer' || sslmode === 'allow') {
    return {
      problem: `has sslmode=${sslmode}, which encrypts only as long as nobody listens: use require, verify-ca or verify-full (or disable)`,
    };
  }
  const system = sslrootcert === 'system';
  if (system && sslmode !== undefined && sslmode !== 'verify-full') {
    return { problem: `has sslrootcert=system, which goes with sslmode=verify-full only` };
  }
  if (system) return { mode: 'verify-full', rootCert: null };
  if (sslmode === undefined && sslrootcert !== undefined) {
    return { problem: 'has sslrootcert without sslmode, and would not encrypt: add sslmode=verify-full' };
  }
  if (sslmode === undefined || sslmode === 'disable') return null;
  const mode = MODES.find((each) => each === sslmode);
  if (!mode) return { problem: 'has an sslmode that is none of disable, require, verify-ca and verify-full' };
  if (sslrootcert === '') return { problem: 'has an empty sslrootcert' };
  if (mode === 'verify-ca' && sslrootcert === undefined) {
    return {
      problem:
        'has sslmode=verify-ca without sslrootcert, and anybody can have a certificate of a public authority: ' +
        'name the file of yours, or use verify-full',
    };
  }
  if (sslrootcert !== undefined && mode === 'require') return { mode: 'verify-ca', rootCert: sslrootcert };
  return { mode, rootCert: sslrootcert ?? null };
}

function problemOf(parameters: Parameters, tls: PostgresTls | null): string | null {
  for (const [name, value = ''] of Object.entries(parameters)) {
    switch (name) {
      case 'sslmode':
      case 'sslrootcert':
        break;
      case 'channel_binding':
        // It proves that nobody sits between; where the certificate's name is checked, that does so too.
        if (value === 'require' && tls?.mode !== 'verify-full') {
          return 'has channel_binding=require, which this driver cannot do: use sslmode=verify-full, which proves as much';
        }
        if (!['require', 'prefer', 'disable'].includes(value)) return 'has an unknown channel_binding';
        break;
      case 'pgbouncer':
        if (value !== 'true' && value !== 'false') return 'has pgbouncer neither true nor false';
        break;
      case 'application_name':
        if (!/^[ -~]{1,63}$/.test(value))
          return 'has an application_name that is not 1 to 63 plain characters';
        break;
      case 'connect_timeout':
        // Our own time limits are shorter, and hold anyway.
        if (!/^\d{1,5}$/.test(value)) return 'has a connect_timeout that is no number of seconds';
        break;
      default:
        // A word by itself may be a part of the password that was not percent-encoded.
        return /^[a-zA-Z_]{1,40}$/.test(name) && value !== ''
          ? `has the parameter ${name}, which Curfew does not know: ${KNOWN}`
          : `has a parameter that Curfew does not know: ${KNOWN}`;
    }
  }
  return null;
}
