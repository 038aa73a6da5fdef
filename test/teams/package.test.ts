/** `npm run teams:package` writes what Teams takes: complete, honest about what can be said, and reproducible. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registry } from '../../commands/registry.ts';
import { REQUEST_COMMAND } from '../../src/chat/teams/wire.ts';
import { packageRoot } from '../../src/package-root.ts';
import template from '../../teams/manifest.json' with { type: 'json' };
import { PATIENCE_MS } from '../support/patience.ts';
import { readPixels } from './read-pixels.ts';

type Manifest = typeof template;
const APP_ID = '11111111-2222-3333-4444-555555555555';
const NOWHERE = '00000000-0000-0000-0000-000000000000';
/** Whoever asks the network ends with this. */
const FETCHED = 77;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'curfew-teams-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly env?: Readonly<Record<string, string>>;
  readonly checkout?: string;
}

function run(args: readonly string[], { env = {}, checkout = packageRoot() }: Run = {}) {
  const noNetwork = `--import=data:text/javascript,globalThis.fetch=()=>process.exit(${FETCHED})`;
  return spawnSync(process.execPath, [join(checkout, 'scripts/teams-package.mjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    env: { PATH: process.env.PATH, NODE_OPTIONS: noNetwork, ...env },
  });
}

/** Runs it, and reads what it wrote. */
function made(args: readonly string[] = ['--app-id', APP_ID], how: Run = {}) {
  const { status, stdout, stderr } = run(args, how);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const bytes = readFileSync(join(folder, 'curfew-teams.zip'));
  const files = unzipSync(bytes);
  const text = strFromU8(files['manifest.json'] ?? new Uint8Array());
  return { stdout, bytes, files, text, manifest: JSON.parse(text) as Manifest };
}

/** A copy of what the command reads, to break. */
function checkoutWith(change: (manifest: Record<string, unknown>) => void): string {
  const checkout = join(folder, 'checkout');
  for (const part of ['scripts', 'teams', 'package.json']) {
    cpSync(join(packageRoot(), part), join(checkout, part), { recursive: true });
  }
  const manifest = structuredClone<Record<string, unknown>>(template);
  change(manifest);
  writeFileSync(join(checkout, 'teams/manifest.json'), JSON.stringify(manifest));
  return checkout;
}

describe('the package', () => {
  it('has the manifest and both icons at its root, and says where it is and what comes next', () => {
    const { files, manifest, stdout } = made();
    expect(Object.keys(files).sort()).toEqual(['color.png', 'manifest.json', 'outline.png']);
    expect([manifest.icons.color, manifest.icons.outline]).toEqual(['color.png', 'outline.png']);
    expect(stdout).toContain('curfew-teams.zip');
    expect(stdout).toMatch(/Next:.*Teams admin center/s);
  });

  it("fits Microsoft's schema, without asking the network", () => {
    const { manifest } = made();
    expect(manifest.$schema).toContain(`/teams/v${manifest.manifestVersion}/`);
    const file = `node_modules/@microsoft/app-manifest/build${new URL(manifest.$schema).pathname}`;
    const schema = JSON.parse(readFileSync(join(packageRoot(), file), 'utf8')) as object;
    const fits = addFormats.default(new Ajv.default({ allErrors: true, strict: false })).compile(schema);
    fits(manifest);
    expect(fits.errors).toBeNull();
  });

  it('names the bot everywhere that Teams looks for it', () => {
    const { manifest, text } = made();
    const ids = [manifest.id, manifest.bots[0]?.botId, manifest.composeExtensions[0]?.botId];
    expect(ids).toEqual([APP_ID, APP_ID, APP_ID]);
    expect(text).not.toContain(NOWHERE);
  });

  it('takes the id from the environment, unless one is given', () => {
    const other = '99999999-2222-3333-4444-55555555AAAA';
    expect(made([], { env: { MicrosoftAppId: other } }).manifest.id).toBe(other.toLowerCase());
    expect(made(['--app-id', APP_ID], { env: { MicrosoftAppId: other } }).manifest.id).toBe(APP_ID);
  });

  it('works in channels: from version 1.25 on Teams takes no app for teams without this', () => {
    expect(made().manifest).toMatchObject({ supportsChannelFeatures: 'tier1', validDomains: [] });
  });

  it('carries the name, the host, the page and the version that were given', () => {
    const { manifest } = made([
      ...['--app-id', APP_ID, '--name', 'Curfew $& (test)', '--domain', 'Curfew.Example.org'],
      ...['--developer-url', 'https://example.org/access', '--app-version', '2.10.3'],
    ]);
    const page = 'https://example.org/access';
    expect(manifest.name).toEqual({
      short: 'Curfew $& (test)',
      full: 'Curfew $& (test): access that ends by itself',
    });
    expect(manifest.validDomains).toEqual(['curfew.example.org']);
    expect(manifest.developer).toMatchObject({ websiteUrl: page, privacyUrl: page, termsOfUseUrl: page });
    expect(manifest.version).toBe('2.10.3');
  });

  it("bears Curfew's own version, so that a new Curfew can replace an old one", () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
    expect(made().manifest.version).toBe(version);
  });

  it('is the same, byte for byte, at any time and in any time zone', () => {
    const east = made(undefined, { env: { TZ: 'Pacific/Kiritimati' } }).bytes;
    const west = made(undefined, { env: { TZ: 'Pacific/Pago_Pago' } }).bytes;
    expect(west.equals(east)).toBe(true);
    // Midnight of 1 January 2000, as the first file's header has it.
    expect([east.readUInt16LE(10), east.readUInt16LE(12)]).toEqual([0, (20 << 9) | (1 << 5) | 1]);
  });
});

