/** `npm run playground:teams`. */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseDuration } from '../../domain/duration.ts';
import { runProgram } from '../run.ts';
import { startTeamsPlayground, type TeamsPlayground } from './playground.ts';
import { HELP, readTeamsSettings } from './settings.ts';

export function runTeamsPlayground(args: readonly string[]): Promise<void> {
  return runProgram({
    settings: readTeamsSettings({ args, env: process.env }),
    help: HELP,
    async start({ botPort, teamsPort }, log) {
      const playground = await startTeamsPlayground({
        botPort,
        teamsPort,
        workingDirectory: process.cwd(),
        botProgram: fileURLToPath(new URL('../bot.js', import.meta.url)),
        log,
      });
      listenForTime(playground);
      return { invitation: invitation(playground), stop: playground.stop };
    },
  });
}

function invitation({ urls }: TeamsPlayground): string {
  return `Open each in a tab of its own, and keep them open: a page that is loaded anew has forgotten its messages.
  Ana    ${urls.ana}   in the chat with Curfew, say: prod-dba 1h INC-2041 restore the orders table
  Omar   ${urls.omar}   is asked in his chat and in access-approvals, and presses Approve
  Mia    ${urls.mia}   is told in security-alerts when something is wrong; say: help
Type a length of time here, such as 30m, and Enter: the clock moves forward.`;
}

/** The terminal may be absent: then nobody moves the clock. */
function listenForTime({ advance }: TeamsPlayground): void {
  process.stdin.on('error', () => {});
  createInterface({ input: process.stdin }).on('line', (typed) => {
    if (typed.trim() === '') return;
    const wanted = parseDuration(typed.trim().replace(/^\+/, ''));
    if (!wanted.ok) return console.log(wanted.why);
    console.log(`The clock is ${Math.round(advance(wanted.seconds) / 60_000)} min ahead.`);
  });
}
