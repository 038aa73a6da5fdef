/** What a target says of one edge. Absent: `direct` false and `inherited` empty. */
export interface Holding {
  /** The edge that Curfew's own revoke would remove is there. */
  readonly direct: boolean;
  /** The other ways in which the account holds it, in people's words ("through role ops"). */
  readonly inherited: readonly string[];
  /** What the target calls them today, where it is not what the edge calls them. */
  readonly renamed?: {
    readonly account?: string;
    /** `member of dba_old on prod-pg`. */
    readonly description?: string;
  };
  /**
   * Which end the target no longer knows by its id, although it proves that nothing is held. A connector
   * that cannot prove it throws a terminal `gone` in place of an answer.
   */
  readonly gone?: 'account' | 'permission';
}

/**
 * The name of an edge within its target. It is made of ids that the target never gives to anything else, so
 * that a renamed account or permission keeps its edge, and whoever takes an old name gets another one.
 */
export function edgeName(ids: { readonly permissionId: string; readonly accountId: string }): string {
  return JSON.stringify([ids.permissionId, ids.accountId]);
}
