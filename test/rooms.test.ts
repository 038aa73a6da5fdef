/**
 * The plan of the house, held: imports go down only, there are no circles, no file is long, and each foreign
 * package comes in by one door. A file that is in no room fails too: give it one here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/package-root.ts';

const root = packageRoot();
const FOLDERS = ['src', 'commands', 'db', 'bench', 'test', 'scripts', 'examples'];
const LONGEST = 300;

/** Each room, the rooms that its files may see besides each other, and where it is. Longest path wins. */
const ROOMS: readonly { room: string; at: readonly string[]; sees: readonly string[] }[] = [
  {
    room: 'ground',
    at: [
      'src/package-root.ts',
      'src/expected-failure.ts',
      'src/batcher.ts',
      'src/in-flight.ts',
      'src/lane.ts',
      'src/rate.ts',
      'src/within.ts',
    ],
    sees: [],
  },
  { room: 'net', at: ['src/net/'], sees: [] },
  { room: 'domain', at: ['src/domain/'], sees: [] },
  { room: 'policy', at: ['src/policy/'], sees: ['domain'] },
  {
    room: 'connector contract',
    at: ['src/connectors/connector.ts', 'src/connectors/call.ts', 'src/connectors/turns.ts'],
    sees: ['domain'],
  },
  { room: 'connectors', at: ['src/connectors/'], sees: ['ground', 'net', 'domain', 'connector contract'] },
  {
    room: 'source contract',
    at: ['src/incidents/source.ts', 'src/incidents/ask.ts'],
    sees: ['ground', 'domain'],
  },
  { room: 'incidents', at: ['src/incidents/'], sees: ['net', 'domain', 'source contract'] },
  { room: 'observability', at: ['src/observability/'], sees: ['domain'] },
  { room: 'db', at: ['db/'], sees: ['ground', 'net', 'domain', 'policy'] },
  {
    room: 'chat',
    at: [
      'src/chat/card.ts',
      'src/chat/cards/',
      'src/chat/port.ts',
      'src/chat/name-people.ts',
      'src/chat/watch-app.ts',
      'src/chat/span-words.ts',
    ],
    sees: ['ground', 'domain', 'policy', 'db'],
  },
  {
    room: 'operations',
    at: ['src/operations/'],
    sees: [
      'ground',
      'domain',
      'policy',
      'connector contract',
      'source contract',
      'observability',
      'db',
      'chat',
    ],
  },
  { room: 'commands', at: ['commands/'], sees: ['ground', 'domain', 'policy', 'db', 'chat', 'operations'] },
  {
    room: 'config',
    at: ['src/config.ts', 'src/config/'],
    sees: [
      'net',
      'domain',
      'policy',
      'connectors',
      'connector contract',
      'incidents',
      'source contract',
      'observability',
    ],
  },
  {
    room: 'answers',
    at: ['src/chat/answers.ts'],
    sees: ['ground', 'domain', 'observability', 'chat', 'commands'],
  },
  {
    room: 'teams',
    at: ['src/chat/teams/'],
    sees: ['net', 'domain', 'observability', 'db', 'chat', 'commands', 'config', 'answers'],
  },
  {
    room: 'slack',
    at: ['src/chat/slack/'],
    sees: ['net', 'domain', 'observability', 'chat', 'commands', 'config', 'answers'],
  },
  {
    room: 'reconcile',
    at: ['src/reconcile/'],
    sees: [
      'ground',
      'domain',
      'policy',
      'connector contract',
      'source contract',
      'observability',
      'db',
      'chat',
      'operations',
    ],
  },
  { room: 'scheduler', at: ['src/scheduler.ts'], sees: ['domain', 'observability'] },
  { room: 'clock', at: ['src/database-clock.ts'], sees: ['domain', 'observability', 'db'] },
  {
    room: 'http',
    at: ['src/http/'],
    sees: ['ground', 'net', 'domain', 'source contract', 'observability', 'db'],
  },
  {
    room: 'home',
    at: ['src/home/', 'src/control/'],
    sees: ['ground', 'domain', 'observability', 'db', 'operations'],
  },
  { room: 'roof', at: ['src/curfew.ts', 'src/main.ts', 'src/cli.ts', 'src/cli/'], sees: ['*'] },
  // A place for trying Curfew, never part of it: nobody in the house looks in.
  { room: 'playground', at: ['src/playground/'], sees: ['*', 'roof'] },
  { room: 'outside', at: ['test/', 'bench/', 'scripts/', 'examples/'], sees: ['*', 'roof', 'playground'] },
];

