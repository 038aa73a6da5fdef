import type { RequestListener } from 'node:http';

export type Permission = Readonly<Record<string, string | number | boolean>>;

export interface Holding {
  direct: boolean;
  /** Other ways in which the account holds it, in words. */
  inherited: string[];
}

export interface Seen extends Holding {
  /** What the account is called today. */
  account?: string;
  /** What the permission is called today, where that is not what the catalog calls it. */
  permission_name?: string;
  /** An id that is gone. */
  gone?: 'account' | 'permission';
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
    | { ok: true; account: string; id?: string }
    | { ok: false; reason: 'unmapped' | 'unknown' | 'disabled' | 'ambiguous'; message: string }
  >;
  /** Asked where `permission_ids` is set. */
  resolvePermission(
    permission: Permission,
  ): Promise<{ ok: true; id: string } | { ok: false; message: string }>;
  /** Permissions and accounts are given by their ids from here on. */
  grant(permission: string, account: string, until: Date | null): Promise<Done>;
  revoke(permission: string, account: string): Promise<Done>;
  endSessions(permission: string, account: string, before: Date): Promise<{ ended: number }>;
  inspect(permission: string, account: string): Promise<Seen>;
  list(
    permission: string,
    cursor: string | null,
  ): Promise<{ holders: (Holding & { account: string; id?: string })[]; next: string | null }>;
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
}): Access & {
  /** Id to the name of today. */
  people: Map<string, string>;
  /** The same for permissions, each by its words. */
  rights: Map<string, string>;
};
