/** The incidents that are open now: as their sources say, and where one cannot be asked, as the ledger has it. */
import { openIncidents } from '../../db/incidents.ts';
import type { ListedIncident } from '../chat/cards/incidents-card.ts';
import { isHearsay } from '../domain/incident-news.ts';
import type { IncidentSource } from '../incidents/source.ts';
import { askSource } from './ask-source.ts';
import type { OperationContext } from './context.ts';

const MOST = 100;

export interface OpenIncidents {
  /** Newest first. */
  readonly incidents: readonly ListedIncident[];
  /** Why some of it is only what the ledger knows, a sentence for each source that could not be asked. */
  readonly notAsked: readonly string[];
}

export async function listOpenIncidents(
  ctx: Pick<OperationContext, 'ledger' | 'incidents' | 'log'>,
): Promise<OpenIncidents> {
  const polled = [...ctx.incidents.values()].filter((source) => source.polls);
  const [known, answers] = await Promise.all([
    openIncidents(ctx.ledger.db, MOST),
    Promise.all(polled.map((source) => listOpen(ctx, source))),
  ]);
  const said = answers.flatMap(({ source, answer }) =>
    answer.ok ? answer.value.filter(({ state }) => state === 'open').map((one) => ({ ...one, source })) : [],
  );
  const asked = new Set(answers.flatMap(({ source, answer }) => (answer.ok ? [source] : [])));
  const incidents = [...said, ...known.filter((row) => !asked.has(row.source) && !isHearsay(row))];
  return {
    incidents: incidents.sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime()),
    notAsked: answers.flatMap(({ answer }) => (answer.ok ? [] : [answer.why])),
  };
}

async function listOpen(ctx: Pick<OperationContext, 'log'>, source: IncidentSource) {
  return { source: source.name, answer: await askSource(ctx, source, (signal) => source.listOpen(signal)) };
}
