/** Where and with what the figures were taken. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { packageRoot } from '../src/package-root.ts';
import { SERVER_SETTINGS } from './world.ts';

const PACKAGES = ['graphile-worker', 'pg-boss', '@slack/bolt', 'postgres', 'drizzle-orm'];

export async function describeRun(adminUrl: string): Promise<string> {
  const sql = postgres(adminUrl, { max: 1 });
  const [server] = await sql<{ version: string }[]>`select current_setting('server_version') as version`;
  await sql.end();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const settings = Object.entries(SERVER_SETTINGS).map(([name, value]) => `${name}=${value}`);
  return [
    `- Machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${memory}, ${process.platform} ${process.arch}; everything ran on it: server, Curfew, load`,
    `- Node ${process.versions.node}, PostgreSQL ${server?.version} (${settings.join(', ')})`,
    `- ${PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ')}`,
    `- Commit ${commit()}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  ].join('\n');
}

function versionOf(name: string): string {
  const file = join(packageRoot(), 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** With a plus where files differ from that commit. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: packageRoot(), encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!bench/results.md');
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown (no git)';
  }
}
