/** What the person does, sent to the server. */
import type { Act, ActAnswer, Handle } from '../../protocol.ts';

/** Never throws: a server that does not answer is an answer with words for the person too. */
export type Send = (act: Act, signal?: AbortSignal) => Promise<ActAnswer>;

export function createSend(as: Handle, tell: (error: string) => void): Send {
  return async (act, signal) => {
    const answer = await post(as, act, signal);
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
