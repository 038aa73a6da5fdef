/** What the playground is told from outside: a port, and nothing else. */
import { z } from 'zod';

export type Settings =
  | { readonly kind: 'run'; readonly port: number }
  | { readonly kind: 'help' }
  /** `words` say what to do instead. */
  | { readonly kind: 'refused'; readonly words: string };

export const HELP = `Usage: npm run playground

A whole Curfew to try, with nothing else installed: a small workspace in a web page, five people to act as,
a real PostgreSQL in which access comes and goes, a small PagerDuty, and a clock that you can move forward.

  PORT=3000    where the page is, on 127.0.0.1; every other setting is ignored

Its data are in .curfew/playground, begin anew at each start, and reach nothing else. Ctrl-C ends it.`;

const DEFAULT_PORT = 3000;
const OURSELVES = ['127.0.0.1', 'localhost'];
const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.int().max(65_535));

export function readSettings({
  args,
  env,
  help = HELP,
}: {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  help?: string;
}): Settings {
  const [first] = args;
  if (first === '--help' || first === '-h') return { kind: 'help' };
  if (first !== undefined) return refused(`The playground does not know "${first}".\n\n${help}`);
  const host = env.HOST?.trim() ?? '';
  if (host !== '' && !OURSELVES.includes(host)) {
    return refused(
      'The playground listens on 127.0.0.1 only: whoever can reach it can act as anybody in it. Unset HOST.',
    );
  }
  const wanted = env.PORT?.trim() ?? '';
  if (wanted === '') return { kind: 'run', port: DEFAULT_PORT };
  const parsed = port.safeParse(wanted);
  if (parsed.success) return { kind: 'run', port: parsed.data };
  return refused('PORT must be a number from 0 to 65535 (0: any free port).');
}

function refused(words: string): Settings {
  return { kind: 'refused', words };
}
