/** Whom Curfew knows in Teams: everybody of the home tenants, and elsewhere whom the configuration names. Pure. */
import type { Parsed } from './parse.ts';

export interface Household {
  /** Lower case; their full members may act. */
  readonly tenants: readonly string[];
  /** Also of other tenants; tenant and Entra object id in lower case. */
  readonly named: readonly { readonly tenant: string; readonly userId: string }[];
}

/** The tenants under which somebody with this id may be kept; what the configuration says comes first. */
export function tenantsOf({ tenants, named }: Household, userId: string): readonly string[] {
  return [
    ...new Set([...named.filter((each) => each.userId === userId).map((each) => each.tenant), ...tenants]),
  ];
}

/**
 * Teams says of which tenant a conversation is, not its people. In a conversation of a home tenant somebody of
 * another one, whom the configuration names there, is the same person as in their own chat: Entra gives an
 * object id only once, in whatever tenant.
 */
export function asNamed(parsed: Parsed, household: Household): Parsed {
  if (!('sender' in parsed) || !parsed.sender || !household.tenants.includes(parsed.place.tenant))
    return parsed;
  const { speaker } = parsed.sender;
  const [named, another] = household.named.filter(({ userId }) => userId === speaker.userId);
  if (!named || another) return parsed;
  const own = { ...speaker, workspace: named.tenant };
  const sender = { ...parsed.sender, speaker: own };
  if (parsed.kind === 'inbound') return { ...parsed, sender, inbound: { ...parsed.inbound, speaker: own } };
  return { ...parsed, sender };
}
