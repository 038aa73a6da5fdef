/**
 * Where people and channels of Teams are to be found. Teams lets a bot speak only to whom it has met, at the
 * address that it met them, so every address is kept in the ledger and outlives a restart.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
 */

export interface Addressee {
  readonly tenant: string;
  /** Entra object id, lower case. */
  readonly userId: string;
  /** The bot's own id for this person (`29:…`); null: not met yet. */
  readonly address: string | null;
  readonly name: string;
  /** IANA zone, as their client says; null: unknown. */
  readonly timeZone: string | null;
  readonly serviceUrl: string;
  /** The personal chat; null: none yet, or they removed the bot. */
  readonly direct: string | null;
  /** A conversation that they are a member of, where the directory can be asked about them. */
  readonly seenIn: string;
}

/** A team that the bot was added to. */
export interface TeamPlace {
  readonly tenant: string;
  /** `19:…@thread.tacv2`: also the id of its General channel. */
  readonly id: string;
  readonly name: string;
  readonly serviceUrl: string;
}

export interface AddressBook {
  person(tenant: string, userId: string): Promise<Addressee | null>;
  /** Who has this address (`29:…`). */
  personAt(address: string): Promise<Addressee | null>;
  /** Keeps what is known of a person; `direct` and `timeZone` null leave what was known before. */
  meet(person: Addressee): Promise<void>;
  /** The personal chat is closed: they removed or blocked the bot. */
  lose(tenant: string, userId: string): Promise<void>;
  teams(): Promise<readonly TeamPlace[]>;
  /** An empty name leaves the one that was known before. */
  joinTeam(team: TeamPlace): Promise<void>;
  leaveTeam(id: string): Promise<void>;
  /** Where messages for this conversation go; null: never met. */
  serviceUrlOf(conversation: string): Promise<string | null>;
  /** Keeps a conversation's service url (channels, group chats, personal chats). */
  visit(conversation: { id: string; tenant: string; serviceUrl: string }): Promise<void>;
}
