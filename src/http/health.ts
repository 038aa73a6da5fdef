/**
 * What is said of this process to whoever runs it. Anybody may ask, so there are only counts and
 * connectors' names here.
 *
 * Ready: it can take people's requests. Alive: restarting it would not help. A target that is down or an
 * overdue revocation is told, and changes neither: taking replicas away would make both worse.
 */
import type { Ledger } from '../../db/client.ts';
import type { LedgerState } from '../../db/ledger-state.ts';
import { createMigrationCheck } from '../../db/migrate.ts';
import { createSharedRead } from './shared-read.ts';

export interface HealthOptions {
  readonly ledger: Ledger;
  readonly readLedger: () => Promise<LedgerState>;
  readonly metrics: { secondsSinceSweep(): number };
  readonly packageRoot: string;
  /** Whether the platform has confirmed who the bot is. */
  readonly chatReady: () => boolean;
  /** Why a platform cannot be used, a sentence each; others may do. */
  readonly chatTrouble?: () => readonly string[];
  /** How long the ledger may take, ms. */
  readonly withinMs?: number;
}

export interface HealthAnswer {
  readonly ok: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Health {
  ready(): Promise<HealthAnswer>;
  alive(): Promise<HealthAnswer>;
  /** From now on not ready: nothing new is to be sent here. */
  drain(): void;
}

const LEDGER_WITHIN_MS = 2_000;
const KEEP_MS = 1_000;
/** Sweeps are made every second; none for so long is told. */
const LATE_AFTER_S = 10;
/** None for this long means that the process hangs. */
const STALLED_AFTER_S = 60;

export function createHealth(options: HealthOptions): Health {
  const { ledger, chatReady, chatTrouble = () => [], metrics, withinMs = LEDGER_WITHIN_MS } = options;
  const migrated = createSharedRead(createMigrationCheck(ledger.db, options.packageRoot), {
    withinMs,
    keepMs: KEEP_MS,
  });
  let draining = false;

  /** Why a failing ledger fails is the sweep's to log; probes come too often. */
  async function ledgerTrouble(): Promise<string | null> {
    try {
      return (await migrated()) ? null : 'The ledger is not migrated to this version.';
    } catch {
      return 'The ledger does not answer.';
    }
  }

  return {
    async ready() {
      const blocking = [
        draining ? 'It is shutting down.' : null,
        chatReady() ? null : 'Chat cannot be used.',
        await ledgerTrouble(),
      ].filter((reason) => reason !== null);
      const ok = blocking.length === 0;
      return { ok, body: { ready: ok, reasons: [...blocking, ...chatTrouble()] } };
    },
    async alive() {
      const state = await options.readLedger().catch(() => null);
      const sweepAgoS = metrics.secondsSinceSweep();
      const ok = sweepAgoS < STALLED_AFTER_S;
      return {
        ok,
        body: {
          status: ok ? (sweepAgoS < LATE_AFTER_S ? 'ok' : 'late') : 'stalled',
          lastSweepSecondsAgo: Math.round(sweepAgoS * 10) / 10,
          ledger: state ? 'ok' : 'down',
          chat: chatReady() ? 'ok' : 'down',
          revocationsOverdue: state?.overdue.count ?? null,
          oldestOverdueSeconds: state ? Math.round(state.overdue.oldestS) : null,
          assignmentsFailing: state?.failingAssignments ?? null,
          auditUnsealed: state?.auditUnsealed ?? null,
        },
      };
    },
    drain() {
      draining = true;
    },
  };
}
