/** The audit log from the shell: what was done to it shows, however long it is. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordAudit } from '../../db/audit.ts';
import { sealBatch } from '../../db/audit-seal.ts';
import { createScene, type Scene } from '../support/command-scene.ts';

const EVENTS = 30_000;

describe('the audit log from the shell', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene('on PostgreSQL');
    await scene.inside(async ({ ledger }) => {
      for (let from = 0; from < EVENTS; from += 5_000) {
        const entries = Array.from({ length: 5_000 }, (_, index) => ({
          actor: 'curfew',
          action: 'test.happened',
          details: { number: from + index, note: 'a line\nof ordinary length, as such events have' },
        }));
        await recordAudit(ledger.db, new Date(), entries);
      }
      while ((await sealBatch(ledger, new Date())).count > 0);
    });
  });
  afterAll(() => scene.close());

  it('is exported whole, one event a line', async () => {
    const counted = await scene.pipe(['audit', 'export'], 'wc -l');
    expect(counted).toMatchObject({ code: 0, stderr: 'exit code 0\n' });
    expect(Number(counted.stdout)).toBe(EVENTS);
  });

  it('may be cut short by its reader without a complaint', async () => {
    const first = await scene.pipe(['audit', 'export'], 'head -n 1');
    expect(first).toMatchObject({ code: 0, stderr: 'exit code 0\n' });
    expect(JSON.parse(first.stdout)).toMatchObject({ seq: 1 });
  });

  it('names the first event that does not fit, and fails', async () => {
    await scene.inside(({ ledger }) =>
      ledger.tx(async (tx) => {
        await tx.execute(sql`alter table audit_events disable trigger audit_events_no_change`);
        await tx.execute(sql`update audit_events set actor = 'somebody else' where seq = 20001`);
        await tx.execute(sql`alter table audit_events enable trigger audit_events_no_change`);
        await recordAudit(tx, new Date(), [{ actor: 'curfew', action: 'test.unsealed', details: {} }]);
      }),
    );
    const verified = await scene.cli(['audit', 'verify']);
    expect(verified).toMatchObject({ code: 1, stderr: '' });
    expect(verified.stdout).toContain('The audit log does NOT hold: event 20001 was altered.');
    expect(verified.stdout).toContain('Not covered: 1 event, not sealed yet.');
    const json = await scene.cli(['audit', 'verify', '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, events: 20_000, unsealed: 1 });
  });
});
