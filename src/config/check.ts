/** `curfew check`: every problem of the configuration, with its place. */
import { type ConfigSources, readConfig } from '../config.ts';
import { formatProblem, type Problem } from './problem.ts';

export interface CheckResult {
  readonly problems: readonly Problem[];
  /** What may be right, and hardly is. */
  readonly warnings?: readonly Problem[];
  /** What was found to be well; null when the configuration cannot be used at all. */
  readonly summary: {
    readonly roles: number;
    readonly connectors: number;
    readonly incidentSources: number;
    readonly version: string;
  } | null;
}

/** Reads the configuration as the service would. Speaks to no target. */
export async function checkConfig(sources: ConfigSources): Promise<CheckResult> {
  const reading = await readConfig(sources);
  if (!reading.ok) return { problems: reading.problems, summary: null };
  const { catalog, connectors, incidents } = reading.config;
  await Promise.all([...connectors.values(), ...incidents.values()].map((each) => each.close()));
  return {
    problems: reading.warnings,
    ...(reading.doubts.length > 0 && { warnings: reading.doubts }),
    summary: {
      roles: catalog.roles.size,
      connectors: connectors.size,
      incidentSources: incidents.size,
      version: catalog.version,
    },
  };
}

/** The exit code is 0 without problems, else 1; where `strict`, warnings count as problems. */
export function renderCheck(
  result: CheckResult,
  { json, strict = false }: { json: boolean; strict?: boolean },
): { text: string; exitCode: 0 | 1 } {
  const warnings = result.warnings ?? [];
  const exitCode = result.problems.length === 0 && !(strict && warnings.length > 0) ? 0 : 1;
  if (json) return { text: JSON.stringify({ ok: exitCode === 0, ...result }, null, 2), exitCode };
  const lines = [
    ...result.problems.map(formatProblem),
    ...warnings.map((warning) => `${formatProblem(warning)} (warning)`),
  ];
  if (warnings.length > 0) {
    const problems = result.problems.length > 0 ? [count(result.problems.length, 'problem')] : [];
    lines.push(`${[...problems, count(warnings.length, 'warning')].join(', ')}.`);
  } else if (exitCode === 0 && result.summary) {
    const { roles, connectors, incidentSources: sources, version } = result.summary;
    const heard = sources > 0 ? [`${sources} ${sources === 1 ? 'source' : 'sources'} of incidents`] : [];
    const parts = [count(roles, 'role'), count(connectors, 'connector'), ...heard, version];
    lines.push(`All is well: ${parts.join(', ')}.`);
  } else lines.push(`${count(result.problems.length, 'problem')}.`);
  return { text: lines.join('\n'), exitCode };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
