/** `ID`, `--user` and `--role` as they were typed, checked. */

import type { Selection } from '../control/ledger-service.ts';
import { normaliseRequestId } from '../domain/ids.ts';
import { readMailAddress } from '../domain/mail-address.ts';
import { parseReason } from '../domain/text.ts';
import { UsageFailure } from './context.ts';

export function readId(typed: string): string {
  const id = normaliseRequestId(typed);
  if (id === null) throw new UsageFailure(`${shown(typed)} is not an id: they look like R-7K3M.`);
  return id;
}

export function readEmail(typed: string): string {
  // The command line needs no curfew.yaml, so it does not know which addresses that allows.
  const read = readMailAddress(typed.trim(), { nonAscii: true });
  if (read.ok) return read.address;
  throw new UsageFailure(`${shown(typed)} is not a mail address, such as ana@acme.test. ${read.why}`);
}

export function readRole(typed: string): string {
  if (typed.length > 100 || !/^[a-z0-9][a-z0-9-]*$/.test(typed)) {
    throw new UsageFailure(`${shown(typed)} is not the name of a role, such as prod-dba.`);
  }
  return typed;
}

export function readReason(typed: string | undefined): string | null {
  if (typed === undefined) return null;
  const parsed = parseReason(typed);
  if (!parsed.ok) throw new UsageFailure(parsed.why);
  return parsed.reason;
}

/** `of prod-dba to ana@acme.test`, to stand behind "access". */
export function selectionInWords({ ids, email, role }: Selection): string {
  if (ids) return `under ${ids.join(', ')}`;
  return [role && `of ${role}`, email && `to ${email}`].filter(Boolean).join(' ');
}

const shown = (typed: string) => JSON.stringify(typed.slice(0, 60));
