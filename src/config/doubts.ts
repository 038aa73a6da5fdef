/** What is well formed and hardly what anybody wants: `curfew check` says so, with the remedy. */
import { z } from 'zod';
import { localPartRule, severalDomains } from '../connectors/mail-rule.ts';
import { lowerAscii } from '../domain/text.ts';
import { readPostgresUrl } from '../net/postgres-url.ts';
import type { Finding } from './explain.ts';
import type { DocumentParts } from './parts.ts';

const mapped = z.object({
  accounts: z.object({ map: z.record(z.string(), z.unknown()), from: z.unknown().optional() }),
});
const server = z.object({ url: z.string() });
const given = z.object({ role: z.string() });
const POWERFUL = ['pg_write_server_files', 'pg_execute_server_program', 'pg_read_server_files'];

/** `errors` are never right; `warnings` may be. */
export function doubtsOf(
  { connectors, roles, admins }: DocumentParts,
  domains: readonly string[],
): { readonly errors: readonly Finding[]; readonly warnings: readonly Finding[] } {
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  const logins = new Map<string, string>();
  for (const [name, { kind, config }] of Object.entries(connectors)) {
    const path = ['connectors', name];
    const accounts = mapped.safeParse(config).data?.accounts;
    const rule = localPartRule.safeParse(accounts?.from).data;
    const at = [...path, 'accounts', 'from'];
    if (rule === 'email_local_part' && domains.length !== 1) {
      const message = `ana@${domains[0]} and ana@${domains[1]} would be one account here, so ${severalDomains(domains)}`;
      errors.push({ path: at, message });
    } else if (typeof rule === 'object' && !domains.includes(rule.domain)) {
      const message = `${rule.domain} is none of ${domains.join(', ')} (identity.domains): hardly anybody has an address there.`;
      warnings.push({ path: [...at, 'domain'], message });
    }
    const holders = new Map<string, string>();
    for (const [address, account] of Object.entries(accounts?.map ?? {})) {
      const key = String(account);
      // GitHub's logins are one whatever their case; PostgreSQL's roles are not.
      const same = kind.kind === 'github' ? lowerAscii(key) : key;
      const first = holders.get(same);
      const message = `${address} and ${first} have one account, ${key}: give each person an account of their own.`;
      if (first !== undefined) errors.push({ path: [...path, 'accounts', 'map', address], message });
      else holders.set(same, address);
    }
    const url = kind.kind === 'postgres' ? server.safeParse(config).data?.url : undefined;
    const read = url === undefined ? null : readPostgresUrl(url);
    if (read === null || 'problem' in read) continue;
    logins.set(name, read.user);
    if (isUnencrypted(url ?? '')) warnings.push({ path: [...path, 'url'], message: PLAIN });
  }
  for (const [name, { owners, requesters, entitlements }] of Object.entries(roles)) {
    const path = ['roles', name];
    const [owner] = owners;
    if (owners.length === 1 && requesters?.length === 1 && requesters[0] === owner) {
      const message = `Its only owner ${owner} is its only requester, and nobody approves their own request: add an owner.`;
      warnings.push({ path: [...path, 'owners'], message });
    }
    for (const [index, { connector, permission }] of entitlements.entries()) {
      const role = given.safeParse(permission).data?.role;
      if (!logins.has(connector) || role === undefined) continue;
      const at = [...path, 'entitlements', index, 'permission', 'role'];
      if (role === logins.get(connector)) {
        const message = `It gives ${role}, which is Curfew's own login on ${connector}, and with it all that Curfew can give: name another role.`;
        errors.push({ path: at, message });
      } else if (POWERFUL.includes(role)) {
        const message = `It gives ${role}, by which one becomes superuser of the server: grant what is needed through a role of your own.`;
        warnings.push({ path: at, message });
      }
    }
    for (const [index, each] of owners.entries())
      if (mixesScripts(each)) warnings.push({ path: [...path, 'owners', index], message: mixed(each) });
  }
  for (const [index, each] of admins.entries())
    if (mixesScripts(each)) warnings.push({ path: ['admins', index], message: mixed(each) });
  return { errors, warnings };
}

export const PLAIN =
  'Its server is another machine, and what goes there is not encrypted: add sslmode=verify-full to the URL.';

/** Whether this URL of PostgreSQL leads to another machine in clear. */
export function isUnencrypted(url: string): boolean {
  const read = readPostgresUrl(url);
  if ('problem' in read || read.tls !== null) return false;
  return !/^(localhost|127(\.\d+){3}|::1)$/i.test(read.host);
}

/** Letters of Latin and of another script before the @, which may look like Latin ones. */
function mixesScripts(address: string): boolean {
  const name = address.slice(0, address.lastIndexOf('@'));
  return /\p{Script=Latin}/u.test(name) && /(?=\p{L})\P{Script=Latin}/u.test(name);
}

const mixed = (address: string) =>
  `${address} mixes letters of two scripts, which can look alike: type it anew, or use an address of plain letters.`;
