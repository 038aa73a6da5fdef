/** The environment's variables, as design and README list them. Empty ones count as unset. */
import { z } from 'zod';
import { type AuditKey, createAuditKey } from '../domain/audit-key.ts';
import { endpointUrl } from '../net/endpoint-url.ts';
import { readPostgresUrl } from '../net/postgres-url.ts';
import { LOG_LEVELS, type LogLevel } from '../observability/log.ts';
import { passwordsIn } from '../observability/redact.ts';

export interface SlackSettings {
  readonly botToken: string;
  readonly transport:
    | { readonly kind: 'http'; readonly signingSecret: string }
    | { readonly kind: 'socket'; readonly appToken: string };
  /** Another root of the Web API, ending in a slash; null: Slack's own. */
  readonly apiUrl: string | null;
}

export interface TeamsSettings {
  /** Null: nobody is asked who they are. Only the playground makes such settings; the environment never. */
  readonly credentials: TeamsCredentials | null;
  /** The home tenant, a lower-case GUID: its full members may speak. */
  readonly tenantId: string;
  /** False where the client opens no dialogs: forms are inputs in cards there. */
  readonly dialogs: boolean;
}

export interface TeamsCredentials {
  readonly appId: string;
  readonly appPassword: string;
  readonly appType: 'MultiTenant' | 'SingleTenant';
  /** Who signs what comes in; null: Microsoft's Bot Connector. Another one for tests. */
  readonly issuer: { readonly name: string; readonly metadataUrl: string } | null;
}

export interface Environment {
  /** Null: the embedded ledger. */
  readonly databaseUrl: string | null;
  readonly port: number;
  /** Null: `/metrics` on `port`, for loopback callers only. */
  readonly metricsPort: number | null;
  readonly configPath: string;
  /** Null: the audit log is not signed. */
  readonly auditKey: AuditKey | null;
  readonly logLevel: LogLevel;
  readonly slack: SlackSettings | null;
  readonly teams: TeamsSettings | null;
}

export interface EnvironmentReading {
  readonly environment: Environment | null;
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  /** Values that must never show. */
  readonly secrets: readonly string[];
}

const DEFAULT_CONFIG_PATH = 'curfew.yaml';

const port = z.coerce
  .number({ error: 'This must be a port.' })
  .int('This must be a port.')
  .min(0, 'A port is 0 to 65535.')
  .max(65_535, 'A port is 0 to 65535.');
const secret = z
  .string()
  .max(4_096, 'This is longer than any secret.')
  .regex(/^[!-~]+$/, 'This must be one word of plain characters.');

const variables = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'This must begin with postgres://.')
    .superRefine((text, ctx) => {
      if (!/^postgres(ql)?:\/\/\S+$/.test(text)) return;
      const read = readPostgresUrl(text);
      if ('problem' in read) ctx.addIssue({ code: 'custom', message: `This ${read.problem}.` });
    })
    .optional(),
  PORT: port.default(3000),
  METRICS_PORT: port.optional(),
  CURFEW_CONFIG: z.string().default(DEFAULT_CONFIG_PATH),
  CURFEW_AUDIT_KEY: z
    .string()
    .min(16, 'A key needs at least 16 characters.')
    .transform((text, ctx) => {
      try {
        return createAuditKey(text);
      } catch (error) {
        ctx.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `This must be one of ${LOG_LEVELS.join(', ')}.`).default('info'),
  SLACK_BOT_TOKEN: secret.optional(),
  SLACK_SIGNING_SECRET: secret.optional(),
  SLACK_APP_TOKEN: secret.optional(),
  SLACK_API_URL: endpointUrl.optional(),
  MicrosoftAppId: secret.optional(),
  MicrosoftAppPassword: secret.optional(),
  MicrosoftAppTenantId: z
    .guid('This must be the id of a tenant, such as 11111111-2222-3333-4444-555555555555.')
    .toLowerCase()
    .optional(),
  MicrosoftAppType: z
    .enum(['MultiTenant', 'SingleTenant'], 'This must be MultiTenant or SingleTenant.')
    .default('SingleTenant'),
});
type Variables = z.output<typeof variables>;

