/** `npm run playground:teams` as people start it, in Microsoft's own playground. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { descendantsOf, discard, isAlive, newDirectory, type Program, startProgram } from './program.ts';

const programs: Program[] = [];
afterEach(async () => {
  for (const program of programs.splice(0)) await discard(program);
});

async function start(options: { env?: Record<string, string>; args?: string[] } = {}): Promise<Program> {
  const env = { TEAMS_PLAYGROUND_PORT: '0', ...options.env };
  const args = ['teams', ...(options.args ?? [])];
  const program = startProgram({ directory: await newDirectory(), env, args });
  programs.push(program);
  return program;
}

/** Where each person's Teams is, once all are ready. */
async function ready(program: Program): Promise<Record<string, string>> {
  const begun = vi.waitFor(() => expect(program.output()).toContain('Ctrl-C ends it.'));
  const over = program.over().then(({ output }) => Promise.reject(new Error(`it ended:\n${output}`)));
  await Promise.race([begun, over]);
  const lines = program.output().matchAll(/^ +(Ana|Omar|Mia) +(http:\S+)/gm);
  return Object.fromEntries([...lines].map(([, name = '', url = '']) => [name.toLowerCase(), url]));
}

/** What an instance pushed to its page, or would have: kept in its log for whoever opens one. */
const pushed = (program: Program, handle: string) =>
  readFileSync(path.join(program.directory, `.curfew/playground/teams-${handle}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"action":"createMessage"'))
    .join('\n');

describe('the playground for Teams', () => {
  it('answers help in the chat, and asks Omar for what Ana asks for though he has said nothing', async () => {
    const program = await start();
    const urls = await ready(program);
    const say = async (text: string) => {
      const to = `${urls.ana}/_conversation/v1/conversations/${encodeURIComponent('a:chat-of-ana')}/messages`;
      const body = JSON.stringify({ from: { id: '29:ana' }, text, textFormat: 'plain' });
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(to, { method: 'POST', headers, body })).status).toBe(200);
    };
    await say('help');
    await vi.waitFor(() => expect(pushed(program, 'ana')).toContain('prod-dba 1h'));
    await say('prod-dba 1h INC-2041 restore the orders table');
    await vi.waitFor(() => {
      const shown = pushed(program, 'omar');
      expect(shown).toMatch(
        /"actionConversationId":"a:chat-of-omar".*Ana asks for Production database admin/,
      );
      expect(shown).toMatch(
        /"actionConversationId":"19:channel-of-omar@thread.tacv2".*Ana asks for Production database admin/,
      );
    });
  });

  it('lets no other page and no other name into anybody’s Teams', async () => {
    const { ana = '' } = await ready(await start());
    expect((await fetch(ana)).status).toBe(200);
    const foreign = { origin: 'http://evil.test', 'content-type': 'application/json' };
    const to = `${ana}/_internal/v1/customActivities`;
    expect((await fetch(to, { method: 'POST', headers: foreign, body: '{}' })).status).toBe(403);
    const framed = await fetch(ana, { headers: { 'sec-fetch-site': 'cross-site' }, method: 'POST' });
    expect(framed.status).toBe(403);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('leaves no process behind after %s', async (signal) => {
    const program = await start();
    const urls = await ready(program);
    const processes = descendantsOf(program.child.pid ?? 0);
    const instances = processes.filter(({ command }) => command.includes('teams-playground-instance'));
    expect(instances).toHaveLength(3);
    for (const { environment } of instances) expect(environment).not.toMatch(/^PATH=/m);
    program.child.kill(signal);
    await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]));
    await expect(fetch(urls.ana ?? '')).rejects.toThrow();
    expect(readdirSync(program.directory)).toEqual(['.curfew']);
  });

  it.each([
    ['PORT', 0],
    ['TEAMS_PLAYGROUND_PORT', 2],
  ])('says that %s has to be another when its port is taken', async (variable, distance) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const program = await start({ env: { [variable]: String(port - distance) } });
    const { code, output } = await program.over();
    other.close();
    expect(code).toBe(1);
    expect(output).toContain(variable);
    expect(output).not.toMatch(/\n\s+at /);
    expect(existsSync(path.join(program.directory, '.curfew/playground/bot.log'))).toBe(false);
  });

  it('explains itself, and refuses what it does not know', async () => {
    const help = await start({ args: ['--help'] });
    expect(await help.over()).toEqual({
      code: 0,
      output: expect.stringContaining('TEAMS_PLAYGROUND_PORT=56150'),
    });
    const wrong = await start({ env: { TEAMS_PLAYGROUND_PORT: '65534' } });
    expect(await wrong.over()).toEqual({
      code: 2,
      output: expect.stringContaining('TEAMS_PLAYGROUND_PORT must be'),
    });
  });
});
