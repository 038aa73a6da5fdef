import type { RequestListener } from 'node:http';

export type Permission = Readonly<Record<string, string | number | boolean>>;

export interface Holding {
  direct: boolean;
  /** Other ways in which the account holds it, in words. */
  inherited: string[];
}

/** Done, or with `pending` accepted and done later. */
export type Done = undefined | { pending?: boolean };

/** Your system, as the receiver needs it. Anything thrown becomes a 500, and Curfew tries again. */
export interface Access {
  /** `account` is Curfew's proposal, or null where only the mail address is known. */
  resolve(
    email: string,
    account: string | null,
  ): Promise<
    | { ok: true; account: string }
    | { ok: false; reason: 'unmapped' | 'unknown' | 'disabled' | 'ambiguous'; message: string }
  >;
  grant(permission: Permission, account: string, until: Date | null): Promise<Done>;
  revoke(permission: Permission, account: string): Promise<Done>;
  endSessions(permission: Permission, account: string, before: Date): Promise<{ ended: number }>;
  inspect(permission: Permission, account: string): Promise<Holding>;
  list(
    permission: Permission,
    cursor: string | null,
  ): Promise<{ holders: (Holding & { account: string })[]; next: string | null }>;
}

export function createReceiver(options: {
  secret: string;
  target: string;
  access: Access;
  now?: () => number;
}): RequestListener;

export function memoryAccess(options: {
  accounts: Readonly<Record<string, string>>;
  permissions: readonly Permission[];
}): Access;