describe('what Teams offers to say', () => {
  const lists = template.bots.flatMap((bot) => bot.commandLists);
  const usages = new Map(
    Object.values(registry).map(({ usage, does }) => {
      const [verb = '', ...words] = usage.split(' ');
      return [verb, words.length === 0 ? does : `${usage}: ${does}`];
    }),
  );

  it.each(lists.flatMap(({ commands }) => commands))('$title is what Curfew answers to', (command) => {
    const { title, description } = command;
    expect(description).toBe(title === 'elevate' ? 'opens the form' : usages.get(title));
    expect(title.length).toBeLessThanOrEqual(32);
    expect(description.length).toBeLessThanOrEqual(128);
  });

  it('is at most ten things in each place, each once, and the same places as the bot is in', () => {
    for (const scope of template.bots.flatMap(({ scopes }) => scopes)) {
      const titles = lists.filter(({ scopes }) => scopes.includes(scope)).flatMap(({ commands }) => commands);
      const words = titles.map(({ title }) => title);
      expect(words.length).toBeGreaterThan(0);
      expect(words.length).toBeLessThanOrEqual(10);
      expect(new Set(words).size).toBe(words.length);
    }
  });

  it('includes the form beside the message box, as the bot knows it', () => {
    const commands = template.composeExtensions.flatMap((extension) => extension.commands);
    expect(commands).toMatchObject([{ id: REQUEST_COMMAND, type: 'action', fetchTask: true }]);
  });
});

describe('the icons', () => {
  const icon = (name: string) => readPixels(readFileSync(join(packageRoot(), 'teams', name)));

  it('the colour one is 192 by 192, opaque to its corners', () => {
    const { width, height, alpha } = icon('color.png');
    expect([width, height]).toEqual([192, 192]);
    expect(new Set(alpha)).toEqual(new Set([255]));
  });

  it('the outline is 32 by 32, white on nothing', () => {
    const { width, height, alpha, colours } = icon('outline.png');
    expect([width, height]).toEqual([32, 32]);
    const seen = colours.filter((_, at) => alpha[at] !== 0);
    expect(new Set(seen)).toEqual(new Set(['255,255,255']));
    expect(alpha.filter((each) => each === 0).length).toBeGreaterThan(alpha.length / 2);
  });
});

describe('used wrongly', () => {
  it.each([
    ['no app id', [], /app id: --app-id, or MicrosoftAppId/],
    ['an app id that is no GUID', ['--app-id', 'curfew'], /app id must be a GUID such as/],
    ['an unknown flag', ['--app-id', APP_ID, '--tenant', 'x'], /--tenant/],
    ['a flag without its value', ['--app-id'], /--app-id/],
    ['a stray word', ['--app-id', APP_ID, 'zip'], /zip/],
    [
      'an address for a host',
      ['--app-id', APP_ID, '--domain', 'https://curfew.example.org'],
      /host name alone/,
    ],
    ['a long name', ['--app-id', APP_ID, '--name', 'n'.repeat(31)], /1 to 30 characters/],
    ['a page without TLS', ['--app-id', APP_ID, '--developer-url', 'http://example.org'], /https:/],
    ['a version with words', ['--app-id', APP_ID, '--app-version', '1.0.0-rc.1'], /three numbers/],
  ])('%s: a sentence, the usage, exit code 2, and nothing written', (_what, args, sentence) => {
    const { status, stdout, stderr } = run(args);
    expect(stderr.split('\n')[0]).toMatch(sentence);
    expect(stderr).toContain('Usage: npm run teams:package');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(() => readFileSync(join(folder, 'curfew-teams.zip'))).toThrow('ENOENT');
  });

  it('--help shows how it is used', () => {
    expect(run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('--app-id') });
  });
});

describe('when it cannot be done', () => {
  const link = (checkout: string) =>
    symlinkSync(join(packageRoot(), 'node_modules'), join(checkout, 'node_modules'));

  it.each([
    ['a manifest that Teams would refuse', { accentColor: 'blue' }, /schema:\n.*accentColor/],
    ['a manifest with a key that Teams does not know', { colour: 'blue' }, /schema:\n.*colour/],
    [
      'a schema that is not installed',
      { $schema: 'https://developer.microsoft.com/json-schemas/teams/v9.99/MicrosoftTeams.schema.json' },
      /does not know .*v9\.99/,
    ],
  ])('%s is named, never written, and nothing is fetched', (_what, change, sentence) => {
    const checkout = checkoutWith((manifest) => Object.assign(manifest, change));
    link(checkout);
    const { status, stderr } = run(['--app-id', APP_ID], { checkout });
    expect(stderr).toMatch(sentence);
    expect(status).toBe(1);
    expect(() => readFileSync(join(folder, 'curfew-teams.zip'))).toThrow('ENOENT');
  });

  it('without the development packages it says what to run', () => {
    const checkout = checkoutWith(() => {});
    const { status, stderr } = run(['--app-id', APP_ID], { checkout });
    expect(stderr).toMatch(/development packages.*npm ci/);
    expect({ status, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, lines: 1 });
  });

  it('a place that cannot be written to is named', () => {
    const { status, stderr } = run(['--app-id', APP_ID, '--out', 'nowhere/app.zip']);
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(/nowhere.*ENOENT/) });
  });
});
