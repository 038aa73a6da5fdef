/** The built page, read once: what is not among these files is not served. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { ExpectedFailure } from '../expected-failure.ts';

export interface PageFile {
  readonly body: Buffer;
  readonly type: string;
  /** Its name holds a hash of its content. */
  readonly immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};
/** Where Vite puts what it names by its hash. */
const HASHED = '/assets/';

/** By path; `/` is `index.html`. Throws an `ExpectedFailure` where the page was not built. */
export async function readPage(directory: string): Promise<ReadonlyMap<string, PageFile>> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const path = `/${name.split(sep).join('/')}`;
    const body = await readFile(join(directory, name));
    files.set(path === '/index.html' ? '/' : path, { body, type, immutable: path.startsWith(HASHED) });
  }
  if (!files.has('/')) {
    throw new ExpectedFailure("The playground's page is not built. Build it with: npm run prepare");
  }
  return files;
}