/** Where a package may be imported. Anything else may be imported by who needs it. */
const DOORS: readonly { packages: RegExp; only: readonly string[] }[] = [
  { packages: /^@slack\//, only: ['src/chat/slack/'] },
  { packages: /^@azure\/|^jose$|^botbuilder|^botframework-/, only: ['src/chat/teams/'] },
  {
    packages: /^postgres$/,
    only: ['db/client.ts', 'db/mending-pool.ts', 'src/connectors/postgres/', 'src/playground/'],
  },
  { packages: /^@electric-sql\//, only: ['db/client.ts'] },
  { packages: /^@octokit\//, only: ['src/connectors/github/'] },
  { packages: /^standardwebhooks$/, only: ['src/connectors/webhook/', 'src/incidents/'] },
  { packages: /^node-cron$/, only: ['src/scheduler.ts'] },
  { packages: /^commander$/, only: ['src/cli.ts', 'src/cli/'] },
];

interface Source {
  readonly file: string;
  readonly lines: number;
  /** Files of ours, by path from the root. */
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

const IMPORT = /(?:(?<!\.)\bfrom|\bimport)\s*\(?\s*'([^']+)'/g;

function readSource(file: string): Source {
  const text = readFileSync(path.join(root, file), 'utf8');
  const named = [...text.matchAll(IMPORT)].flatMap((match) => match[1] ?? []);
  return {
    file,
    lines: text.trimEnd().split('\n').length,
    imports: named.filter((name) => name.startsWith('.')).map((name) => path.join(path.dirname(file), name)),
    packages: named.filter((name) => !name.startsWith('.')),
  };
}

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mts|mjs)$/.test(name))
    .map((name) => readSource(path.join(folder, name))),
);

const isAt = (file: string, place: string) => (place.endsWith('/') ? file.startsWith(place) : file === place);

function roomOf(file: string): (typeof ROOMS)[number] | null {
  const fits = ROOMS.flatMap((each) =>
    each.at.filter((place) => isAt(file, place)).map((place) => ({ each, place })),
  );
  return fits.sort((a, b) => b.place.length - a.place.length)[0]?.each ?? null;
}

function maySee(file: string, other: string): boolean {
  const from = roomOf(file);
  const to = roomOf(other);
  if (!from || !to) return false;
  const anything = from.sees.includes('*') && !['roof', 'playground', 'outside'].includes(to.room);
  return from === to || anything || from.sees.includes(to.room);
}

/** Files that import each other in a circle, one circle at a time. */
function circles(all: readonly Source[]): string[][] {
  const imports = new Map(all.map(({ file, imports }) => [file, imports]));
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      found.push([...trail.slice(trail.indexOf(file)), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const { file } of all) visit(file, []);
  return found;
}

describe('the house', () => {
  it('is read whole', () => {
    const files = sources.map(({ file }) => file);
    expect(files).toEqual(
      expect.arrayContaining(['src/scheduler.ts', 'db/audit.ts', 'commands/dispatch.ts']),
    );
    const missing = sources.flatMap(({ file, imports }) =>
      imports
        .filter((other) => /\.tsx?$/.test(other) && !files.includes(other))
        .map((other) => `${file} → ${other}`),
    );
    expect(missing).toEqual([]);
  });

  it('has a room for every file', () => {
    expect(sources.map(({ file }) => file).filter((file) => roomOf(file) === null)).toEqual([]);
  });

  it('imports go down only', () => {
    const up = sources.flatMap(({ file, imports }) =>
      imports
        .filter((other) => roomOf(other) !== null && !maySee(file, other))
        .map((other) => `${file} (${roomOf(file)?.room}) → ${other} (${roomOf(other)?.room})`),
    );
    expect(up).toEqual([]);
  });

  it('has no circles', () => expect(circles(sources)).toEqual([]));

  it(`has no file of more than ${LONGEST} lines`, () => {
    const long = sources.filter(({ lines }) => lines > LONGEST);
    expect(long.map(({ file, lines }) => `${file}: ${lines}`)).toEqual([]);
  });

  it.each(DOORS)('lets $packages in only at $only', ({ packages, only }) => {
    const ours = sources.filter(({ file }) => roomOf(file)?.room !== 'outside');
    const elsewhere = ours.filter(
      (source) =>
        source.packages.some((name) => packages.test(name)) &&
        !only.some((place) => isAt(source.file, place)),
    );
    expect(elsewhere.map(({ file }) => file)).toEqual([]);
  });

  it('the domain and policy do no input or output', () => {
    const pure = sources.filter(({ file }) => ['domain', 'policy'].includes(roomOf(file)?.room ?? ''));
    const packages = new Set(pure.flatMap((source) => source.packages));
    // None of these reads or writes anything: digests, names of domains, schemas.
    const computing = ['node:crypto', 'node:url', 'zod'];
    expect([...packages].filter((name) => !computing.includes(name))).toEqual([]);
  });
});

describe('the plan itself', () => {
  it('finds a circle', () => {
    const at = (file: string, ...imports: string[]): Source => ({ file, imports, packages: [], lines: 1 });
    expect(circles([at('a', 'b'), at('b', 'c'), at('c', 'b')])).toEqual([['b', 'c', 'b']]);
  });

  it.each([
    ['src/domain/grant.ts', 'db/grants.ts', false],
    ['src/operations/cast-vote.ts', 'commands/approve.ts', false],
    ['src/reconcile/act.ts', 'src/connectors/postgres/postgres-connector.ts', false],
    ['src/reconcile/act.ts', 'src/connectors/call.ts', true],
    ['commands/approve.ts', 'src/chat/slack/app.ts', false],
    ['src/main.ts', 'test/support/vault.ts', false],
    ['src/main.ts', 'src/playground/workspace/workspace.ts', false],
    ['src/main.ts', 'src/curfew.ts', true],
  ])('%s → %s: %s', (file, other, allowed) => expect(maySee(file, other)).toBe(allowed));
});
