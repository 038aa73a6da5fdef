/** `npm run playground`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../package-root.ts';
import { startPlayground } from './playground.ts';
import { runProgram } from './run.ts';
import { HELP, readSettings } from './settings.ts';

await runProgram({
  settings: readSettings({ args: process.argv.slice(2), env: process.env }),
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
