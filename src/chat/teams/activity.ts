/**
 * The shapes of what Teams sends, as far as Curfew reads them.
 * https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
 */
import { z } from 'zod';

const id = z.string().min(1).max(500);
const name = z.string().max(500).nullish();
const guid = z.guid().toLowerCase();

/** Before anything else is read: what the token has to agree with, and what kind of activity it is. */
export const envelope = z.object({
  type: z.string().min(1).max(100),
  channelId: z.string().max(100),
  serviceUrl: z.string().max(500),
});

const mention = z.object({
  type: z.literal('mention'),
  /** As it stands in the words; group chats were seen to leave it out. */
  text: z.string().max(1000).nullish(),
  mentioned: z.object({ id, name }),
});
export type Mention = z.infer<typeof mention>;
const clientInfo = z.object({ type: z.literal('clientInfo'), timezone: z.string().max(100) });
/** What else stands there (products, places, previews) is nothing to Curfew. */
const entity = z.union([mention, clientInfo, z.unknown().transform(() => null)]);

const conversation = z.object({
  id,
  conversationType: z.enum(['personal', 'groupChat', 'channel']).catch('groupChat').optional(),
  tenantId: guid.nullish().catch(null),
});

const account = z.object({ id, name, aadObjectId: guid.nullish().catch(null) });

export const activity = z.object({
  type: z.string().max(100),
  id,
  name: z.string().max(200).nullish(),
  action: z.string().max(100).nullish(),
  serviceUrl: z.url({ protocol: /^https?$/ }).max(500),
  from: account,
  recipient: z.object({ id, name }),
  conversation,
  channelData: z
    .object({
      tenant: z.object({ id: guid }).nullish().catch(null),
      team: z.object({ id, name }).nullish().catch(null),
      eventType: z.string().max(100).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  text: z.string().max(100_000).nullish(),
  value: z.unknown().optional(),
  entities: z.array(entity).max(200).nullish().catch(null),
  localTimezone: z.string().max(100).nullish().catch(null),
  replyToId: id.nullish().catch(null),
  membersAdded: z.array(z.object({ id })).max(10_000).nullish().catch(null),
  membersRemoved: z.array(z.object({ id })).max(10_000).nullish().catch(null),
});
export type Activity = z.infer<typeof activity>;

/**
 * That something happened in a conversation: Teams does not always give it an id or say who did it, and neither
 * is needed to act on it.
 */
export const eventActivity = activity.extend({
  id: id.nullish().transform((said) => said ?? ''),
  from: account.nullish().transform((said): Activity['from'] => said ?? { id: '' }),
  recipient: z
    .object({ id, name })
    .nullish()
    .transform((said): Activity['recipient'] => said ?? { id: '' }),
});

/** The message extension is used from the compose box of any chat, and from the command box in none. */
export const extensionActivity = activity.extend({
  conversation: conversation.nullish().transform((said): Activity['conversation'] => said ?? { id: '' }),
});

/** https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model */
export const execute = z.object({
  action: z.object({ verb: z.string().max(100).catch(''), data: z.unknown().optional() }),
  /** `automatic`: nobody pressed anything, a client refreshes the card that somebody has in view. */
  trigger: z.string().max(100).nullish().catch(null),
});
/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots */
export const task = z.object({ data: z.unknown().optional() });
/** https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/define-action-command */
export const extension = z.object({ commandId: z.string().max(100).catch(''), data: z.unknown().optional() });
/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search */
export const search = z.object({
  queryText: z.string().max(10_000).nullish(),
  dataset: z.string().max(100),
});
