/** Mail addresses in the configuration that only `identity.non_ascii_addresses` lets in. */
import { readMailAddress } from '../domain/mail-address.ts';
import type { Finding } from './explain.ts';
import type { DocumentParts } from './parts.ts';
import type { ConfigPath } from './problem.ts';

export function nonAsciiAddresses(parts: DocumentParts): Finding[] {
  if (parts.identity?.non_ascii_addresses) return [];
  const found = (path: ConfigPath, addresses: readonly string[] | null | undefined) =>
    (addresses ?? []).flatMap((address, index): Finding[] => {
      const read = readMailAddress(address);
      if (read.ok) return [];
      const message = `${address} is no mail address that Curfew can compare. ${read.why} identity.non_ascii_addresses: true lets such in.`;
      return [{ path: [...path, index], message }];
    });
  return [
    ...found(['admins'], parts.admins),
    ...Object.entries(parts.roles).flatMap(([name, { owners, requesters }]) => [
      ...found(['roles', name, 'owners'], owners),
      ...found(['roles', name, 'requesters'], requesters),
    ]),
    ...Object.keys(parts.identity?.people ?? {}).flatMap((address) =>
      found(['identity', 'people'], [address]).map(({ message }) => ({
        path: ['identity', 'people', address],
        message,
      })),
    ),
  ];
}
