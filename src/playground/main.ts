/** `npm run playground`. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExpectedFailure } from '../expected-failure.ts';
import type { Log } from '../observability/log.ts';
import { packageRoot } from '../package-root.ts';
import { startPlayground } from './playground.ts';
import { HELP, readSettings } from './settings.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A start that takes longer says that it is under way. */
const SILENT_MS = 1_000;
const PARENT_EVERY_MS = 500;

/** Words for who is at the terminal; it may be gone. */
const log: Log = {
  debug() {},
  info() {},
  warn: tell,
  error: tell,
  child: () => log,
};

function tell(fields: object, message: string): void {
  const err = 'err' in fields ? fields.err : null;
  console.error(err instanceof Error ? `${message}: ${err.message}` : message);
}

const settings = readSettings({ args: process.argv.slice(2), env: process.env });
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
if (settings.kind === 'help') console.log(HELP);
else if (settings.kind === 'refused') {
  console.error(settings.words);
  process.exitCode = 2;
} else {
  const byNpm = process.env.npm_lifecycle_event !== undefined;
  forgetOutside();
  process.exit(await run(settings.port, byNpm));
}

/** What is set outside is for other programs; libraries read it by themselves (PGHOST and the like). */
function forgetOutside(): void {
  for (const name of Object.keys(process.env)) if (name !== 'PATH') delete process.env[name];
}

/** Resolves when our parent is gone: npm, killed, tells nobody. */
function bereaved(): Promise<void> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, PARENT_EVERY_MS);
  });
}

async function run(port: number, byNpm: boolean): Promise<number> {
  let signalled = false;
  const stopped = new Promise<void>((resolve) => {
    if (byNpm) {
      void bereaved().then(() => {
        signalled = true;
        resolve();
      });
    }
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (signalled) process.exit(1);
        signalled = true;
        resolve();
      });
    }
  });
  const began = performance.now();
  const patience = setTimeout(() => console.log('Starting PostgreSQL and the bot …'), SILENT_MS);
  try {
    const playground = await startPlayground({
      port,
      workingDirectory: process.cwd(),
      botProgram: fileURLToPath(new URL('./bot.js', import.meta.url)),
      pageDirectory: join(packageRoot(), 'dist-playground/page'),
      log,
    });
    clearTimeout(patience);
    if (!signalled) {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`The playground is ready, after ${seconds} s. Open ${playground.url}\nCtrl-C ends it.`);
    }
    await stopped;
    await playground.stop();
    return 0;
  } catch (error) {
    clearTimeout(patience);
    // An interrupt from the keyboard reaches what was being started, too.
    if (signalled) return 0;
    const words = error instanceof Error ? error.message : String(error);
    console.error(error instanceof ExpectedFailure ? words : `The playground cannot start: ${words}`);
    return 1;
  }
}
