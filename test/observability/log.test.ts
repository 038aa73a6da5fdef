import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel } from '../../src/observability/log.ts';

function logTo({ secrets = [], level = 'debug' }: { secrets?: string[]; level?: LogLevel } = {}) {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: createLog({ level, secrets, destination }), lines };
}

function only(lines: readonly string[]): Record<string, unknown> {
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

describe('the log', () => {
  it('writes one JSON object a line', () => {
    const { log, lines } = logTo();
    log.child({ request: 'R-7K3M' }).info({ seconds: 5, at: new Date(0) }, 'granted');
    expect(only(lines)).toMatchObject({
      level: 30,
      request: 'R-7K3M',
      seconds: 5,
      at: '1970-01-01T00:00:00.000Z',
      msg: 'granted',
    });
  });

  it('keeps to its level', () => {
    const { log, lines } = logTo({ level: 'warn' });
    log.info({}, 'no');
    log.debug({}, 'no');
    log.warn({}, 'yes');
    expect(only(lines).msg).toBe('yes');
  });

  it('shows errors with their stack, cause and code', () => {
    const { log, lines } = logTo();
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    log.error({ err: new Error('no ledger', { cause }) }, 'failed');
    expect(only(lines).err).toMatchObject({
      type: 'Error',
      message: 'no ledger',
      stack: expect.stringContaining('log.test.ts'),
      cause: { message: 'refused', code: 'ECONNREFUSED' },
    });
  });

  it('takes an error in place of the fields', () => {
    const { log, lines } = logTo();
    log.error(new Error('lost'), 'failed');
    expect(only(lines).err).toMatchObject({ message: 'lost' });
  });

  it.each([
    ['token'],
    ['botToken'],
    ['SLACK_SIGNING_SECRET'],
    ['password'],
    ['Authorization'],
    ['set-cookie'],
    ['passphrase'],
    ['credentials'],
    ['apiKey'],
    ['api_key'],
    ['private-key'],
    ['CURFEW_AUDIT_KEY'],
  ])('never shows what stands under %s', (key) => {
    const { log, lines } = logTo();
    log.info({ deep: [{ [key]: 'hunter2' }, { [key]: { inner: 'hunter2' } }, { [key]: 12345678 }] }, 'x');
    expect(lines.join()).not.toMatch(/hunter2|12345678/);
    expect(lines.join()).toContain(key);
  });

  it.each([
    ['postgres://curfew:hunter2@db.acme.test/curfew', 'postgres://[redacted]@db.acme.test/curfew'],
    ['failed: https://user:p@hunter2@host/x failed', 'failed: https://[redacted]@host/x failed'],
    ['GET /x?a=1&access_token=hunter2&b=2', 'GET /x?a=1&access_token=[redacted]&b=2'],
    ['Authorization: Bearer hunter2.abc', 'Authorization: Bearer [redacted]'],
    ['xoxb-123-hunter2 and xapp-1-hunter2', '[redacted] and [redacted]'],
    ['ghp_hunter2hunter2', '[redacted]'],
    ['whsec_hunter2hunter2==', '[redacted]'],
    ['-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----', '[redacted]'],
  ])('recognises the secret in "%s"', (text, shown) => {
    const { log, lines } = logTo();
    log.info({ text, err: new Error(text) }, text);
    expect(only(lines)).toMatchObject({ msg: shown, text: shown, err: { message: shown } });
    expect(lines.join()).not.toContain('hunter2');
  });

  it('never shows a configured secret: not in messages, fields, keys, children, errors, their stacks or causes', () => {
    const secrets = ['correct horse', 'a"b\\c', 'pässwort/1'];
    for (const secret of secrets) {
      const { log, lines } = logTo({ secrets });
      const err = Object.assign(new Error(`said ${secret}`, { cause: `was ${secret}` }), { detail: secret });
      log.child({ from: secret }).error(
        {
          err,
          list: [{ [secret]: 1 }],
          map: new Map([[secret, secret]]),
          url: `x?y=${encodeURIComponent(secret)}`,
        },
        `about ${secret}`,
      );
      const line = only(lines);
      expect(JSON.stringify(line)).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(JSON.stringify(line)).not.toContain(encodeURIComponent(secret));
      expect(line.msg).toBe('about [redacted]');
    }
  });

  it('shows an address without its password', () => {
    const { log, lines } = logTo();
    log.info({ url: new URL('https://u:hunter2@host/x') }, 'calling');
    expect(only(lines).url).toBe('https://[redacted]@host/x');
  });

  it('keeps the longer of two secrets whole when one begins like the other', () => {
    const { log, lines } = logTo({ secrets: ['abcd', 'abcdefgh'] });
    log.info({}, 'x abcdefgh y');
    expect(only(lines).msg).toBe('x [redacted] y');
  });

  it('finds a secret also where a long text is cut', () => {
    const { log, lines } = logTo({ secrets: ['correct horse'] });
    log.info({}, `${'x'.repeat(8_185)}correct horse`);
    expect(String(only(lines).msg)).not.toContain('correct');
    expect(String(only(lines).msg).length).toBeLessThan(8_300);
  });

  it('writes something for whatever it is given', () => {
    const { log, lines } = logTo({ secrets: ['1234'] });
    const loop: Record<string, unknown> = { count: 12_345_678n, bytes: Buffer.from('hunter2') };
    loop.self = loop;
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    for (const fields of [loop, trap, [1], { f: () => 1, s: Symbol('x'), d: new Date(Number.NaN) }]) {
      log.info(fields, 'still here');
    }
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (fields) => {
        log.info(fields, 'still here');
      }),
    );
    expect(lines).toHaveLength(104);
    for (const line of lines) expect((JSON.parse(line) as { msg: string }).msg).toBe('still here');
    expect(lines.join()).not.toContain('hunter2');
  });
});
