/** What the person does, sent to the server. */
import type { Act, ActAnswer, Handle } from '../../protocol.ts';

/** Never throws: a server that does not answer is an answer with words for the person too. */
export type Send = (act: Act, signal?: AbortSignal) => Promise<ActAnswer>;

/** What the page does by itself: that it worked says nothing about what the person tried before. */
const BY_ITSELF: readonly Act['do'][] = ['read', 'options', 'open-home'];

/** `tell` is told what went wrong, and with null that something worked again. */
export function createSend(as: Handle, tell: (error: string | null) => void): Send {
  return async (act, signal) => {
    const answer = await post(as, act, signal);
    if (answer.ok && !BY_ITSELF.includes(act.do)) tell(null);
    if (!answer.ok && !signal?.aborted) tell(answer.error);
    return answer;
  };
}

async function post(as: Handle, act: Act, signal?: AbortSignal): Promise<ActAnswer> {
  try {
    const response = await fetch(`/act?as=${as}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(act),
      signal,
    });
    return await readAnswer(response);
  } catch {
    return { ok: false, error: 'The playground does not answer. Is it still running?' };
  }
}

async function readAnswer(response: Response): Promise<ActAnswer> {
  const answer = (await response.json()) as Partial<{ ok: boolean; error: string }> & ActAnswer;
  if (response.ok && answer.ok) return answer;
  return {
    ok: false,
    error: ('error' in answer && answer.error) || `That did not work (${response.status}).`,
  };
}
