/** What a target says of one edge. Absent: `direct` false and `inherited` empty. */
export interface Holding {
  /** The edge that Curfew's own revoke would remove is there. */
  readonly direct: boolean;
  /** The other ways in which the account holds it, in people's words ("through role ops"). */
  readonly inherited: readonly string[];
}
