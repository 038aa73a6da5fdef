/** What both playgrounds do as programs: words for the terminal, and an end however it comes. */
import { ExpectedFailure } from '../expected-failure.ts';
import type { Log } from '../observability/log.ts';

export interface Started {
  /** What people are told to open and to do. */
  readonly invitation: string;
  stop(): Promise<void>;
}

type Told = { kind: 'help' } | { kind: 'refused'; words: string } | { kind: 'run' };

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

/** @param start its words for what goes wrong later are logged */
export async function runProgram<Settings extends Told>(options: {
  readonly settings: Settings;
  readonly help: string;
  readonly start: (settings: Extract<Settings, { kind: 'run' }>, log: Log) => Promise<Started>;
}): Promise<void> {
  const { settings, help, start } = options;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  if (settings.kind === 'help') console.log(help);
  else if (settings.kind === 'refused') {
    console.error(settings.words);
    process.exitCode = 2;
  } else {
    const byNpm = process.env.npm_lifecycle_event !== undefined;
    forgetOutside();
    const asked = settings as Extract<Settings, { kind: 'run' }>;
    process.exit(await run(() => start(asked, log), byNpm));
  }
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

async function run(start: () => Promise<Started>, byNpm: boolean): Promise<number> {
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
    const playground = await start();
    clearTimeout(patience);
    if (!signalled) {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`The playground is ready, after ${seconds} s. ${playground.invitation}\nCtrl-C ends it.`);
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
