/**
 * The whole program as an operator runs it: `curfew serve` with the environment of the README, emulated
 * Slack, a real PostgreSQL to give access in, real clocks, and a window of one minute.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command-line.ts';
import { createOutside } from '../support/outside.ts';
import { visibleText } from '../support/visible-text.ts';

/** A window of a minute, the end of a dead process's lease, and time for a slow machine. */
const PATIENCE_MS = 150_000;

describe.concurrent.each([
  { ledger: 'PostgreSQL', embedded: false },
  { ledger: 'the embedded ledger', embedded: true },
])('from outside, on $ledger', async ({ embedded }) => {
  const outside = await createOutside({ embedded });
  const { slack } = outside;
  const says = (words: RegExp) => (m: Parameters<typeof visibleText>[0]) => words.test(visibleText(m));
  const run = (...args: string[]) => runCommand(args, { cwd: outside.directory, env: outside.env });
  afterAll(() => outside.close());

  it(
    'gives a minute of access, survives kill -9 in the middle of it, and takes it away on time',
    async () => {
      const url = await outside.start();
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      await slack.command('ana', 'prod-dba 1m INC-1042 failing over the primary');
      const card = await slack.waitForMessage('access-approvals', says(/ana asks/));
      await slack.click('omar', card, 'approve');
      await slack.waitForDm('ana', says(/Live until/));
      expect(await outside.isMember()).toBe(true);
      const session = await outside.session();
      expect(await session.alive()).toBe(true);

      const grants = await run('grants', '--json');
      expect(grants).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(grants.stdout)).toMatchObject([
        { role: 'prod-dba', state: 'live', email: 'ana@acme.test' },
      ]);

      await outside.end('SIGKILL');
      expect(await outside.isMember()).toBe(true);
      await outside.start();
      const ended = await slack.until(
        async () => (await slack.messages('access-approvals')).find(says(/^⚪? ?Ended/m)),
        'the card to say that it ended',
        PATIENCE_MS,
      );
      expect(visibleText(ended)).toMatch(/absence confirmed/);
      expect(await outside.isMember()).toBe(false);
      expect(await session.alive()).toBe(false);
      await session.close();

      // The last events are sealed within a second or so of the end.
      const verified = await slack.until(async () => {
        const { code, stdout } = await run('audit', 'verify', '--json');
        const answer = JSON.parse(stdout);
        return code === 0 && answer.unsealed === 0 ? answer : null;
      }, 'the log to be sealed');
      expect(verified).toMatchObject({ ok: true });
      expect(await outside.end('SIGTERM')).toBe(0);
      expect(outside.lines.join('\n')).not.toContain(slack.botToken);
    },
    PATIENCE_MS + 60_000,
  );
});

describe('without what it needs', () => {
  it('refuses to start, naming what is missing', async () => {
    const { code, stderr } = await runCommand(['serve'], {
      cwd: '/',
      env: { CURFEW_CONFIG: '/nowhere.yaml' },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/SLACK_BOT_TOKEN/);
    expect(stderr).toMatch(/nowhere\.yaml/);
  });
});
