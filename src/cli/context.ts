/** What a command is given, and how it answers. */
import { userInfo } from 'node:os';
import { type Environment, type EnvironmentReading, readEnvironment } from '../config/environment.ts';
import { ExpectedFailure } from '../expected-failure.ts';

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** 0 done, 1 it failed; used wrongly (2) is a `UsageFailure`. */
export type ExitCode = 0 | 1;

/** The command cannot mean anything as it was typed. */
export class UsageFailure extends Error {
  override readonly name = 'UsageFailure';
}

export function print(ctx: CliContext, text: string): void {
  ctx.stdout.write(`${text}\n`);
}

export function printJson(ctx: CliContext, value: unknown): void {
  print(ctx, JSON.stringify(value, null, 2));
}

/** Who is at the terminal, as the system has it. */
export function terminalUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as containers have them.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

/**
 * The environment as far as a ledger needs it: a slip in a variable of the service must not stand in the
 * way of taking access away.
 */
export function ledgerEnvironment(ctx: CliContext): Pick<Environment, 'databaseUrl' | 'auditKey'> {
  const { DATABASE_URL, CURFEW_AUDIT_KEY } = ctx.env;
  const { environment, problems } = readEnvironment({ DATABASE_URL, CURFEW_AUDIT_KEY }, { needsChat: false });
  if (!environment) {
    throw new ExpectedFailure(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  }
  return environment;
}

/** Every secret of the environment, to be kept out of what is printed. */
export function secretsOf(ctx: CliContext): EnvironmentReading['secrets'] {
  return readEnvironment(ctx.env, { needsChat: false }).secrets;
}
