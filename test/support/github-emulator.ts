/**
 * emulate's GitHub behind a gateway of ours, which refuses other tokens, adds what emulate lacks
 * (github-gaps.ts, entity tags), and lets a test put its own answers in the way.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createEmulator, type Emulator } from 'emulate';
import { createGithubGaps, type GithubAnswer, type GithubRequest } from './github-gaps.ts';

/** Undefined lets the request go on. */
type Intercept = (request: GithubRequest) => Promise<GithubAnswer | undefined> | GithubAnswer | undefined;

export const ORG = 'acme';
export const TOKEN = 'ghp_secret-of-the-tests';
/** The spare one takes names that others had. */
const MEMBERS = ['ana', 'omar', 'lea', '0x-dead-beef', 'spare'];
const LOGINS = ['owner', ...MEMBERS, 'outsider'];

export async function startGithub() {
  const users = LOGINS.map((login) => ({ login }));
  const members = [{ login: 'owner', role: 'admin' }, ...MEMBERS.map((login) => ({ login, role: 'member' }))];
  const acme = { login: ORG, members };
  const first = await startEmulator({ users, orgs: [acme] });
  // In the second world another organisation came first, so `acme` has another number.
  const second = await startEmulator({ users, orgs: [{ login: 'globex' }, acme] });
  let upstream = first;
  let intercept: Intercept = () => undefined;
  let unfinished = 0;
  const seen: (GithubRequest & { readonly status: number })[] = [];

  async function send(method: string, path: string, body?: string): Promise<GithubAnswer> {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const answer = await fetch(upstream.url + path, { method, headers, body: body || undefined });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  }
  /** By emulate's own names; the arguments are today's. */
  const membershipPath = (team: string, login: string) =>
    `/orgs/${ORG}/teams/${gaps.slugs.known(team)}/memberships/${gaps.logins.known(login)}`;
  const gaps = createGithubGaps(send, LOGINS, [ORG, 'globex']);

  async function answerFor(request: GithubRequest): Promise<GithubAnswer> {
    if (request.headers.authorization !== `token ${TOKEN}`) {
      return { status: 401, body: { message: `Bad credentials: ${request.headers.authorization}` } };
    }
    return (await intercept(request)) ?? gaps.answer(request);
  }

  const server = createServer(async (incoming, outgoing) => {
    const request = await readRequest(incoming);
    unfinished += 1;
    const answer = await answerFor(request).finally(() => {
      unfinished -= 1;
    });
    const text =
      typeof answer.body === 'string' || answer.body === undefined
        ? (answer.body ?? '')
        : JSON.stringify(answer.body);
    const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
    const tagged = request.method === 'GET' && answer.status === 200;
    const status = tagged && request.headers['if-none-match'] === etag ? 304 : answer.status;
    seen.push({ ...request, status });
    outgoing.writeHead(status, {
      ...(text === '' || status === 304 ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...(tagged ? { etag } : {}),
      // Ports come back from test to test; no connection of an earlier one may be found again.
      connection: 'close',
      ...answer.headers,
    });
    outgoing.end(status === 304 ? '' : text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    gaps,
    /** What came in and how it was answered, oldest first. */
    seen,
    /** Requests that were taken and are not answered yet. */
    unfinished: () => unfinished,
    /** Every request of the connector goes through this from now on. */
    intercept(next: Intercept) {
      intercept = next;
    },
    /** From now on `acme` is another organisation of the same name. */
    replaceOrg() {
      upstream = second;
    },
    /** In both worlds, without members. */
    async createTeam(slug: string): Promise<void> {
      const current = upstream;
      for (upstream of [first, second])
        await send('POST', `/orgs/${ORG}/teams`, JSON.stringify({ name: slug }));
      upstream = current;
    },
    async join(team: string, login: string): Promise<void> {
      await send('PUT', membershipPath(team, login), '{"role":"member"}');
    },
    async isMember(team: string, login: string): Promise<boolean> {
      return (await send('GET', membershipPath(team, login))).status === 200;
    },
    async dropTeam(slug: string): Promise<void> {
      await send('DELETE', `/orgs/${ORG}/teams/${gaps.slugs.known(slug)}`);
    },
    async makeOwner(login: string): Promise<void> {
      await send('PUT', `/orgs/${ORG}/memberships/${login}`, '{"role":"admin"}');
    },
    async account(login: string): Promise<{ account: string; accountId: string }> {
      const user = (await send('GET', `/users/${login}`)).body as { id: number };
      return { account: login, accountId: String(user.id) };
    },
    async teamId(slug: string): Promise<string> {
      const team = (await send('GET', `/orgs/${ORG}/teams/${slug}`)).body as { id: number };
      return String(team.id);
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await Promise.all([first.close(), second.close()]);
    },
  };
}

export type GithubWorld = Awaited<ReturnType<typeof startGithub>>;

async function startEmulator(github: unknown): Promise<Emulator> {
  const tokens = { [TOKEN]: { login: 'owner', scopes: ['admin:org'] } };
  const port = await freePort();
  const emulator = await createEmulator({ service: 'github', port, seed: { tokens, github } });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const up = await fetch(`${url}/orgs/${ORG}`).catch(() => null);
    await up?.body?.cancel();
    if (up?.ok) return { ...emulator, url };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('emulate did not start');
}

/** emulate has to be told its port; it cannot choose one. */
async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function readRequest(incoming: IncomingMessage): Promise<GithubRequest> {
  let body = '';
  for await (const chunk of incoming) body += chunk;
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(incoming.headers)) headers[key] = String(value);
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers, body };
}
