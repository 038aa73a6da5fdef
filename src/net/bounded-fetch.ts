/** A `fetch` for answers of bounded size from another system that may be broken or hostile. */

/** The answer was longer than allowed and was not read to its end. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** Statuses whose answers have no body; `Response` refuses one. */
const BODILESS = new Set([204, 205, 304]);

/**
 * Like `fetch`, but the whole body is read before it returns, so that the caller's signal covers a peer
 * that answers by single bytes; redirects are never followed; and no more than `maxBytes` (after any
 * decompression) are kept. `closed`, where given, cuts every call short.
 */
export function createBoundedFetch({ maxBytes, closed }: { maxBytes: number; closed?: AbortSignal }) {
  return async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const signal = AbortSignal.any([init.signal, closed].filter((each) => each instanceof AbortSignal));
    const answer = await fetch(url, { ...init, signal, redirect: 'manual' });
    const body = await readUpTo(answer, maxBytes);
    return new Response(BODILESS.has(answer.status) ? null : body, {
      status: answer.status,
      headers: answer.headers,
    });
  };
}

async function readUpTo(answer: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the stream, which closes the connection.
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new AnswerTooLarge(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The system's word for why a `fetch` failed, such as `ECONNRESET`; "no answer" where it gave none. */
export function networkCode(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string' && cause.code !== '') return cause.code;
  }
  return 'no answer';
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** True when a failed `fetch` certainly never reached the peer: no connection came about. */
export function neverSent(error: unknown): boolean {
  return NEVER_SENT.has(networkCode(error));
}
