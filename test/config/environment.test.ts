import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { createAuditKey } from '../../src/domain/audit-key.ts';
import { refused } from './reading.ts';

const read = (env: Record<string, string>, needsChat = false) => readEnvironment(env, { needsChat });
const faults = (env: Record<string, string>, needsChat = false) =>
  read(env, needsChat).problems.map(({ path, message }) => `${path}: ${message}`);

const TENANT = '11111111-2222-3333-4444-555555555555';
const SLACK = { SLACK_BOT_TOKEN: 'xoxb-1-token', SLACK_SIGNING_SECRET: 'signing-secret' };

describe('the environment', () => {
  it('may be empty: an embedded ledger, port 3000, curfew.yaml, no platform', () => {
    expect(read({}).environment).toEqual({
      databaseUrl: null,
      port: 3000,
      metricsPort: null,
      configPath: 'curfew.yaml',
      auditKey: null,
      logLevel: 'info',
      slack: null,
      teams: null,
    });
  });

  it('may hold empty variables, which count as unset', () => {
    const empty = { PORT: '', METRICS_PORT: ' ', DATABASE_URL: '', SLACK_BOT_TOKEN: '', CURFEW_CONFIG: '' };
    expect(read(empty).environment).toEqual(read({}).environment);
  });

  it('sets everything', () => {
    const { environment } = read({
      ...SLACK,
      DATABASE_URL: 'postgres://curfew:pw@db/curfew',
      PORT: '8080',
      METRICS_PORT: '9090',
      CURFEW_CONFIG: '/etc/curfew.yaml',
      CURFEW_AUDIT_KEY: '0123456789abcdef',
      LOG_LEVEL: 'debug',
      SLACK_API_URL: 'http://127.0.0.1:4003/api',
      MicrosoftAppId: 'app',
      MicrosoftAppPassword: 'app-password',
      MicrosoftAppTenantId: TENANT.toUpperCase(),
      MicrosoftAppType: 'SingleTenant',
    });
    expect(environment).toEqual({
      databaseUrl: 'postgres://curfew:pw@db/curfew',
      port: 8080,
      metricsPort: 9090,
      configPath: '/etc/curfew.yaml',
      auditKey: expect.objectContaining({ id: createAuditKey('0123456789abcdef').id }),
      logLevel: 'debug',
      slack: {
        botToken: 'xoxb-1-token',
        transport: { kind: 'http', signingSecret: 'signing-secret' },
        apiUrl: 'http://127.0.0.1:4003/api/',
      },
      teams: {
        credentials: { appId: 'app', appPassword: 'app-password', appType: 'SingleTenant', issuer: null },
        tenantId: TENANT,
        dialogs: true,
      },
    });
  });

  it('with an app token means Socket Mode, which needs no signing secret', () => {
    const env = { SLACK_BOT_TOKEN: 'xoxb-1-token', SLACK_APP_TOKEN: 'xapp-1-token' };
    expect(read(env).environment?.slack?.transport).toEqual({ kind: 'socket', appToken: 'xapp-1-token' });
  });

  it.each([
    [{ PORT: 'http' }, 'PORT: This must be a port.'],
    [{ PORT: '65536' }, 'PORT: A port is 0 to 65535.'],
    [{ PORT: '80.5' }, 'PORT: This must be a port.'],
    [{ METRICS_PORT: '-1' }, 'METRICS_PORT: A port is 0 to 65535.'],
    [{ DATABASE_URL: 'mysql://u:hunter2@db/x' }, 'DATABASE_URL: This must begin with postgres://.'],
    [{ CURFEW_AUDIT_KEY: 'short' }, 'CURFEW_AUDIT_KEY: A key needs at least 16 characters.'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: This must be one of trace, debug, info, warn, error, fatal, silent.'],
    [
      { SLACK_BOT_TOKEN: 'x' },
      'SLACK_SIGNING_SECRET: Slack needs the signing secret, or SLACK_APP_TOKEN for Socket Mode.',
    ],
    [{ SLACK_SIGNING_SECRET: 'x' }, 'SLACK_BOT_TOKEN: Slack needs the bot token (xoxb-...).'],
    [
      { ...SLACK, SLACK_BOT_TOKEN: 'two words' },
      'SLACK_BOT_TOKEN: This must be one word of plain characters.',
    ],
    [
      { SLACK_API_URL: 'http://slack.evil.test/api/' },
      'SLACK_API_URL: must be https (http only for this machine), without a user, password or #fragment',
    ],
    [
      { MicrosoftAppId: 'x', MicrosoftAppTenantId: TENANT },
      "MicrosoftAppPassword: Teams needs the bot's password.",
    ],
    [
      { MicrosoftAppPassword: 'x', MicrosoftAppTenantId: TENANT },
      "MicrosoftAppId: Teams needs the bot's app id.",
    ],
    [
      { MicrosoftAppId: 'x', MicrosoftAppPassword: 'x' },
      'MicrosoftAppTenantId: Teams needs the tenant whose members may use Curfew.',
    ],
    [
      { MicrosoftAppId: 'x', MicrosoftAppPassword: 'x', MicrosoftAppTenantId: 'acme' },
      'MicrosoftAppTenantId: This must be the id of a tenant, such as 11111111-2222-3333-4444-555555555555.',
    ],
  ])('%j is refused without repeating it', (env, fault) => {
    expect(faults(env as Record<string, string>)).toEqual([fault]);
    expect(read(env as Record<string, string>).environment).toBeNull();
  });

  it('needs a chat platform where the service is to start, and says which variables make one', () => {
    expect(faults({}, true)).toEqual([
      expect.stringMatching(
        /No chat platform.*SLACK_BOT_TOKEN.*SLACK_SIGNING_SECRET.*SLACK_APP_TOKEN.*MicrosoftAppId/,
      ),
    ]);
    expect(faults(SLACK, true)).toEqual([]);
    expect(faults({}, false)).toEqual([]);
  });

  it('is reported together with the file', async () => {
    const problems = await refused('version: 2', { env: { PORT: 'x' }, needsChat: true });
    expect(problems[0]).toMatch(/^curfew.yaml:1:1 admins: This is missing/);
    expect(problems.at(-2)).toMatch(/^environment: No chat platform/);
    expect(problems.at(-1)).toBe('environment PORT: This must be a port.');
  });
});
