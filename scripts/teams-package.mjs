// What `npm run teams:package` runs: writes the zip that Teams takes as an app, from teams/manifest.json and
// its icons. The same input gives the same bytes. What it writes is checked against Microsoft's own schema,
// as the development package ships it, so nothing is fetched.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILES = ['manifest.json', 'color.png', 'outline.png'];
const USAGE = `Usage: npm run teams:package -- [options]

Writes the app package that Teams takes.

  --app-id GUID         the bot's app id (default: MicrosoftAppId of the environment)
  --out FILE            where to write (default: curfew-teams.zip)
  --name NAME           what people see in Teams (default: Curfew), at most 30 characters
  --domain HOST         the bot's public host name, such as curfew.example.org
  --developer-url URL   an https page of yours about Curfew, for the app's details
  --app-version X.Y.Z   default: Curfew's own; Teams takes a changed package only with a higher one
  -h, --help            show this

Exit codes: 0 done, 1 it failed, 2 used wrongly.`;

/** The command cannot mean anything as it was typed. */
class UsageFailure extends Error {}
/** A failure with a sentence for who is at the terminal. */
class ExpectedFailure extends Error {}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const HOST = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
// Fewer than semver allows: Teams takes numbers only, three of them.
// https://github.com/OfficeDev/microsoft-teams-app-schema/issues/174
const VERSION = /^(?:0|[1-9][0-9]{0,4})(?:\.(?:0|[1-9][0-9]{0,4})){2}$/;

function readOptions(args, env) {
  const value = { type: 'string' };
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        'app-id': value,
        out: value,
        name: value,
        domain: value,
        'developer-url': value,
        'app-version': value,
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UsageFailure(error.message);
  }
  const need = (good, sentence) => {
    if (!good) throw new UsageFailure(sentence);
  };
  if (values.help) return { help: true };
  const appId = (values['app-id'] ?? env.MicrosoftAppId ?? '').trim().toLowerCase();
  need(appId !== '', "Give the bot's app id: --app-id, or MicrosoftAppId in the environment.");
  need(
    GUID.test(appId),
    'The app id must be a GUID such as 11111111-2222-3333-4444-555555555555: the "Microsoft App ID" of the Azure Bot resource.',
  );
  const out = values.out ?? 'curfew-teams.zip';
  need(out !== '', 'Say where to write: --out FILE.');
  const name = (values.name ?? 'Curfew').trim();
  need(name.length >= 1 && name.length <= 30 && !/\p{C}/u.test(name), 'A name has 1 to 30 characters.');
  const domain = values.domain?.toLowerCase() ?? null;
  need(domain === null || HOST.test(domain), 'The domain is a host name alone, such as curfew.example.org.');
  const developerUrl = values['developer-url'] ?? null;
  const url = developerUrl !== null && URL.canParse(developerUrl) ? new URL(developerUrl) : null;
  need(
    developerUrl === null || (url?.protocol === 'https:' && url.username === '' && url.password === ''),
    'The developer URL must begin with https://, without user name or password.',
  );
  const version = values['app-version'] ?? JSON.parse(readPart('package.json')).version;
  need(VERSION.test(version), 'A version is three numbers, such as 1.2.0.');
  return { help: false, appId, out, name, domain, developerUrl: url?.href ?? null, version };
}

function readPart(path) {
  try {
    return readFileSync(join(root, path));
  } catch {
    throw new ExpectedFailure(`${path} is not here: run this in a checkout of Curfew.`);
  }
}

/** The manifest as Teams is to read it. */
function manifestFor(template, { appId, name, domain, developerUrl, version }) {
  const [bot] = template.bots;
  const [extension] = template.composeExtensions;
  const about = developerUrl ?? template.developer.websiteUrl;
  return {
    ...template,
    version,
    id: appId,
    developer: { ...template.developer, websiteUrl: about, privacyUrl: about, termsOfUseUrl: about },
    name: { short: name, full: template.name.full.replace(template.name.short, () => name) },
    bots: [{ ...bot, botId: appId }],
    composeExtensions: [{ ...extension, botId: appId }],
    validDomains: domain === null ? [] : [domain],
  };
}

async function developmentPackage(name) {
  try {
    return await import(name);
  } catch {
    throw new ExpectedFailure(
      `This needs the development packages (${name} cannot be loaded): run "npm ci" in a checkout of Curfew.`,
    );
  }
}

/** Microsoft's public schema, from the package that ships it: nothing is fetched. */
async function validate(manifest) {
  const source = '@microsoft/app-manifest';
  const [{ default: Ajv }, { default: addFormats }] = await Promise.all(
    ['ajv-draft-04', 'ajv-formats'].map(developmentPackage),
  );
  const validateSchema = addFormats
    .default(new Ajv.default({ allErrors: true, strict: false }))
    .compile(schemaOf(manifest.$schema, source));
  if (validateSchema(manifest)) return;
  const problems = validateSchema.errors.map(({ instancePath, message, params }) =>
    [instancePath || '/', message, params.additionalProperty].filter(Boolean).join(' '),
  );
  throw new ExpectedFailure(`The manifest does not fit Microsoft's schema:\n${problems.join('\n')}`);
}

function schemaOf(url, source) {
  try {
    const package_ = dirname(createRequire(import.meta.url).resolve(`${source}/package.json`));
    const file = join(package_, 'build', new URL(url).pathname);
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ExpectedFailure(
      `The installed ${source} does not know ${url}, or is missing: run "npm ci" in a checkout of Curfew.`,
    );
  }
}

async function zip(contents) {
  const { zipSync } = await developmentPackage('fflate');
  // The zip format keeps local time: a date made from local parts is the same bytes in every zone.
  return zipSync(contents, { level: 9, mtime: new Date(2000, 0, 1) });
}

function write(path, bytes) {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new ExpectedFailure(`${path} cannot be written (${error.code}).`);
  }
}

async function main() {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const parts = Object.fromEntries(FILES.map((file) => [file, readPart(join('teams', file))]));
  const manifest = manifestFor(JSON.parse(parts['manifest.json']), options);
  await validate(manifest);
  const text = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  write(resolve(options.out), await zip({ ...parts, 'manifest.json': text }));
  console.log(`Wrote ${options.out}: ${options.name} ${options.version}, for the bot ${options.appId}.
It fits Microsoft's schema ${manifest.manifestVersion}.

Next:
  1. Upload it: Teams admin center (https://admin.teams.microsoft.com), Teams apps, Manage apps, Actions,
     Upload new app. To try it first: in Teams, Apps, Manage your apps, Upload an app, Upload a custom app.
  2. Add ${options.name} to the team of your approvals channel, and have people add it for themselves.
README.md, "Set up Teams", goes through it step by step.`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageFailure || error instanceof ExpectedFailure)) throw error;
  console.error(error.message);
  if (error instanceof UsageFailure) console.error(`\n${USAGE}`);
  process.exitCode = error instanceof UsageFailure ? 2 : 1;
}
