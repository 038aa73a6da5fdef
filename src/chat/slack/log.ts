/** What Slack's libraries say, through our log; and errors described without what people typed. */
import { type Logger, LogLevel } from '@slack/bolt';
import type { Log as CurfewLog } from '../../observability/log.ts';

export type Log = Omit<CurfewLog, 'child'>;

/**
 * Only warnings and errors pass: below that, the libraries log request bodies, and with them people's
 * words. Only the words of the library itself pass, never the objects that come with them.
 */
export function createSlackLogger(log: Log, source: string): Logger {
  const pass = (level: 'warn' | 'error') => (first: unknown) => {
    log[level]({ source, ...(first instanceof Error ? describeError(first) : {}) }, firstLine(first));
  };
  return {
    debug: () => {},
    info: () => {},
    warn: pass('warn'),
    error: pass('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}

/** A name, a code and where it came from. Messages may hold what a person typed, so they stay out. */
export function describeError(error: unknown): { error: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const at = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 5)
    .map((line) => line.trim());
  return { error: error.name, ...(code ? { code } : {}), at };
}

function firstLine(said: unknown): string {
  if (typeof said !== 'string') return 'A library reported an error.';
  return (
    said
      .split('\n', 1)[0]
      ?.replace(/https?:\/\/\S+/g, '(url)')
      .slice(0, 200) ?? ''
  );
}
