import { describe, expect, it } from 'vitest';
import { accepted, BASE, refused, swap, variable } from './reading.ts';

describe('a file that is no configuration at all', () => {
  it.each([
    ['nothing', '', '1:1: The file is empty'],
    ['only a comment', '# later\n', '1:1: The file is empty'],
    ['a word', 'curfew', '1:1: This must be a map, not text.'],
    ['a list', '- 1', '1:1: This must be a map, not a list.'],
    ['a key twice', `${BASE}version: 1\n`, '21:1: Map keys must be unique.'],
    ['a role twice', `${BASE}  prod-dba: {}\n`, '21:3: Map keys must be unique.'],
    ['a tab', 'version: 1\nadmins:\n\t- x\n', '3:1: Tabs are not allowed as indentation.'],
    [
      'a key that JavaScript would lose',
      BASE.replace('prod-dba:', '__proto__:'),
      '8:3: No key may be called __proto__.',
    ],
    ['two documents', 'version: 1\n---\nversion: 1\n', '2:1: Source contains multiple documents'],
    ['an unknown tag', 'version: !!js/function x\n', '1:10: Unresolved tag'],
    ['an anchor that is not there', 'version: *one\n', '1:1: Unresolved alias'],
    ['data that holds itself', 'a: &a { b: *a }\n', '1:1: The file has more than 20 levels'],
    ['a very deep nesting', '['.repeat(100_000), 'Maximum call stack size exceeded.'],
    ['too much', `# ${'x'.repeat(4 * 1024 * 1024)}`, '1:1: The file is larger than 4 MB.'],
  ])('%s', async (_name, yaml, expected) => {
    expect((await refused(yaml)).join('\n')).toContain(expected);
  });

  it('grows no further than its aliases are allowed to', async () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]`);
    expect(await refused(`l0: &l0 [x]\n${levels.join('\n')}\n`)).toEqual([
      'curfew.yaml:1:1: Excessive alias count indicates a resource exhaustion attack.',
    ]);
  });

  it('is not there, or cannot be read', async () => {
    const fail = (code: string) => async () =>
      Promise.reject(Object.assign(new Error('secret path'), { code }));
    expect(await refused('', { readFile: fail('ENOENT'), env: { CURFEW_CONFIG: 'my.yaml' } })).toEqual([
      'my.yaml: It cannot be read. There is no such file; examples/curfew.yaml is one to begin with.',
    ]);
    expect(await refused('', { readFile: fail('EACCES') })).toEqual([
      'curfew.yaml: It cannot be read. EACCES.',
    ]);
  });
});

const TOKEN = variable('TOKEN');

describe('variables', () => {
  const withToken = swap('"fake:prod"', `"fake:${TOKEN}"`);

  it('are put in after the file was read, so that a value is only ever a value', async () => {
    const env = { TOKEN: 'x" }\nadmins: [user:eve@acme.test]\n# "' };
    const { catalog, secrets } = await accepted(withToken, { env });
    expect(catalog.admins).toEqual(['mia@acme.test']);
    expect(secrets).toContain(env.TOKEN);
  });

  it.each([
    ['is not set', `fake:${TOKEN}`, {}, 'The environment variable TOKEN is not set.'],
    ['is empty', `fake:${TOKEN}`, { TOKEN: '' }, 'The environment variable TOKEN is not set.'],
    [
      'is misspelt',
      variable('TO KEN'),
      {},
      `A variable is written ${variable('NAME')}; for the characters themselves write $\${.`,
    ],
    [
      'is not closed',
      `fake:${TOKEN.slice(0, -1)}`,
      {},
      `A variable is written ${variable('NAME')}; for the characters themselves write $\${.`,
    ],
    [
      'is not set, and nothing else is said of its field',
      TOKEN,
      {},
      'The environment variable TOKEN is not set.',
    ],
  ])('are missed where they stand when one %s', async (_name, url, env, message) => {
    expect(await refused(swap('fake:prod', url), { env })).toEqual([
      `curfew.yaml:6:23 connectors.prod.url: ${message}`,
    ]);
  });

  it('can be written without being meant, and are not looked for in keys or in themselves', async () => {
    const yaml = swap('Production database admin', `'costs $${variable('5')} $5 ${variable('NOTE')}'`);
    const { catalog } = await accepted(yaml, { env: { NOTE: TOKEN } });
    expect(catalog.roles.get('prod-dba')?.title).toBe(`costs ${variable('5')} $5 ${TOKEN}`);
  });

  it('never show their values in a problem', async () => {
    const env = { TOKEN: 'broken-hunter2' };
    const problems = await refused(withToken, { env });
    expect(problems).toEqual([
      'curfew.yaml:6:3 connectors.prod: This connector cannot be made: cannot use fake:[redacted]',
    ]);
  });

  it('make their values known as secrets, and so do secrets in the file and passwords in URLs', async () => {
    const yaml = swap(
      'kind: fake, url: "fake:prod"',
      `kind: fake, url: "fake://u:p%40ss@host/${variable('DB')}", secret: in-the-file`,
    );
    const env = {
      DB: 'database-7',
      DATABASE_URL: 'postgres://c:led%67er@db/c',
      SLACK_BOT_TOKEN: 'xoxb-9',
      SLACK_APP_TOKEN: 'xapp-9',
    };
    const { secrets } = await accepted(yaml, { env });
    for (const secret of [
      'database-7',
      'in-the-file',
      'p%40ss',
      'p@ss',
      'led%67er',
      'ledger',
      'xoxb-9',
      'xapp-9',
    ]) {
      expect(secrets).toContain(secret);
    }
    expect(secrets).not.toContain('fake');
  });
});
