/**
 * What emulate's GitHub lacks and the connector uses, built from what it has, as GitHub documents it: routes
 * by id, child teams, invitations, and names that change. emulate knows users and teams by the names that
 * they were made with; here each may have another name today.
 */

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

interface Team {
  readonly slug: string;
  readonly id: number;
  readonly node_id: string;
}

const NOT_FOUND: GithubAnswer = { status: 404, body: { message: 'Not Found' } };

/** Names of today for those that emulate knows. */
export interface Names {
  /** `from` is today's name; nobody has it afterwards. */
  rename(from: string, to: string): void;
  /** Undefined: nobody is called so today. */
  known(today: string): string | undefined;
  today(known: string): string;
}

function createNames(): Names {
  const byKnown = new Map<string, string>();
  const known = (today: string) => {
    for (const [own, name] of byKnown) if (name === today) return own;
    return byKnown.has(today) ? undefined : today;
  };
  return {
    known,
    today: (own) => byKnown.get(own) ?? own,
    rename(from, to) {
      byKnown.set(known(from) ?? from, to);
    },
  };
}

export interface GithubGaps {
  /** Parent team's slug to its child teams' slugs. */
  readonly children: Map<string, string[]>;
  /** Open invitations as `team/login`. */
  readonly invitations: Set<string>;
  readonly logins: Names;
  readonly slugs: Names;
  readonly orgs: Names;
  answer(request: GithubRequest): Promise<GithubAnswer>;
}

export function createGithubGaps(send: Send, logins: readonly string[], orgLogins: readonly string[]) {
  const children = new Map<string, string[]>();
  const invitations = new Set<string>();
  const names = { logins: createNames(), slugs: createNames(), orgs: createNames() };

  async function membersOf(org: string, slug: string): Promise<Account[]> {
    return (await send('GET', `/orgs/${org}/teams/${slug}/members?per_page=100`)).body as Account[];
  }

  async function teamsOf(org: string): Promise<Team[]> {
    return (await send('GET', `/orgs/${org}/teams?per_page=100`)).body as Team[];
  }

  async function userById(id: string): Promise<GithubAnswer> {
    for (const login of logins) {
      const user = await send('GET', `/users/${login}`);
      if (String((user.body as Account).id) === id) return user;
    }
    return NOT_FOUND;
  }

  async function orgById(id: string): Promise<(GithubAnswer & { login: string }) | null> {
    for (const login of orgLogins) {
      const org = await send('GET', `/orgs/${login}`);
      if (org.status === 200 && String((org.body as Account).id) === id) return { ...org, login };
    }
    return null;
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
    const [org = ''] = orgLogins;
    const team = (await teamsOf(org)).find((each) => each.node_id === variables.team);
    const found = team ? await membersOf(org, team.slug) : [];
    const login = names.logins.known(variables.login ?? '') ?? '';
    const nodes = found
      .filter((member) => member.login.includes(login))
      .map((member) => ({ login: names.logins.today(member.login), databaseId: member.id }));
    const members = { nodes, pageInfo: { hasNextPage: false, endCursor: null } };
    return { status: 200, body: { data: { node: { members } } } };
  }

  /** The path by emulate's own names; null where a name of today or an id is nobody's. */
  async function knownPath(path: string): Promise<string | null> {
    const parts = path.split('/');
    const [, first, second = '', third, fourth = ''] = parts;
    if (first === 'organizations' && third === 'team') {
      const org = await orgById(second);
      const team = org && (await teamsOf(org.login)).find(({ id }) => String(id) === fourth);
      if (!team) return null;
      parts.splice(1, 4, 'orgs', org.login, 'teams', team.slug);
    } else if (first === 'orgs') {
      const org = names.orgs.known(second);
      if (org === undefined) return null;
      parts[2] = org;
      if (third === 'teams' && fourth !== '') {
        const slug = names.slugs.known(fourth);
        if (slug === undefined) return null;
        parts[4] = slug;
      }
    }
    const at = parts[1] === 'users' ? 2 : parts.indexOf('memberships') + 1;
    const login = at > 0 && parts[1] !== 'user' ? names.logins.known(parts[at] ?? '') : '';
    if (login === undefined) return null;
    if (login !== '') parts[at] = login;
    return parts.join('/');
  }

  /** A copy in today's names. */
  function inTodaysNames(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(inTodaysNames);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.entries(value).map(([key, each]): [string, unknown] => {
      if (key === 'login') return [key, names.orgs.today(names.logins.today(String(each)))];
      return [key, key === 'slug' ? names.slugs.today(String(each)) : inTodaysNames(each)];
    });
    return Object.fromEntries(copy);
  }

  async function answerTo(request: GithubRequest): Promise<GithubAnswer> {
    const [path = ''] = request.path.split('?');
    const [, first, second = '', third, slug = '', part = '', login = ''] = path.split('/');
    if (first === 'user' && second !== '' && third === undefined) return userById(second);
    if (first === 'organizations' && third === undefined) return (await orgById(second)) ?? NOT_FOUND;
    if (third === 'teams' && part === 'memberships') return membership(request, second, slug, login);
    if (third === 'teams' && ['teams', 'invitations', 'members'].includes(part))
      return teamPart(second, slug, part);
    return send(request.method, request.path, request.body);
  }

  return {
    children,
    invitations,
    ...names,
    async answer(request: GithubRequest): Promise<GithubAnswer> {
      const [path = '', query] = request.path.split('?');
      if (path === '/graphql') return graphql(request.body);
      const known = await knownPath(path);
      if (known === null) return NOT_FOUND;
      const answer = await answerTo({ ...request, path: query === undefined ? known : `${known}?${query}` });
      return { status: answer.status, body: inTodaysNames(answer.body) };
    },
  } satisfies GithubGaps;
}
