/** What a source does that is configured without what it takes to ask: its webhooks alone say what is. */
import { SourceError } from './source.ts';

/**
 * Stands in for a vendor's API, and asks nobody.
 *
 * @param name of the source.
 * @param lacks the key of its configuration that is absent.
 * @returns questions that each reject with a `SourceError` of kind `refused`, which names both.
 */
export function unasked(name: string, lacks: 'api_token' | 'api_url') {
  const refuse = async (): Promise<never> => {
    throw new SourceError('refused', `${name} has no ${lacks}, so it cannot be asked.`);
  };
  return { find: refuse, listOpen: refuse, note: refuse };
}
