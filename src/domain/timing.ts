/** How long things may take, in seconds of ledger time. */
export interface Timing {
  /** From approval: access not live by then is rolled back and has failed. */
  readonly startByS: number;
  /** From the request: undecided by then, it lapses. */
  readonly requestExpiryS: number;
  readonly reminderBeforeEndS: number;
  /** From the end: access not confirmed absent by then alerts people. */
  readonly overdueAfterS: number;
  /** Between two readings of a live assignment. */
  readonly readBackEveryS: number;
}

export const DEFAULT_TIMING: Timing = {
  startByS: 15 * 60,
  requestExpiryS: 8 * 3_600,
  reminderBeforeEndS: 5 * 60,
  overdueAfterS: 60,
  readBackEveryS: 5 * 60,
};
