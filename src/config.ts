/** Environment and `curfew.yaml` → typed configuration, or every problem at once, each with its place. */
import { nonAsciiAddresses } from './config/addresses.ts';
import { buildCatalog, unique } from './config/catalog.ts';
import { channelsNowhere } from './config/channels.ts';
import { documentJsonSchema, documentSchema, type Kinds } from './config/document.ts';
import { doubtsOf, isUnencrypted, PLAIN } from './config/doubts.ts';
import { configPathOf, type Environment, readEnvironment } from './config/environment.ts';
import { explain, type Finding } from './config/explain.ts';
import { policyOf } from './config/incidents.ts';
import { connectorNames, isSecretive, partsOf, secretFields, sourceNames } from './config/parts.ts';
import { type ConfigPath, inOrder, type Problem, showPath } from './config/problem.ts';
import { substitute } from './config/substitute.ts';
import { readYaml, type YamlSource } from './config/yaml-source.ts';
import type { Connector } from './connectors/connector.ts';
import { createConnectors } from './connectors/registry.ts';
import type { Catalog } from './domain/catalog.ts';
import type { Limits } from './domain/limits.ts';
import { domainOf } from './domain/mail-address.ts';
import type { Timing } from './domain/timing.ts';
import { createIncidentSources } from './incidents/registry.ts';
import type { IncidentSource } from './incidents/source.ts';
import { createRedactor } from './observability/redact.ts';
import { recertificationOverdue } from './policy/rules.ts';

export interface Config {
  readonly environment: Environment;
  readonly catalog: Catalog;
  readonly timing: Timing;
  readonly limits: Limits;
  /** Made but not spoken to yet; whoever takes the configuration closes them. */
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Sources of incidents, made and not spoken to yet; closed by the same. */
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  /** Every secret value, for the log to keep out. */
  readonly secrets: readonly string[];
}

export type ConfigReading =
  | {
      readonly ok: true;
      readonly config: Config;
      /** Roles that cannot be requested, and why. */
      readonly warnings: readonly Problem[];
      /** What may be right, and hardly is. */
      readonly doubts: readonly Problem[];
    }
  /** At least one of the problems stops; the rest are those that would be warnings. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; rejects as `fs.readFile` does. */
  readonly readFile: (path: string) => Promise<string>;
  readonly kinds: Kinds;
  /** Whether the service is to start, which needs a chat platform. */
  readonly needsChat: boolean;
  /** To tell which recertification dates have passed. */
  readonly now: Date;
}

