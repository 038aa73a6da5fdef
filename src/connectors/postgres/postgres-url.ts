/** Where a PostgreSQL is and who we are there, read from a URL. */

export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Null: not encrypted. */
  readonly tls: PostgresTls | null;
}

interface PostgresTls {
  /** As in libpq: `require` encrypts, `verify-ca` also checks who signed, `verify-full` also whose name. */
  readonly mode: 'require' | 'verify-ca' | 'verify-full';
  /** A file of certificates to trust in place of the usual ones. */
  readonly rootCert: string | null;
}

const MODES = ['require', 'verify-ca', 'verify-full'] as const;

/**
 * Null where the text is no such URL. Strict: a parameter that we would ignore could be one by which its
 * author meant to encrypt, and `prefer` and `allow` encrypt only as long as nobody listens.
 */
export function readPostgresUrl(text: string): PostgresAddress | null {
  try {
    const url = new URL(text);
    const { sslmode = 'disable', sslrootcert = null, ...others } = Object.fromEntries(url.searchParams);
    const mode = MODES.find((each) => each === sslmode);
    const user = decodeURIComponent(url.username);
    const right =
      /^postgres(ql)?:$/.test(url.protocol) &&
      /^[\w.:[\]-]+$/.test(url.hostname) &&
      user !== '' &&
      Object.keys(others).length === 0 &&
      (mode !== undefined || sslmode === 'disable');
    if (!right) return null;
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || 5432),
      user,
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)) || user,
      tls: mode ? { mode, rootCert: sslrootcert === 'system' ? null : sslrootcert } : null,
    };
  } catch {
    // Neither a URL nor percent-encoding. The error would quote the text, password and all.
    return null;
  }
}
