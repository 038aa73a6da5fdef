/** A signed audit log from the shell: verified with the key, and by outsiders with the public key and openssl. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditKey } from '../../src/domain/audit-key.ts';
import { createScene, giveAccess, type Scene } from '../support/command-scene.ts';

const env = { CURFEW_AUDIT_KEY: 'the key of this ledger, long enough' };
const auditKey = createAuditKey(env.CURFEW_AUDIT_KEY);
const publicKeyFile = (scene: Scene) => path.join(scene.place.directory, 'audit-public-key.pem');

describe.each(['on PostgreSQL', 'embedded, held by a running Curfew'] as const)(
  'a signed audit log %s',
  (way) => {
    let scene: Scene;
    beforeAll(async () => {
      scene = await createScene(way, auditKey);
      await scene.inside(async (house) => {
        await giveAccess(house, 'ana');
        await house.settle();
      });
      await writeFile(publicKeyFile(scene), (await scene.cli(['audit', 'public-key'], env)).stdout);
    });
    afterAll(() => scene.close());

    it('verifies with the key, and without it by the public key', async () => {
      for (const [args, extra] of [
        [[], env],
        [['--ledger'], env],
        [['--public-key', publicKeyFile(scene)], {}],
      ] as const) {
        const verified = await scene.cli(['audit', 'verify', ...args], extra);
        expect(verified).toMatchObject({ code: 0, stderr: '' });
        expect(verified.stdout).toMatch(
          /all fit\.\n(.*\n)?Signed with the key from event \d+ on, up to the last\./,
        );
      }
      const unchecked = await scene.cli(['audit', 'verify']);
      expect(unchecked).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Signatures were not looked at'),
      });
    });

    it('has a head that openssl verifies', async () => {
      const head = (await scene.cli(['audit', 'head'], env)).stdout.trim();
      const [seq, hash, signature = ''] = head.split(':');
      const file = (name: string) => path.join(scene.place.directory, name);
      await writeFile(file('head.txt'), `${seq}:${hash}`);
      await writeFile(file('head.sig'), Buffer.from(signature.slice(17), 'base64url'));
      const args = ['-verify', '-pubin', '-inkey', publicKeyFile(scene), '-rawin', '-in', file('head.txt')];
      const { stdout } = await promisify(execFile)('openssl', [
        'pkeyutl',
        ...args,
        '-sigfile',
        file('head.sig'),
      ]);
      expect(stdout).toContain('Signature Verified Successfully');
      expect(await scene.cli(['audit', 'verify', '--head', head], env)).toMatchObject({ code: 0 });
    });

    it('takes no head that another key signed, and no file that holds no key', async () => {
      const other = { CURFEW_AUDIT_KEY: 'another key, and long enough' };
      const seen = await scene.cli(['audit', 'head'], other);
      // A head that another key signed bears none of ours, and none is made for it.
      expect(seen).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('does not fit CURFEW_AUDIT_KEY'),
      });
      const plain = seen.stdout.trim();
      expect(plain).toMatch(/^\d+:[0-9a-f]{64}$/);
      const head = `${plain}:${createAuditKey(other.CURFEW_AUDIT_KEY).sign(plain)}`;
      const forged = await scene.cli(['audit', 'verify', '--head', head], env);
      expect(forged).toMatchObject({ code: 1, stderr: expect.stringContaining('signature') });
      expect(await scene.cli(['audit', 'verify'], other)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('another key'),
      });
      const wrong = path.join(scene.place.directory, 'curfew.yaml');
      await writeFile(wrong, 'version: 1\n');
      for (const file of [wrong, '/no/such/file']) {
        expect(await scene.cli(['audit', 'verify', '--public-key', file])).toMatchObject({ code: 2 });
      }
    });

    it('needs a key, and a head, to be told through where nothing was signed', async () => {
      const head = (await scene.cli(['audit', 'head'])).stdout.trim();
      const through = (typed: string, extra = {}) =>
        scene.cli(['audit', 'verify', '--unsigned-through', typed], extra);
      expect(await through(head)).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a key') });
      expect(await through('12', env)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('SEQ:HASH'),
      });
      expect(await through(head, env)).toMatchObject({ code: 0 });
      expect(await through(`1:${'0'.repeat(64)}`, env)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('event 1 is not the one that was named'),
      });
    });

    it('names the first row of the ledger that no event left so', async () => {
      const id = await scene.inside(async (house) => {
        const id = await giveAccess(house, 'bo');
        await house.ledger.tx((tx) =>
          tx.execute(sql`update grants set ends_at = ends_at + interval '1 year'
        where id = ${id}`),
        );
        return id;
      });
      const verified = await scene.cli(['audit', 'verify', '--ledger'], env);
      expect(verified).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`${id}: its grant is not what event`),
      });
      expect(await scene.cli(['audit', 'verify'], env)).toMatchObject({ code: 0 });
    });
  },
);
