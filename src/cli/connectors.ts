import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { formatProblem } from '../config/problem.ts';
import type { Config } from '../config.ts';
import { type Connector, ConnectorError } from '../connectors/connector.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import { configSources } from './check.ts';
import { type CliContext, type ExitCode, print, printJson } from './context.ts';
import { plain, renderTable, widthOf, wrap } from './show.ts';

interface ConnectorFact {
  readonly name: string;
  readonly kind: string;
  readonly roles: readonly string[];
  /** Absent unless it was probed. */
  readonly reachable?: boolean;
  /** Which system answered. */
  readonly target?: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** Permissions of the catalog that could not be given there, each with what mends it. */
  readonly problems?: readonly string[];
}

export function addConnectors(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
  ctx: CliContext,
) {
  program
    .command('connectors')
    .description('List the connectors of curfew.yaml and the roles that use them.')
    .option(
      '--probe',
      'ask each target who it is, and whether Curfew may give what the roles need; changes nothing there',
    )
    .option('--json', 'as JSON')
    .action((options: { probe?: boolean; json?: boolean }) => run(connectors(ctx, options)));
}

async function connectors(ctx: CliContext, options: { probe?: boolean; json?: boolean }): Promise<ExitCode> {
  const { readConfig } = await import('../config.ts');
  const reading = await readConfig(await configSources(ctx));
  if (!reading.ok) throw new ExpectedFailure(reading.problems.map(formatProblem).join('\n'));
  const { config } = reading;
  const all = [...config.connectors.values()];
  try {
    const facts = await Promise.all(all.map((each) => factOf(each, config, options.probe ?? false)));
    if (options.json) printJson(ctx, facts);
    else for (const line of render(facts, widthOf(ctx.stdout))) print(ctx, line);
    return facts.some(({ reachable, problems = [] }) => reachable === false || problems.length > 0) ? 1 : 0;
  } finally {
    await Promise.all([...all, ...config.incidents.values()].map((each) => each.close()));
  }
}

async function factOf(connector: Connector, config: Config, probe: boolean): Promise<ConnectorFact> {
  const { name, kind } = connector;
  const roles = [...config.catalog.roles.values()]
    .filter(({ entitlements }) => entitlements.some((each) => each.connector === name))
    .map((role) => role.name);
  if (!probe) return { name, kind, roles };
  const idempotencyKey = `curfew-${randomUUID()}`;
  const { callConnector } = await import('../connectors/call.ts');
  const plan = { expectTarget: null, idempotencyKey, generation: 0, endsAt: null };
  try {
    const target = await callConnector(connector, plan, (call) => connector.targetId(call));
    const problems: string[] = [];
    for (const permission of permissionsOf(config, name)) {
      const asked = { ...plan, expectTarget: target };
      const found = await callConnector(connector, asked, (call) =>
        connector.resolvePermission(permission, call),
      );
      if (!found.ok) problems.push(found.message);
    }
    return { name, kind, roles, reachable: true, target, problems };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const { code, message } = error;
    return { name, kind, roles, reachable: false, error: { code, message } };
  }
}

/** What the catalog's roles give there, each permission once. */
function permissionsOf(config: Config, name: string): unknown[] {
  const specs = [...config.catalog.roles.values()].flatMap(({ entitlements }) => entitlements);
  const own = specs.filter(({ connector }) => connector === name).map(({ permission }) => permission);
  return [...new Map(own.map((each) => [JSON.stringify(each), each])).values()];
}

function render(facts: readonly ConnectorFact[], width: number): string[] {
  if (facts.length === 0) return ['No connector is configured.'];
  const rows = facts.map(({ name, kind, reachable, roles }) => [
    name,
    kind,
    reachable === undefined ? '' : reachable ? 'reachable' : 'FAILED',
    roles.length === 0 ? '(no role)' : roles.join(', '),
  ]);
  const table = renderTable(
    ['NAME', 'KIND', facts[0]?.reachable === undefined ? '' : 'ANSWER', 'ROLES'],
    rows,
    { width, flexible: ['NAME', 'ROLES'] },
  );
  const lines = [table[0] ?? ''];
  for (const [index, { target, error, problems = [] }] of facts.entries()) {
    lines.push(table[index + 1] ?? '');
    if (target) lines.push(...wrap(`It is ${plain(target)}`, width, '    '));
    for (const each of problems) lines.push(...wrap(plain(each), width, '    '));
    if (error) lines.push(...wrap(`${error.code}: ${plain(error.message)}`, width, '    '));
  }
  return lines;
}