const SECRETS = [
  'DATABASE_URL',
  'CURFEW_AUDIT_KEY',
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'MicrosoftAppPassword',
] as const;

/** @param needsChat whether no chat platform is a problem: it is when the service is to start. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { needsChat }: { needsChat: boolean },
): EnvironmentReading {
  const set = Object.fromEntries(
    Object.keys(variables.shape).flatMap((name) => {
      const value = env[name]?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
  const secrets = SECRETS.flatMap((name) =>
    set[name] === undefined ? [] : [set[name], ...passwordsIn(set[name])],
  );
  const parsed = variables.safeParse(set);
  const problems = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    path: String(path[0]),
    message,
  }));
  problems.push(...platformProblems(set, needsChat));
  const environment = parsed.success && problems.length === 0 ? settings(parsed.data) : null;
  return { environment, problems, secrets };
}

/** Where the configuration is, also when other variables are wrong. */
export function configPathOf(env: Readonly<Record<string, string | undefined>>): string {
  return env.CURFEW_CONFIG?.trim() || DEFAULT_CONFIG_PATH;
}

function platformProblems(set: Readonly<Record<string, string>>, needsChat: boolean) {
  const has = (name: string) => set[name] !== undefined;
  const problems: { path: string; message: string }[] = [];
  const missing = (path: string, message: string) => problems.push({ path, message });
  const slack = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN'].some(has);
  const teams = ['MicrosoftAppId', 'MicrosoftAppPassword'].some(has);
  if (slack && !has('SLACK_BOT_TOKEN')) missing('SLACK_BOT_TOKEN', 'Slack needs the bot token (xoxb-...).');
  if (slack && !has('SLACK_SIGNING_SECRET') && !has('SLACK_APP_TOKEN')) {
    missing('SLACK_SIGNING_SECRET', 'Slack needs the signing secret, or SLACK_APP_TOKEN for Socket Mode.');
  }
  if (teams && !has('MicrosoftAppId')) missing('MicrosoftAppId', "Teams needs the bot's app id.");
  if (teams && !has('MicrosoftAppPassword'))
    missing('MicrosoftAppPassword', "Teams needs the bot's password.");
  if (teams && !has('MicrosoftAppTenantId')) {
    missing('MicrosoftAppTenantId', 'Teams needs the tenant whose members may use Curfew.');
  }
  if (needsChat && !slack && !teams) {
    const how = 'set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN for Socket Mode)';
    missing(
      '',
      `No chat platform is configured: for Slack ${how}; for Teams MicrosoftAppId, MicrosoftAppPassword and MicrosoftAppTenantId.`,
    );
  }
  return problems;
}

function settings(vars: Variables): Environment {
  return {
    databaseUrl: vars.DATABASE_URL ?? null,
    port: vars.PORT,
    metricsPort: vars.METRICS_PORT ?? null,
    configPath: vars.CURFEW_CONFIG,
    auditKey: vars.CURFEW_AUDIT_KEY ?? null,
    logLevel: vars.LOG_LEVEL,
    slack: slackSettings(vars),
    teams: teamsSettings(vars),
  };
}

function teamsSettings(vars: Variables): TeamsSettings | null {
  const { MicrosoftAppId: appId, MicrosoftAppPassword: appPassword, MicrosoftAppTenantId: tenantId } = vars;
  if (appId === undefined || appPassword === undefined || tenantId === undefined) return null;
  const credentials = { appId, appPassword, appType: vars.MicrosoftAppType, issuer: null };
  return { credentials, tenantId, dialogs: true };
}

function slackSettings(vars: Variables): SlackSettings | null {
  const botToken = vars.SLACK_BOT_TOKEN;
  if (botToken === undefined) return null;
  const apiUrl = vars.SLACK_API_URL === undefined ? null : `${vars.SLACK_API_URL.replace(/\/+$/, '')}/`;
  if (vars.SLACK_APP_TOKEN !== undefined) {
    return { botToken, apiUrl, transport: { kind: 'socket', appToken: vars.SLACK_APP_TOKEN } };
  }
  if (vars.SLACK_SIGNING_SECRET === undefined) return null;
  return { botToken, apiUrl, transport: { kind: 'http', signingSecret: vars.SLACK_SIGNING_SECRET } };
}
