/** Curfew from its parts: operations, commands, reconciliation, scheduler and chat, with explicit arguments. */

import { createDispatch } from '../commands/dispatch.ts';
import { createHome } from '../commands/home.ts';
import { roleOptions } from '../commands/roles.ts';
import type { Ledger } from '../db/client.ts';
import { nextDue } from '../db/next-due.ts';
import type { ChatPort } from './chat/port.ts';
import { createSlackPlatform } from './chat/slack/platform.ts';
import type { SlackSettings } from './config/environment.ts';
import type { Connector } from './connectors/connector.ts';
import type { Catalog } from './domain/catalog.ts';
import type { Clocks } from './domain/clock.ts';
import type { RandomBytes } from './domain/ids.ts';
import type { Platform } from './domain/platform.ts';
import type { Timing } from './domain/timing.ts';
import type { Log } from './observability/log.ts';
import { type Metrics, silentMetrics } from './observability/metrics.ts';
import type { OperationContext } from './operations/context.ts';
import { offboard } from './operations/offboard.ts';
import { createReconcile } from './reconcile/reconcile.ts';
import { createScheduler } from './scheduler.ts';

/** What is in use, in the order in which alerts look for a channel. */
function platformsOf({ slack }: Pick<CurfewParts, 'slack'>): readonly Platform[] {
  return [...(slack ? (['slack'] as const) : [])];
}

export interface CurfewParts {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly catalog: Catalog;
  readonly timing: Timing;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly slack: SlackSettings | null;
  readonly auditKey: string | null;
  readonly metrics?: Metrics;
  readonly log: Log;
  readonly randomBytes: RandomBytes;
  /** 0 to 1, for backoff. */
  readonly random: () => number;
}

export function createCurfew(parts: CurfewParts) {
  const { ledger, clocks, log, metrics = silentMetrics } = parts;
  // Filled as platforms connect: what has to be taken away does not wait for chat.
  const ports = new Map<string, ChatPort>();
  const platforms = platformsOf(parts);
  const reconcile = createReconcile({ ...parts, platforms, ports });
  const scheduler = createScheduler({
    sweep: reconcile.sweep,
    nextDue: (after) => nextDue(ledger.db, after),
    clocks,
    log,
  });
  const ctx: OperationContext = { ...parts, platforms, ports, nudge: scheduler.nudge };
  const dispatch = createDispatch(ctx);
  const slack = parts.slack
    ? createSlackPlatform({
        settings: parts.slack,
        dispatch(inbound) {
          metrics.delivered({ platform: inbound.speaker.platform, kind: inbound.kind });
          return dispatch(inbound);
        },
        listRoles: (_speaker, typed) => roleOptions(parts.catalog, typed),
        home: createHome(ctx),
        memberChanged: async ({ speaker, deliveryKey }) => {
          await offboard(ctx, { deliveryKey, person: speaker });
        },
        connected(port) {
          ports.set(port.platform, port);
          scheduler.nudge();
        },
        log: log.child({ room: 'slack' }),
      })
    : null;

  return {
    ctx,
    slack,
    reconcile,
    nudge: scheduler.nudge,
    /** Chat can be used. */
    ready: () => slack?.ready() ?? false,
    async start(): Promise<void> {
      // Taking away comes first, whatever the state of chat.
      scheduler.start();
      await slack?.start();
    },
    /** No new work; what is under way is finished or left for the next start. */
    async stop(): Promise<void> {
      await slack?.stop();
      await scheduler.stop();
      await reconcile.drain();
      await Promise.all([...parts.connectors.values()].map((connector) => connector.close()));
    },
  };
}
