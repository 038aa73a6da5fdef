/**
 * Which account somebody has by their mail address: the map first, then the rule. A rule that drops the domain
 * names the one domain that it is for, or two people would have one account.
 */
import { z } from 'zod';
import { domainOf, mailDomain, readMailAddress } from '../domain/mail-address.ts';
import { lowerAscii } from '../domain/text.ts';

const LOCAL_PART = 'email_local_part';

/** The plain word is for configurations with one mail domain. */
export const localPartRule = z.union([
  z.literal(LOCAL_PART),
  z.strictObject({ rule: z.literal(LOCAL_PART), domain: mailDomain }),
]);
export type LocalPartRule = z.output<typeof localPartRule>;

interface MailAccounts {
  /** By mail address; wins over `from`. */
  readonly map: Readonly<Record<string, string>>;
  readonly from?: LocalPartRule | 'email' | undefined;
}

/**
 * The name of the account; `why` where neither map nor rule gives one. Pure.
 *
 * @param connector its name, for people
 * @param domains those of the configuration (`identity.domains`)
 */
export function accountByMail(
  { map, from }: MailAccounts,
  typed: string,
  { connector, domains }: { readonly connector: string; readonly domains: readonly string[] },
): { readonly account: string } | { readonly why: string } {
  const read = readMailAddress(typed, { nonAscii: true });
  if (!read.ok) return { why: `The mail address is none. ${read.why}` };
  const email = read.address;
  const mapped = Object.hasOwn(map, email) ? map[email] : undefined;
  if (mapped !== undefined) return { account: mapped };
  const unmapped = { why: `${email} has no account in the map of ${connector}` };
  if (from === undefined) return unmapped;
  const account = from === 'email' ? email : email.slice(0, email.lastIndexOf('@'));
  if (from === LOCAL_PART && domains.length !== 1) {
    return { why: `${unmapped.why}, and ${severalDomains(domains)}` };
  }
  const domain = typeof from === 'object' ? from.domain : from === LOCAL_PART ? domains[0] : null;
  if (domain !== null && domainOf(email) !== domain) {
    return { why: `${unmapped.why}, and its rule is for addresses at ${domain} only` };
  }
  // The map gives that account to somebody else: it has one person.
  if (Object.values(map).some((other) => lowerAscii(other) === lowerAscii(account))) {
    return { why: `the account ${account} is somebody else’s in the map of ${connector}` };
  }
  return { account };
}

/** Why the plain word is no rule there, and what to write. */
export function severalDomains(domains: readonly string[]): string {
  return `accounts.from: ${LOCAL_PART} is no rule with ${domains.length} mail domains. Write from: { rule: ${LOCAL_PART}, domain: ${domains[0] ?? 'example.com'} }, or name people under map.`;
}
