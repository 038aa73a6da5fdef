/** What is on record in a town: the sealed log. */
import { asc } from 'drizzle-orm';
import { expect } from 'vitest';
import { verifyAudit } from '../../db/audit-verify.ts';
import type { Ledger } from '../../db/client.ts';
import { auditEvents } from '../../db/schema-audit.ts';
import { until } from './slack-workspace.ts';

export interface AuditLine {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export function createRecord(town: {
  readonly ledger: Ledger;
  readonly curfew: { nudge(): void };
  close(): Promise<void>;
}) {
  /** What stands in the sealed log, when all of it is sealed. */
  async function log(): Promise<AuditLine[]> {
    await until(async () => {
      town.curfew.nudge();
      return (await verifyAudit(town.ledger.db, null)).unsealed === 0;
    }, 'the audit log to be sealed');
    return town.ledger.db.select().from(auditEvents).orderBy(asc(auditEvents.seq));
  }

  return {
    log,

    /** Waits for the first event of this kind by this actor whose details read so. */
    async onRecord(action: string, actor: RegExp, about: RegExp | string = /./): Promise<AuditLine> {
      const like = new RegExp(about);
      const find = async () =>
        (await log()).find(
          (event) =>
            event.action === action && actor.test(event.actor) && like.test(JSON.stringify(event.details)),
        );
      return until(find, `${action} by ${actor} about ${about} on record`);
    },

    /** Closes the town; first the log has to verify. */
    async close(): Promise<void> {
      await log();
      expect(await verifyAudit(town.ledger.db, null)).toMatchObject({ ok: true, problem: null });
      await town.close();
    },
  };
}
