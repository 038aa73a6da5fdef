/** Curfew as a child process has it: a real ledger and a real target, every step counted, both clocks movable. */
import { randomBytes } from 'node:crypto';
import { openEmbedded, openPostgres } from '../../db/client.ts';
import { nextDue } from '../../db/next-due.ts';
import { bindPrincipal, type SpeakingPrincipal } from '../../db/principals.ts';
import type { ChatPort } from '../../src/chat/port.ts';
import type { Catalog } from '../../src/domain/catalog.ts';
import type { Clocks } from '../../src/domain/clock.ts';
import { DEFAULT_TIMING } from '../../src/domain/timing.ts';
import type { Log } from '../../src/observability/log.ts';
import type { OperationContext } from '../../src/operations/context.ts';
import { createReconcile } from '../../src/reconcile/reconcile.ts';
import { createScheduler } from '../../src/scheduler.ts';
import { createTestDirectory } from './directory.ts';
import { createFileChat } from './fault-chat.ts';
import { type WitnessPlan, watchLedger } from './fault-ledger.ts';
import { createSteps, type StepPlan } from './fault-steps.ts';
import { type TargetPlan, watchTarget } from './fault-target.ts';

export interface WorldPlan {
  /** A PostgreSQL's URL, or the embedded ledger's directory. */
  readonly ledger: { readonly url: string } | { readonly directory: string };
  readonly target: TargetPlan;
  /** The role in the target that `prod-dba` gives. */
  readonly role: string;
  readonly steps: StepPlan;
  readonly witness: WitnessPlan | null;
  /** The file that is the chat platform; null: there is none. */
  readonly chat: string | null;
  /** How far the clocks are ahead, seconds. */
  readonly ahead: { readonly ledgerS: number; readonly realS: number };
}

export async function createWorld(plan: WorldPlan) {
  const ahead = { ...plan.ahead };
  const clocks: Clocks = {
    now: () => new Date(Date.now() + ahead.ledgerS * 1000),
    real: () => new Date(Date.now() + ahead.realS * 1000),
  };
  const steps = createSteps(plan.steps);
  const opened =
    'url' in plan.ledger
      ? openPostgres(plan.ledger.url, { max: 4 })
      : await openEmbedded(plan.ledger.directory);
  const ledger = watchLedger(opened, steps, plan.witness);
  const connector = watchTarget(plan.target, steps);
  const connectors = new Map([[connector.name, connector]]);
  const ports = new Map<string, ChatPort>();
  if (plan.chat !== null) ports.set('slack', createFileChat(plan.chat, steps, clocks.real));
  const catalog = catalogFor(plan.role);
  const platforms = ['slack'] as const;
  const parts = {
    ledger,
    clocks,
    catalog,
    timing: DEFAULT_TIMING,
    connectors,
    incidents: new Map(),
    platforms,
    ports,
    log: toStderr,
  };
  let nudge = () => {};
  // Where there is no chat to post to, there is a directory all the same.
  const directory = plan.chat === null ? new Map([['slack', createTestDirectory().port]]) : ports;
  const ctx: OperationContext = { ...parts, ports: directory, randomBytes, nudge: () => nudge() };
  const reconcile = createReconcile({ ...parts, random: () => 0.5 });

  return {
    ctx,
    steps,
    reconcile,
    /** From here on it does what is due by itself, as the program does. */
    start(): void {
      const scheduler = createScheduler({
        sweep: reconcile.sweep,
        nextDue: (after) => nextDue(opened.db, after, DEFAULT_TIMING),
        clocks,
        log: toStderr,
      });
      nudge = scheduler.nudge;
      scheduler.start();
    },
    async person(name: string): Promise<SpeakingPrincipal> {
      const email = `${name}@acme.test`;
      const identity = {
        platform: 'slack',
        workspace: 'T1',
        userId: `U-${name}`,
        email,
        name,
        timeZone: null,
      };
      const bound = await bindPrincipal(opened.db, identity, { now: clocks.now(), platforms });
      if (!bound.ok) throw new Error(`${name} cannot be bound`);
      return bound.principal;
    },
    pass(seconds: { readonly ledgerS: number; readonly realS: number }): void {
      ahead.ledgerS += seconds.ledgerS;
      ahead.realS += seconds.realS;
    },
    async close(): Promise<void> {
      await connector.close();
      await ledger.close();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

function catalogFor(role: string): Catalog {
  return {
    version: 'sha256:test',
    roles: new Map([
      [
        'prod-dba',
        {
          name: 'prod-dba',
          title: 'Production database admin',
          owners: ['omar@acme.test', 'lea@acme.test'],
          risk: 'high',
          environment: 'production',
          sensitivity: 'confidential',
          recertifyBy: '2099-06-30',
          maxDurationS: 4 * 3600,
          defaultDurationS: 3600,
          requesters: null,
          channel: null,
          requiresIncident: false,
          entitlements: [{ connector: 'prod-pg', permission: { role } }],
          problems: [],
        },
      ],
    ]),
    admins: ['mia@acme.test'],
    domains: ['acme.test'],
    channels: { approvals: '#access-approvals', alerts: '#security-alerts' },
    nonAsciiAddresses: false,
    mapped: new Map(),
    manualIncidentsTrusted: false,
  };
}

/** The parent shows what a child said when the child fails. */
const write = (fields: object, message: string) => {
  const { err } = fields as { err?: unknown };
  process.stderr.write(`${message} ${err instanceof Error ? err.stack : JSON.stringify(fields)}\n`);
};
const toStderr: Log = { debug() {}, info() {}, warn: write, error: write, child: () => toStderr };
