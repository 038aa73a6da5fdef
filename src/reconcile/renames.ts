/** Which ends of an edge the target calls otherwise than it did when they were last seen. Pure. */
import type { AssignmentRow } from '../../db/assignments.ts';
import type { Connector } from '../connectors/connector.ts';
import type { Outcome } from '../domain/assignment.ts';
import type { Finding } from './findings.ts';

/** One for each end that has a new name, and only in the step that sees it first. */
export function renamesOf(
  outcome: Outcome,
  row: AssignmentRow,
  connector: Pick<Connector, 'describe'> | undefined,
): Finding[] {
  if (!connector || (outcome.kind !== 'read' && outcome.kind !== 'held_before')) return [];
  const { renamed, gone } = outcome.holding;
  // What is gone has no name today.
  if (gone) return [];
  const inCatalog = connector.describe(row.permission);
  const ends = [
    { end: 'account', id: row.accountId, from: row.account, to: renamed?.account ?? row.account },
    {
      end: 'permission',
      id: row.permissionId,
      from: row.renamedTo ?? inCatalog,
      to: renamed?.description ?? inCatalog,
    },
  ];
  return ends
    .filter(({ from, to }) => from !== to)
    .map(({ end, id, from, to }) => ({
      actor: 'outside',
      action: 'access.renamed',
      details: { renamed: end, id, from, to },
      timeline: {
        kind: 'renamed',
        from: end === 'account' ? `${from} on ${row.connector}` : from,
        to,
      },
    }));
}
