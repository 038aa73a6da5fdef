/** `npm run playground`; with the word `teams`, `npm run playground:teams`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../package-root.ts';
import { startPlayground } from './playground.ts';
import { runProgram } from './run.ts';
import { HELP, readSettings } from './settings.ts';
import { runTeamsPlayground } from './teams/program.ts';

const [first, ...rest] = process.argv.slice(2);
await (first === 'teams' ? runTeamsPlayground(rest) : runSlackPlayground(process.argv.slice(2)));

function runSlackPlayground(args: readonly string[]): Promise<void> {
  return runProgram({
    settings: readSettings({ args, env: process.env }),
    help: HELP,
    async start({ port }, log) {
      const { url, stop } = await startPlayground({
        port,
        workingDirectory: process.cwd(),
        botProgram: fileURLToPath(new URL('./bot.js', import.meta.url)),
        pageDirectory: join(packageRoot(), 'dist-playground/page'),
        log,
      });
      return { invitation: `Open ${url}`, stop };
    },
  });
}
