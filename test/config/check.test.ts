import { describe, expect, it } from 'vitest';
import { checkConfig, renderCheck } from '../../src/config/check.ts';
import { BASE, fakeKinds } from './reading.ts';

async function check(yaml: string, now = '2026-11-20T12:00:00Z') {
  const kinds = fakeKinds();
  const result = await checkConfig({
    env: {},
    readFile: async () => yaml,
    kinds,
    needsChat: false,
    now: new Date(now),
  });
  return { result, closed: [...kinds.connectors[0].closed, ...kinds.incidents[0].closed] };
}

describe('curfew check', () => {
  it('says that all is well, and exits with 0', async () => {
    const { result, closed } = await check(BASE);
    const { text, exitCode } = renderCheck(result, { json: false });
    expect(text).toMatch(/^All is well: 1 role, 1 connector, sha256:[0-9a-f]{64}\.$/);
    expect(exitCode).toBe(0);
    expect(closed).toEqual(['prod']);
  });

  it('counts sources of incidents too, and closes them', async () => {
    const { result, closed } = await check(`${BASE}incidents: { pd: { kind: pager, webhook_secret: x } }\n`);
    expect(renderCheck(result, { json: false }).text).toMatch(
      /^All is well: 1 role, 1 connector, 1 source of incidents, sha256:/,
    );
    expect(closed).toEqual(['prod', 'pd']);
  });

  it('lists problems as places in the file, one to a line, and exits with 1', async () => {
    const { result } = await check(
      BASE.replace('risk: high', 'risk: huge').replace('[user:Omar@ACME.test]', '[]'),
    );
    expect(renderCheck(result, { json: false })).toEqual({
      text: [
        'curfew.yaml:11:5 roles.prod-dba.risk: This must be low or medium or high or critical.',
        '1 problem.',
      ].join('\n'),
      exitCode: 1,
    });
  });

  it('also fails for a role that cannot be requested, though the service would start', async () => {
    const { result } = await check(BASE, '2027-07-01T00:00:00Z');
    const { text, exitCode } = renderCheck(result, { json: false });
    expect(text).toMatch(/^curfew.yaml:14:5 roles.prod-dba.recertify_by: Its owners.*\n1 problem\.$/);
    expect(exitCode).toBe(1);
  });

  it('says the same as JSON', async () => {
    const { result } = await check(BASE.replace('version: 1', 'version: 2'));
    const { text, exitCode } = renderCheck(result, { json: true });
    expect(JSON.parse(text)).toEqual({
      ok: false,
      problems: [
        { file: 'curfew.yaml', line: 1, column: 1, path: 'version', message: 'This must be 1.', stops: true },
      ],
      summary: null,
    });
    expect(exitCode).toBe(1);
    expect(JSON.parse(renderCheck((await check(BASE)).result, { json: true }).text)).toMatchObject({
      ok: true,
      problems: [],
      summary: { roles: 1, connectors: 1 },
    });
  });
});
