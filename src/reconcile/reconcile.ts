/** Builds the reconciler from its parts. */
import { type Ledger, ledgerForEnds } from '../../db/client.ts';
import type { ChatPort } from '../chat/port.ts';
import type { Connector } from '../connectors/connector.ts';
import type { Catalog } from '../domain/catalog.ts';
import type { Clocks } from '../domain/clock.ts';
import { channelsOn, type Platform } from '../domain/platform.ts';
import type { Timing } from '../domain/timing.ts';
import type { IncidentSource } from '../incidents/source.ts';
import type { Log } from '../observability/log.ts';
import { type Metrics, silentMetrics } from '../observability/metrics.ts';
import { createAssignmentReconciler } from './assignments.ts';
import { createHeadTeller } from './audit-heads.ts';
import { createDirectories } from './directories.ts';
import { createDueGrants } from './due-grants.ts';
import { createDueRequests } from './due-requests.ts';
import { createIncidentReconciler } from './incidents/incidents.ts';
import { createMessageSync } from './messages/sync.ts';
import { createAuditSealer } from './seal-audit.ts';
import { createSweep } from './sweep.ts';

export interface ReconcileOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly catalog: Catalog;
  readonly timing: Timing;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Sources of incidents, by their names under `incidents:`. */
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  /** The platforms in use; their ports come as they connect. */
  readonly platforms: readonly Platform[];
  readonly ports: ReadonlyMap<string, ChatPort>;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** 0 to 1, for backoff. */
  readonly random: () => number;
}

export function createReconcile(options: ReconcileOptions) {
  const { metrics = silentMetrics } = options;
  const forEnds = { ...options, ledger: ledgerForEnds(options.ledger) };
  const messages = createMessageSync(options);
  const report = (err: unknown) => options.log.error({ err }, 'reconciling assignments failed');
  const assignments = createAssignmentReconciler({
    ...forEnds,
    starts: options.ledger,
    metrics,
    recorded: () => void messages.sweep(),
  });
  const incidents = createIncidentReconciler({
    ...forEnds,
    metrics,
    ended: () => void assignments.sweep().catch(report),
    told: () => void messages.sweep(),
  });
  const directories = createDirectories({
    ...options,
    left: () => {
      void assignments.sweep().catch(report);
      void messages.sweep();
    },
  });
  const sealer = createAuditSealer(options);
  const { sweep, drain: drainChores } = createSweep({
    ...options,
    metrics,
    grants: createDueGrants(forEnds),
    requests: createDueRequests(options),
    assignments,
    incidents,
    messages,
    sealAudit: sealer.seal,
    directories,
    tellHead: createHeadTeller(options),
    alerts: channelsOn(options.catalog.channels.alerts, options.platforms),
  });

  async function drain(): Promise<void> {
    await drainChores();
    await directories.drain();
    await incidents.drain();
    await assignments.drain();
    await messages.drain();
  }

  return {
    /** Begins everything that is due. Steps with targets and messages go on after it resolves. */
    sweep,
    /** Resolves when no chore, no step and no message is under way. */
    drain,
    /** Seals what is left of the audit log, within a few seconds: the last thing that is done. Never rejects. */
    sealRest: sealer.sealRest,
    /** Sweeps until what was due is done, messages and sealing included. */
    async settle(): Promise<void> {
      await sweep();
      await drain();
      await sweep();
      await drain();
    },
  };
}
