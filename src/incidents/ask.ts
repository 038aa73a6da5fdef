/** Asks a source of incidents one thing, with a deadline that holds even when the source ignores its signal. */
import { within } from '../within.ts';
import { type IncidentSource, SourceError } from './source.ts';

/** Rejects with a `SourceError`, whatever went wrong; `cause` is set where the contract says that it cannot happen. */
export async function ask<T>(
  source: Pick<IncidentSource, 'name'>,
  question: (signal: AbortSignal) => Promise<T>,
  withinMs: number,
): Promise<T> {
  const controller = new AbortController();
  // Held in an object, for null is an answer too.
  const asked = question(controller.signal).then((answer) => ({ answer }));
  try {
    const inTime = await within(withinMs, asked);
    if (inTime) return inTime.answer;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError('retry', `${source.name} failed in an unexpected way.`, { cause: error });
  }
  // What it says from now on is said to nobody.
  asked.catch(() => {});
  controller.abort();
  throw new SourceError('retry', `${source.name} did not answer in time.`);
}
