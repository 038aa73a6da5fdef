/** The open incidents that a form offers. A form opens only within 3 s, so they are read with a short bound. */
import { openIncidents } from '../db/incidents.ts';
import type { Option } from '../src/chat/card.ts';
import { incidentValue } from '../src/chat/cards/forms.ts';
import { incidentDetails } from '../src/chat/cards/incident-words.ts';
import { incidentName } from '../src/domain/incident-name.ts';
import { isHearsay } from '../src/domain/incident-news.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { within } from '../src/within.ts';

const WITHIN_MS = 300;
const MOST = 25;
/** What chat platforms take for a value. */
const VALUE_MAX = 150;

/** Newest first; none where the ledger does not answer at once. */
export async function openIncidentOptions(
  ctx: Pick<OperationContext, 'ledger' | 'clocks' | 'log'>,
): Promise<readonly Option[]> {
  const read = openIncidents(ctx.ledger.db, MOST).catch((err: unknown) => {
    ctx.log.warn({ err }, 'open incidents could not be read for a form');
    return [];
  });
  const rows = (await within(WITHIN_MS, read)) ?? [];
  const real = ctx.clocks.real();
  return rows
    .filter((row) => !isHearsay(row))
    .map((row) => ({
      label: `${incidentName(row)} ${row.title}`,
      value: incidentValue(row.id, incidentName(row)),
      description: incidentDetails(row, real),
    }))
    .filter(({ value }) => value.length <= VALUE_MAX);
}
