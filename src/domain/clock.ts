/**
 * Two kinds of time. Ledger time drives windows, reminders and expiry, and only it may be moved (in tests
 * and the playground). Real time drives leases, deadlines, retries and signatures.
 */
export interface Clocks {
  /** Ledger time. */
  now(): Date;
  /** Real time, as the database has it. */
  real(): Date;
}

/** Both clocks follow `read` (milliseconds since 1970), such as the database's time. */
export function followingClocks(read: () => number): Clocks {
  return { now: () => new Date(read()), real: () => new Date(read()) };
}
