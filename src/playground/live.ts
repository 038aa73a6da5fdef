/** Pushes to every open page what its person sees now, whenever anything changes. */
import type { ServerResponse } from 'node:http';
import type { Handle, Snapshot } from './protocol.ts';

export interface Live {
  /** Answers with events until either side closes. False: there are too many already, and nothing was answered. */
  join(viewer: Handle, response: ServerResponse): boolean;
  /** Something is different: pages hear of it within some 30 ms. */
  changed(): void;
  pages(): number;
  close(): void;
}

export interface LiveOptions {
  /** Null: there is nothing to see yet. */
  readonly snapshot: (viewer: Handle, version: number) => Snapshot | null;
  readonly most?: number;
  readonly heartbeatMs?: number;
  /** A page that takes nothing for this long is let go; it connects anew by itself. */
  readonly patienceMs?: number;
}

interface Page {
  readonly viewer: Handle;
  readonly response: ServerResponse;
  /** What was sent has not been taken yet; then the newest follows, and what came between is left out. */
  behind: boolean;
  waiting: boolean;
  patience: NodeJS.Timeout | undefined;
}

const DEBOUNCE_MS = 30;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

export function createLive(options: LiveOptions): Live {
  const { snapshot, most = 40, heartbeatMs = 15_000, patienceMs = 15_000 } = options;
  const pages = new Set<Page>();
  let version = 0;
  let soon: NodeJS.Timeout | undefined;
  const heartbeat = setInterval(() => {
    for (const page of pages) if (!page.behind) write(page, ':\n\n');
  }, heartbeatMs).unref();

  function write(page: Page, text: string): void {
    page.behind = !page.response.write(text);
    if (page.behind) page.patience = setTimeout(() => page.response.destroy(), patienceMs);
  }

  function push(some: Iterable<Page>): void {
    const texts = new Map<Handle, string | null>();
    for (const page of some) {
      page.waiting = page.behind;
      if (page.behind) continue;
      let text = texts.get(page.viewer);
      if (text === undefined) {
        const seen = snapshot(page.viewer, version);
        text = seen && `data: ${JSON.stringify(seen)}\n\n`;
        texts.set(page.viewer, text);
      }
      if (text !== null) write(page, text);
    }
  }

  return {
    join(viewer, response) {
      if (pages.size >= most) return false;
      // It may have gone while its first view was made ready.
      if (response.destroyed) return true;
      const page: Page = { viewer, response, behind: false, waiting: false, patience: undefined };
      pages.add(page);
      response.on('drain', () => {
        clearTimeout(page.patience);
        page.behind = false;
        if (page.waiting) push([page]);
      });
      response.once('close', () => {
        clearTimeout(page.patience);
        pages.delete(page);
      });
      response.writeHead(200, HEADERS);
      // So that a page knows at once that it is connected.
      response.write(':\n\n');
      push([page]);
      return true;
    },
    changed() {
      soon ??= setTimeout(() => {
        soon = undefined;
        version += 1;
        push(pages);
      }, DEBOUNCE_MS);
    },
    pages: () => pages.size,
    close() {
      clearInterval(heartbeat);
      clearTimeout(soon);
      for (const { response } of pages) response.destroy();
    },
  };
}
