/** What `npm run playground:teams` is told from outside: two ports, and nothing else. */
import { readSettings, type Settings } from '../settings.ts';

export type TeamsSettings =
  | { readonly kind: 'run'; readonly botPort: number; readonly teamsPort: number }
  | Exclude<Settings, { kind: 'run' }>;

export const PORT_VARIABLE = 'TEAMS_PLAYGROUND_PORT';

export const HELP = `Usage: npm run playground:teams

A whole Curfew to try in Microsoft's own Agents Playground, with nothing else installed: Ana, Omar and Mia each
in a Teams of their own, and a real PostgreSQL in which access comes and goes.

  PORT=3000                    where the bot is, on 127.0.0.1
  ${PORT_VARIABLE}=56150  where Ana's Teams is, on 127.0.0.1; Omar's and Mia's have the two ports after it

Type a length of time, such as 30m, to move the clock forward. Its data are in .curfew/playground, begin anew at
each start, and reach nothing else. Ctrl-C ends it.`;

const DEFAULT_PORT = '56150';
const LAST_PORT = 65_533;

export function readTeamsSettings(given: Parameters<typeof readSettings>[0]): TeamsSettings {
  const settings = readSettings({ ...given, help: HELP });
  if (settings.kind !== 'run') return settings;
  const wanted = given.env[PORT_VARIABLE]?.trim() || DEFAULT_PORT;
  const teamsPort = /^\d{1,5}$/.test(wanted) ? Number(wanted) : Number.NaN;
  if (!(teamsPort <= LAST_PORT)) {
    const words = `${PORT_VARIABLE} must be a number from 0 to ${LAST_PORT} (0: any free ports).`;
    return { kind: 'refused', words };
  }
  return { kind: 'run', botPort: settings.port, teamsPort };
}
