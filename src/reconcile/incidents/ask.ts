/** Asks a source of incidents one thing, with a deadline that holds even when the source ignores its signal. */
import { type IncidentSource, SourceError } from '../../incidents/source.ts';

/** Shorter than the lease under which it is asked. */
export const ASK_WITHIN_S = 10;

/** Rejects with a `SourceError`, whatever went wrong. */
export async function ask<T>(
  source: IncidentSource,
  question: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const cutOff = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new SourceError('retry', `${source.name} did not answer within ${ASK_WITHIN_S} s.`));
    }, ASK_WITHIN_S * 1000);
  });
  try {
    return await Promise.race([question(controller.signal), cutOff]);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    // The contract says that this cannot happen.
    throw new SourceError('retry', `${source.name} failed in an unexpected way.`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
