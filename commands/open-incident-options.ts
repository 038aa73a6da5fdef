/**
 * The open incidents that a form offers, to those who may ask. A form opens only within 3 s, so ledger and
 * directory are read side by side, with a bound.
 */
import { openIncidents } from '../db/incidents.ts';
import type { Option } from '../src/chat/card.ts';
import { incidentValue } from '../src/chat/cards/forms.ts';
import { incidentDetails } from '../src/chat/cards/incident-words.ts';
import { incidentName } from '../src/domain/incident-name.ts';
import { isHearsay } from '../src/domain/incident-news.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { whyNot } from '../src/operations/identify-speaker.ts';
import { within } from '../src/within.ts';
import type { Speaker } from './command.ts';

const WITHIN_MS = 1_000;
const MOST = 25;
/** What chat platforms take for a value. */
const VALUE_MAX = 150;

/** Newest first; none where ledger or directory do not answer at once, and none for strangers. */
export async function openIncidentOptions(
  ctx: Pick<OperationContext, 'ledger' | 'clocks' | 'log' | 'ports' | 'catalog'>,
  speaker: Speaker,
): Promise<readonly Option[]> {
  const read = openIncidents(ctx.ledger.db, MOST).catch((err: unknown) => {
    ctx.log.warn({ err }, 'open incidents could not be read for a form');
    return [];
  });
  const [rows, mayAsk] = await Promise.all([within(WITHIN_MS, read), takesPart(ctx, speaker)]);
  if (!rows || !mayAsk) return [];
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

async function takesPart(
  ctx: Pick<OperationContext, 'ports' | 'catalog'>,
  speaker: Speaker,
): Promise<boolean> {
  const port = ctx.ports.get(speaker.platform);
  if (!port) return false;
  const profile = await within(WITHIN_MS, port.profile(speaker.userId)).catch(() => null);
  return whyNot(ctx, speaker, profile) === null;
}
