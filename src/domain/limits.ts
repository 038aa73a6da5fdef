/** How much Curfew takes from people at once. */
export interface Limits {
  /** Of one person: commands, clicks and forms within a minute. What ends access may be ten times as much. */
  readonly requestsPerMinute: number;
  /** Of one person: reads of targets at the same time. */
  readonly readsInFlight: number;
}

export const DEFAULT_LIMITS: Limits = { requestsPerMinute: 30, readsInFlight: 5 };
