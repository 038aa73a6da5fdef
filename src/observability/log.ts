/** The log: JSON lines on standard output, without secrets. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { createRedactor } from './redact.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** An error goes under `err`. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log whose every line has these fields too. */
  child(fields: object): Log;
}

/**
 * @param secrets every configured secret; wherever one shows (messages, errors' stacks, deep in a field)
 *   it is replaced, as is whatever looks like a secret by its key or its form.
 */
export function createLog({
  level,
  secrets,
  destination,
}: {
  level: LogLevel;
  secrets: readonly string[];
  destination?: DestinationStream;
}): Log {
  const redact = createRedactor(secrets);
  const fieldsOf = (fields: object): object => {
    const clean = redact.value(fields instanceof Error ? { err: fields } : fields);
    return typeof clean === 'object' && clean !== null ? clean : { fields: clean };
  };
  const wrap = (logger: Logger): Log => ({
    debug: (fields, message) => logger.debug(fieldsOf(fields), redact.text(message)),
    info: (fields, message) => logger.info(fieldsOf(fields), redact.text(message)),
    warn: (fields, message) => logger.warn(fieldsOf(fields), redact.text(message)),
    error: (fields, message) => logger.error(fieldsOf(fields), redact.text(message)),
    child: (fields) => wrap(logger.child(fieldsOf(fields))),
  });
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    // Errors arrive as plain objects, and pino's own serialiser would leave out half of them.
    serializers: { err: (plain: unknown) => plain },
  };
  return wrap(destination ? pino(options, destination) : pino(options));
}