export async function readConfig(sources: ConfigSources): Promise<ConfigReading> {
  const { env, readFile, kinds, needsChat, now } = sources;
  const fromEnv = readEnvironment(env, { needsChat });
  const problems: Problem[] = fromEnv.problems.map((problem) => ({
    file: 'environment',
    ...NOWHERE,
    ...problem,
    stops: true,
  }));
  const file = configPathOf(env);
  const source = await readSource(file, readFile);
  if (!source.ok) return { ok: false, problems: inOrder([...problems, ...source.problems]) };

  const { data, values, ...substitution } = substitute(source.data, env);
  const inSecretive = values.filter(({ path }) => isSecretive(path)).map(({ value }) => value);
  const secrets = unique([...fromEnv.secrets, ...inSecretive, ...secretFields(data)]);
  const redact = createRedactor(secrets);
  const report = (stops: boolean, findings: readonly Finding[]) => {
    for (const { path, message } of findings) {
      problems.push({
        file,
        ...source.locate(path),
        path: showPath(path),
        message: redact.text(message),
        stops,
      });
    }
  };
  report(true, substitution.problems);

  // What stands where a variable is missing is not what was meant: no second complaint about it.
  const isUnset = (path: ConfigPath) => substitution.problems.some((unset) => startsWith(path, unset.path));
  const schema = documentSchema(kinds);
  const parsed = schema.safeParse(data, { reportInput: true });
  const shape = explain(parsed.error?.issues ?? [], documentJsonSchema(kinds));
  report(
    true,
    shape.filter(({ path }) => !isUnset(path)),
  );

  // Roles that are well formed are looked at even when other parts are not: all problems at once.
  const parts = parsed.data ?? partsOf(data, schema);
  const domains = unique(parts.identity?.domains ?? parts.admins.map(domainOf));
  const made = createConnectors(parts.connectors, domains);
  const heard = createIncidentSources(parts.incidents.sources);
  report(true, [...made.problems, ...heard.problems]);
  report(true, strangers(parts.admins, domains));
  report(true, nonAsciiAddresses(parts));
  report(true, channelsNowhere(parts.channels, fromEnv.environment));
  const { catalog, findings } = buildCatalog({
    roles: new Map(Object.entries(parts.roles)),
    admins: unique(parts.admins),
    domains,
    channels: parts.channels,
    people: parts.identity?.people ?? {},
    nonAsciiAddresses: parts.identity?.non_ascii_addresses ?? false,
    connectors: new Map(connectorNames(data).map((name) => [name, made.connectors.get(name) ?? null])),
    incidents: {
      manualTrusted: parts.incidents.manualTrusted,
      sources: Object.fromEntries(
        sourceNames(data).map((name) => [name, policyOf(parts.incidents.sources[name])]),
      ),
    },
  });
  report(false, findings);
  report(false, overdue(catalog, now));
  const doubts = doubtsOf(parts, domains);
  report(false, doubts.errors);
  const doubtful: Problem[] = doubts.warnings.map(({ path, message }) => ({
    file,
    ...source.locate(path),
    path: showPath(path),
    message: redact.text(message),
    stops: false,
  }));
  if (isUnencrypted(env.DATABASE_URL ?? '')) {
    doubtful.push({ file: 'environment', ...NOWHERE, path: 'DATABASE_URL', message: PLAIN, stops: false });
  }

  const { environment } = fromEnv;
  if (environment && parsed.success && !problems.some(({ stops }) => stops)) {
    const { timing, limits } = parsed.data;
    const config = {
      environment,
      catalog,
      timing,
      limits,
      connectors: made.connectors,
      incidents: heard.sources,
      secrets,
    };
    return { ok: true, config, warnings: inOrder(problems), doubts: inOrder(doubtful) };
  }
  await Promise.all([...made.connectors.values(), ...heard.sources.values()].map((each) => each.close()));
  return { ok: false, problems: inOrder(problems) };
}

const NOWHERE = { line: null, column: null };

async function readSource(
  file: string,
  readFile: ConfigSources['readFile'],
): Promise<Extract<YamlSource, { ok: true }> | { ok: false; problems: Problem[] }> {
  const no = (found: readonly Pick<Problem, 'line' | 'column' | 'message'>[]) => ({
    ok: false as const,
    problems: found.map((problem) => ({ file, path: '', ...problem, stops: true })),
  });
  let text: string;
  try {
    text = await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const why = code === 'ENOENT' ? 'There is no such file; examples/curfew.yaml is one to begin with' : code;
    return no([{ ...NOWHERE, message: `It cannot be read. ${why}.` }]);
  }
  const source = readYaml(text);
  return source.ok ? source : no(source.problems);
}

function strangers(admins: readonly string[], domains: readonly string[]): Finding[] {
  return admins.flatMap((admin, index): Finding[] => {
    if (domains.includes(domainOf(admin))) return [];
    const message = `${admin} is not of ${domains.join(' or ')} (identity.domains), so Curfew would not know them.`;
    return [{ path: ['admins', index], message }];
  });
}

/** Not among a role's own problems: the policy looks at the date anew at each request. */
function overdue(catalog: Catalog, now: Date): Finding[] {
  return [...catalog.roles.values()]
    .filter((role) => recertificationOverdue(role, now))
    .map(({ name, recertifyBy }) => ({
      path: ['roles', name, 'recertify_by'],
      message:
        recertifyBy === null
          ? 'It has no recertification date, so it cannot be requested.'
          : `Its owners were to recertify it by ${recertifyBy}; since then it cannot be requested.`,
    }));
}

function startsWith(path: ConfigPath, start: ConfigPath): boolean {
  return start.every((step, index) => path[index] === step);
}
