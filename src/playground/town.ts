/** Who and what there is in the playground: people, channels, and the configuration that its Curfew reads. */
import type { Handle } from './protocol.ts';

export interface Townsperson {
  readonly handle: Handle;
  readonly name: string;
  /** What they do here, as the page shows it. */
  readonly part: string;
  readonly standing: 'full' | 'guest';
}

/** Their mail addresses are `HANDLE@acme.test`. */
export const PEOPLE: readonly Townsperson[] = [
  { handle: 'ana', name: 'Ana', part: 'on call', standing: 'full' },
  { handle: 'omar', name: 'Omar', part: 'owner', standing: 'full' },
  { handle: 'lea', name: 'Lea', part: 'owner', standing: 'full' },
  { handle: 'mia', name: 'Mia', part: 'security', standing: 'full' },
  { handle: 'sam', name: 'Sam', part: 'guest', standing: 'guest' },
];

export const CHANNELS = ['incidents', 'access-approvals', 'security-alerts'] as const;

/** The roles in the target that the catalog below gives, with the accounts that they are given to. */
export const TARGET_ROLES = ['dba', 'reporting'] as const;
export const TARGET_ACCOUNTS = ['ana', 'omar', 'lea', 'mia'] as const;

/** With a PagerDuty, and a role that is given only while it says that something is wrong. */
export function townYaml({ incidents }: { incidents: boolean }): string {
  return incidents ? TOWN_YAML + INCIDENTS_YAML : TOWN_YAML;
}

const TOWN_YAML = `
version: 1
identity: { domains: [acme.test] }
admins: [user:mia@acme.test]
channels: { approvals: "#access-approvals", alerts: "#security-alerts" }
connectors:
  prod-pg:
    kind: postgres
    url: "\${TARGET_URL}"
    end_sessions: true
    accounts: { from: email_local_part }
roles:
  prod-dba:
    title: Production database admin
    owners: [user:omar@acme.test, user:lea@acme.test]
    risk: high
    environment: production
    sensitivity: confidential
    recertify_by: 2099-12-31
    max_duration: 4h
    default_duration: 1h
    entitlements:
      - { connector: prod-pg, permission: { role: dba } }
  staging-reports:
    title: Staging reports
    owners: [user:lea@acme.test]
    risk: low
    environment: staging
    sensitivity: internal
    recertify_by: 2099-12-31
    max_duration: 8h
    default_duration: 2h
    entitlements:
      - { connector: prod-pg, permission: { role: reporting } }
`;

const INCIDENTS_YAML = `  breakglass:
    title: Production breakglass
    owners: [user:omar@acme.test, user:lea@acme.test]
    risk: critical
    environment: production
    sensitivity: confidential
    recertify_by: 2099-12-31
    max_duration: 1h
    default_duration: 30m
    requires: incident
    entitlements:
      - { connector: prod-pg, permission: { role: dba } }
incidents:
  pagerduty:
    kind: pagerduty
    webhook_secret: "\${PAGERDUTY_WEBHOOK_SECRET}"
    api_token: "\${PAGERDUTY_TOKEN}"
    api_url: "\${PAGERDUTY_API_URL}"
    severities: { P1: sev1 }
`;
