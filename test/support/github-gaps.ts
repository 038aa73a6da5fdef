/** What emulate's GitHub lacks and the connector uses, built from what it has, as GitHub documents it. */

export interface GithubRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface GithubAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as it is, anything else as JSON. */
  readonly body?: unknown;
}

type Send = (method: string, path: string, body?: string) => Promise<GithubAnswer>;

interface Account {
  readonly login: string;
  readonly id: number;
}

const NOT_FOUND: GithubAnswer = { status: 404, body: { message: 'Not Found' } };

export interface GithubGaps {
  /** Parent team's slug to its child teams' slugs. */
  readonly children: Map<string, string[]>;
  /** Open invitations as `team/login`. */
  readonly invitations: Set<string>;
  /** Accounts that changed their login: id to the new login; the old one is nobody's. */
  readonly renamed: Map<number, string>;
  answer(request: GithubRequest): Promise<GithubAnswer>;
}

export function createGithubGaps(send: Send, logins: readonly string[]): GithubGaps {
  const children = new Map<string, string[]>();
  const invitations = new Set<string>();
  const renamed = new Map<number, string>();

  async function membersOf(org: string, slug: string): Promise<Account[]> {
    return (await send('GET', `/orgs/${org}/teams/${slug}/members?per_page=100`)).body as Account[];
  }

  async function userById(id: string): Promise<GithubAnswer> {
    for (const login of logins) {
      const user = await send('GET', `/users/${login}`);
      const body = user.body as Account;
      if (String(body.id) === id) {
        return { ...user, body: { ...body, login: renamed.get(body.id) ?? body.login } };
      }
    }
    return NOT_FOUND;
  }

  async function teamPart(org: string, slug: string, part: string): Promise<GithubAnswer> {
    const team = await send('GET', `/orgs/${org}/teams/${slug}`);
    if (team.status !== 200) return team;
    const below = children.get(slug) ?? [];
    if (part === 'teams') {
      const teams = below.map((child) => send('GET', `/orgs/${org}/teams/${child}`));
      return { status: 200, body: (await Promise.all(teams)).map((answer) => answer.body) };
    }
    if (part === 'invitations') {
      const open = [...invitations].filter((each) => each.startsWith(`${slug}/`));
      return { status: 200, body: open.map((each, id) => ({ id, login: each.split('/')[1] })) };
    }
    const all = new Map<number, Account>();
    for (const each of [slug, ...below]) {
      for (const member of await membersOf(org, each)) all.set(member.id, member);
    }
    return { status: 200, body: [...all.values()] };
  }

  async function membership(request: GithubRequest, org: string, slug: string, login: string) {
    const invited = invitations.has(`${slug}/${login}`);
    if (invited && request.method === 'DELETE') invitations.delete(`${slug}/${login}`);
    if (invited && request.method === 'GET')
      return { status: 200, body: { state: 'pending', role: 'member' } };
    const own = await send(request.method, request.path, request.body);
    if (request.method !== 'GET' || own.status !== 404) return own;
    for (const child of children.get(slug) ?? []) {
      const there = await send('GET', `/orgs/${org}/teams/${child}/memberships/${login}`);
      if (there.status === 200) return there;
    }
    return own;
  }

  async function graphql(body: string): Promise<GithubAnswer> {
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, string> };
    if (!query.includes('membership: IMMEDIATE')) return { status: 200, body: { errors: [] } };
    const found = await membersOf(variables.org ?? '', variables.team ?? '');
    const nodes = found
      .filter((member) => member.login.includes(variables.login ?? ''))
      .map((member) => ({ login: member.login, databaseId: member.id }));
    const members = { nodes, pageInfo: { hasNextPage: false, endCursor: null } };
    return { status: 200, body: { data: { organization: { team: { members } } } } };
  }

  return {
    children,
    invitations,
    renamed,
    async answer(request) {
      const [path = ''] = request.path.split('?');
      const [, first, second = '', third, slug = '', part = '', login = ''] = path.split('/');
      if (path === '/graphql') return graphql(request.body);
      if (first === 'user' && second !== '' && third === undefined) return userById(second);
      const answer = await (third === 'teams' && part === 'memberships'
        ? membership(request, second, slug, login)
        : third === 'teams' && ['teams', 'invitations', 'members'].includes(part)
          ? teamPart(second, slug, part)
          : send(request.method, request.path, request.body));
      const body = answer.body as Account | undefined;
      return first === 'users' && body && renamed.has(body.id) ? NOT_FOUND : answer;
    },
  };
}
