/** Asks a source of incidents one thing, with a deadline that holds even when the source ignores its signal. */
import { type IncidentSource, SourceError } from '../incidents/source.ts';
import type { OperationContext } from './context.ts';

/** Somebody waits for the answer, and chat for theirs. */
const WITHIN_MS = 2_000;

/** `why`: a sentence that may be shown. */
export type SourceAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

export async function askSource<T>(
  ctx: Pick<OperationContext, 'log'>,
  source: IncidentSource,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<SourceAnswer<T>> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const cutOff = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SourceError('retry', `${source.name} did not answer in time.`));
      controller.abort();
    }, WITHIN_MS);
  });
  try {
    return { ok: true, value: await Promise.race([ask(controller.signal), cutOff]) };
  } catch (error) {
    if (error instanceof SourceError) return { ok: false, why: error.message };
    // The contract says that this cannot happen.
    ctx.log.error({ err: error, source: source.name }, 'a source of incidents failed in an unexpected way');
    return { ok: false, why: `${source.name} failed in an unexpected way.` };
  } finally {
    clearTimeout(timer);
  }
}
