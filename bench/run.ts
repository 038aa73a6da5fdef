/** `npm run bench`: every row in one run against one real PostgreSQL, printed as a table and kept in results.md. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/package-root.ts';
import { startPostgres } from '../src/playground/postgres-server.ts';
import { burst } from './burst.ts';
import { burstPeers } from './burst-peers.ts';
import { elevate } from './elevate.ts';
import { flood } from './flood.ts';
import { incidentEnds } from './incident-ends.ts';
import { randomEnds } from './random-ends.ts';
import { describeRun } from './report.ts';
import { sweepCost } from './sweep.ts';
import { type Figure, formatTable } from './table.ts';
import { timerAndCommit } from './timer-and-commit.ts';
import { webhooks } from './webhooks.ts';
import { SERVER_SETTINGS, type Sizes, type World } from './world.ts';

const HELP = `npm run bench [-- --only a,b] [--quick]

  --only a,b,...  only these parts: a ends due at once, beside job queues; b ends at random moments;
                  c /elevate, beside a bare Bolt command; d a sweep with a long history;
                  e ends during a storm of webhooks; f ends with their incidents;
                  g ends while one person floods the bot
  --quick         less of everything; for trying, not for figures
  --help

Starts a PostgreSQL 18 of its own. A full run takes about nine minutes and writes bench/results.md;
a part of it or a quick one writes nothing.`;

const PARTS: Readonly<Record<string, readonly ((world: World) => Promise<Figure[]>)[]>> = {
  a: [burst, burstPeers],
  b: [randomEnds, timerAndCommit],
  c: [elevate],
  d: [sweepCost],
  e: [webhooks],
  f: [incidentEnds],
  g: [flood],
};

const FULL: Sizes = {
  burst: 10_000,
  randomEnds: 300,
  randomEndsWithinS: 30,
  loadS: 15,
  histories: [10_000, 1_000_000],
  sweeps: 200,
};
const QUICK: Sizes = {
  burst: 1_000,
  randomEnds: 50,
  randomEndsWithinS: 5,
  loadS: 3,
  histories: [1_000, 20_000],
  sweeps: 50,
};

interface Choice {
  readonly parts: readonly string[];
  readonly quick: boolean;
}

/** Null: help was asked for. Throws where the words make no sense. */
function choose(): Choice | null {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return null;
  const parts = (values.only ?? Object.keys(PARTS).join(',')).split(',');
  const unknown = parts.filter((part) => !PARTS[part]);
  if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}.`);
  return { parts, quick: values.quick ?? false };
}

async function run({ parts, quick }: Choice): Promise<void> {
  const began = Date.now();
  const seconds = () => ((Date.now() - began) / 1000).toFixed(0).padStart(4);
  console.error(`${seconds()} s  starting PostgreSQL 18`);
  const server = await startPostgres({ version: 18, flags: SERVER_SETTINGS });
  try {
    const figures: Figure[] = [];
    for (const part of parts) {
      const world: World = {
        adminUrl: server.url,
        sizes: quick ? QUICK : FULL,
        say: (what) => console.error(`${seconds()} s  (${part}) ${what}`),
      };
      for (const measure of PARTS[part] ?? []) figures.push(...(await measure(world)));
    }
    const table = formatTable(figures);
    const conditions = await describeRun(server.url);
    console.log(`\n${table}\n\n${conditions}`);
    if (quick || parts.length < Object.keys(PARTS).length) return;
    const file = join(packageRoot(), 'bench', 'results.md');
    await writeFile(file, `# Bench\n\n\`npm run bench\`\n\n${table}\n\n${conditions}\n`);
    console.error(`${seconds()} s  written to bench/results.md`);
  } finally {
    await server.stop();
  }
}

let choice: Choice | null = null;
try {
  choice = choose();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exit(2);
}
if (!choice) console.log(HELP);
else await run(choice);
