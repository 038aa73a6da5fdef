/**
 * Who may speak to the playground: its own page, in a browser on this machine. Without this any web page
 * that is open in the same browser could act as Mia, by a form that posts here or by a name that it makes
 * point to 127.0.0.1.
 */
import type { IncomingMessage } from 'node:http';

type Asks = Pick<IncomingMessage, 'method' | 'headers'>;

/** A browser says `none` where the person typed the address. */
const OURS = ['same-origin', 'none'];

/**
 * Why this request is refused, in words; null: it may come in.
 *
 * @param open what only shows the page: a link on another page may lead there
 */
export function refusal({ method, headers }: Asks, port: number, { open }: { open: boolean }): string | null {
  const host = headers.host ?? '';
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return `This playground is at http://127.0.0.1:${port}, and answers to no other name.`;
  }
  const { origin, 'sec-fetch-site': site } = headers;
  if (open && method !== 'POST') return null;
  const foreign = origin === undefined ? method === 'POST' : origin !== `http://${host}`;
  if (foreign || (site !== undefined && !OURS.includes(String(site)))) {
    return "Only the playground's own page may do this.";
  }
  return null;
}
