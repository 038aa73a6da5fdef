/** Asks a source of incidents while somebody waits: briefly, and a failure is an answer too. */
import { ask } from '../incidents/ask.ts';
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
  question: (signal: AbortSignal) => Promise<T>,
): Promise<SourceAnswer<T>> {
  try {
    return { ok: true, value: await ask(source, question, WITHIN_MS) };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (error.cause) {
      const { cause: err } = error;
      ctx.log.error({ err, source: source.name }, 'a source of incidents failed in an unexpected way');
    }
    return { ok: false, why: error.message };
  }
}
