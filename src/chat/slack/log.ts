/** What Slack's libraries say, through our log. */
import { type Logger, LogLevel } from '@slack/bolt';
import { describeError } from '../../observability/describe-error.ts';
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

function firstLine(said: unknown): string {
  if (typeof said !== 'string') return 'A library reported an error.';
  return (
    said
      .split('\n', 1)[0]
      ?.replace(/https?:\/\/\S+/g, '(url)')
      .slice(0, 200) ?? ''
  );
}
