/**
 * Slack's payloads → what Curfew understands. Pure; nothing in here throws: what has not the shape that
 * Slack documents is `refused`, what is none of Curfew's business is `ignored`.
 * https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/reference/events
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Inbound, Speaker } from '../../../commands/command.ts';
import { ACTION_VERBS, type ActionVerb, FORM_IDS } from '../card.ts';
import type { LeftAs, Profile } from '../port.ts';
import { ACTION_PREFIX } from './blocks.ts';
import { alsoOf, enterpriseUser } from './profile.ts';
import { FORM_CALLBACK, ROLE_ACTION } from './render-form.ts';
import { plainFromEscaped } from './unescape.ts';

export type Parsed =
  /** `trigger` opens a form, once and within 3 s. */
  | { readonly kind: 'inbound'; readonly inbound: Inbound; readonly trigger: string | null }
  | { readonly kind: 'role-query'; readonly speaker: Speaker; readonly typed: string }
  | { readonly kind: 'home-opened'; readonly speaker: Speaker }
  | {
      readonly kind: 'member-changed';
      readonly speaker: Speaker & Pick<Profile, 'alsoOf'>;
      readonly deliveryKey: string;
      /** What they are now instead of a full member; null: Slack says nothing of that kind. */
      readonly left: LeftAs | null;
    }
  /** Slack does not let the app in any more: the name of the event that says so. */
  | { readonly kind: 'app-refused'; readonly code: string }
  /** Slack asks whether this address is ours; Bolt answers. */
  | { readonly kind: 'challenge' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly reason: string };

const MAX_TYPED = 200;

const userId = z.string().regex(/^[UW][A-Z0-9]{1,30}$/);
const teamId = z.string().regex(/^[TE][A-Z0-9]{1,30}$/);
const token = z.string().min(1).max(500);

const command = z.object({
  command: z.string().startsWith('/').max(100),
  team_id: teamId,
  user_id: userId,
  trigger_id: token,
  text: z.string().max(20_000).default(''),
});

/** `team` is null where the app is installed for a whole organisation. */
const by = z
  .object({
    user: z.object({ id: userId, team_id: teamId.optional() }),
    team: z.object({ id: teamId }).nullish(),
  })
  .refine(({ user, team }) => Boolean(user.team_id ?? team?.id));

const click = by.and(
  z.object({
    trigger_id: token,
    actions: z.tuple([z.object({ action_id: z.string().max(255), value: z.string().max(2000).optional() })]),
  }),
);

const formField = z.object({
  value: z.string().max(10_000).nullish(),
  selected_option: z.object({ value: z.string().max(500) }).nullish(),
});
const submission = by.and(
  z.object({
    trigger_id: token.optional(),
    view: z.object({
      id: token,
      hash: token,
      callback_id: z.string().max(255),
      private_metadata: z.string().max(3000),
      state: z.object({
        values: z
          .record(z.string().max(255), z.record(z.string().max(255), formField))
          .refine((values) => Object.keys(values).length <= 20),
      }),
    }),
  }),
);
const metadata = z.strictObject({ form: z.enum(FORM_IDS), about: z.string().max(64).nullable() });

const suggestion = by.and(z.object({ action_id: z.string().max(255), value: z.string().max(10_000) }));

/** What is said of the app itself comes without a workspace in some shapes. */
const event = z.object({
  team_id: teamId.nullish(),
  event_id: token,
  event: z.object({ type: z.string().max(100) }),
});
/** https://docs.slack.dev/reference/events/tokens_revoked: ids of users, for each kind of token. */
const tokensRevoked = z.object({ tokens: z.object({ bot: z.array(z.string()).max(1000).nullish() }) });
const homeOpened = z.object({ user: userId, tab: z.string().max(50).optional() });
const memberChanged = z.object({
  user: z.object({
    id: userId,
    team_id: teamId.optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    // Whoever left is not missed for what Slack says besides.
    enterprise_user: enterpriseUser.optional().catch(undefined),
  }),
});

/** @param body what Bolt hands on: the fields of a command, or a parsed payload */
export function parsePayload(body: unknown): Parsed {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refused('no object');
  if ('command' in body) return parseCommand(body);
  switch ('type' in body ? body.type : undefined) {
    case 'block_actions':
      return parseClick(body);
    case 'view_submission':
      return parseSubmission(body);
    case 'block_suggestion':
      return parseSuggestion(body);
    case 'event_callback':
      return parseEvent(body);
    case 'url_verification':
      return 'challenge' in body && typeof body.challenge === 'string'
        ? { kind: 'challenge' }
        : refused('url_verification');
    case 'view_closed':
    case 'shortcut':
    case 'message_action':
    case 'app_rate_limited':
      return { kind: 'ignored' };
    default:
      return refused('unknown type');
  }
}

function parseCommand(body: object): Parsed {
  const parsed = command.safeParse(body);
  if (!parsed.success) return refused('command');
  const { team_id, user_id, trigger_id, text } = parsed.data;
  return {
    kind: 'inbound',
    trigger: trigger_id,
    inbound: {
      kind: 'words',
      key: `slack:${trigger_id}`,
      speaker: speaker(team_id, user_id),
      text: plainFromEscaped(text).trim(),
    },
  };
}

function parseClick(body: object): Parsed {
  const parsed = click.safeParse(body);
  if (!parsed.success) return refused('block_actions');
  const [{ action_id, value }] = parsed.data.actions;
  const verb = verbOf(action_id);
  if (!verb) return { kind: 'ignored' };
  if (!value) return refused('a button without an id');
  return {
    kind: 'inbound',
    trigger: parsed.data.trigger_id,
    inbound: {
      kind: 'action',
      key: `slack:${parsed.data.trigger_id}`,
      speaker: speakerOf(parsed.data),
      verb,
      id: value,
    },
  };
}

function verbOf(actionId: string): ActionVerb | undefined {
  if (!actionId.startsWith(ACTION_PREFIX)) return undefined;
  const [verb] = actionId.slice(ACTION_PREFIX.length).split(':');
  return ACTION_VERBS.find((known) => known === verb);
}

function parseSubmission(body: object): Parsed {
  const parsed = submission.safeParse(body);
  if (!parsed.success) return refused('view_submission');
  const { view, trigger_id } = parsed.data;
  if (view.callback_id !== FORM_CALLBACK) return { kind: 'ignored' };
  const about = metadata.safeParse(json(view.private_metadata));
  if (!about.success) return refused('private_metadata');
  const values = Object.fromEntries(
    Object.entries(view.state.values).map(([field, elements]) => {
      const [element] = Object.values(elements);
      return [field, element?.selected_option?.value ?? element?.value ?? ''];
    }),
  );
  return {
    kind: 'inbound',
    trigger: trigger_id ?? null,
    inbound: {
      kind: 'form',
      key: formKey(view, values),
      speaker: speakerOf(parsed.data),
      form: about.data.form,
      about: about.data.about,
      values,
    },
  };
}

/**
 * A form that was refused beside its fields keeps id and hash when it is sent again. What was filled in
 * tells the corrected one from a repetition.
 */
function formKey(view: { id: string; hash: string }, values: Record<string, string>): string {
  const filled = JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  const digest = createHash('sha256').update(filled).digest('hex').slice(0, 16);
  return `slack:${view.id}:${view.hash}:${digest}`;
}

function parseSuggestion(body: object): Parsed {
  const parsed = suggestion.safeParse(body);
  if (!parsed.success) return refused('block_suggestion');
  if (parsed.data.action_id !== ROLE_ACTION) return { kind: 'ignored' };
  return {
    kind: 'role-query',
    speaker: speakerOf(parsed.data),
    typed: parsed.data.value.trim().slice(0, MAX_TYPED),
  };
}

function parseEvent(body: object): Parsed {
  const parsed = event.safeParse(body);
  if (!parsed.success) return refused('event_callback');
  const { event_id, event: content } = parsed.data;
  const details = (body as { event: unknown }).event;
  if (content.type === 'app_uninstalled') return { kind: 'app-refused', code: content.type };
  if (content.type === 'tokens_revoked') {
    const revoked = tokensRevoked.safeParse(details);
    if (!revoked.success) return refused('tokens_revoked');
    // Tokens of users are none of Curfew's.
    const isOurs = (revoked.data.tokens.bot ?? []).length > 0;
    return isOurs ? { kind: 'app-refused', code: content.type } : { kind: 'ignored' };
  }
  if (content.type !== 'app_home_opened' && content.type !== 'user_change') return { kind: 'ignored' };
  const { team_id } = parsed.data;
  if (!team_id) return refused('event_callback');
  if (content.type === 'app_home_opened') {
    const opened = homeOpened.safeParse(details);
    if (!opened.success) return refused('app_home_opened');
    if (opened.data.tab !== undefined && opened.data.tab !== 'home') return { kind: 'ignored' };
    return { kind: 'home-opened', speaker: speaker(team_id, opened.data.user) };
  }
  if (content.type === 'user_change') {
    const changed = memberChanged.safeParse(details);
    if (!changed.success) return refused('user_change');
    const { user } = changed.data;
    return {
      kind: 'member-changed',
      speaker: { ...speaker(user.team_id ?? team_id, user.id), ...organisationOf(user) },
      deliveryKey: `slack:${event_id}`,
      left: leftAs(user),
    };
  }
  return { kind: 'ignored' };
}

/** Only what Slack says expressly: an event may leave out what did not change. */
function leftAs(user: z.infer<typeof memberChanged>['user']): LeftAs | null {
  if (user.deleted) return 'deactivated';
  if (user.is_bot) return 'bot';
  if (user.is_stranger) return 'outsider';
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : null;
}

function organisationOf({ enterprise_user: said }: z.infer<typeof memberChanged>['user']) {
  return said ? { alsoOf: alsoOf(said) } : {};
}

function speakerOf({ user, team }: z.infer<typeof by>): Speaker {
  return speaker(user.team_id ?? team?.id ?? '', user.id);
}

function speaker(workspace: string, id: string): Speaker {
  return { platform: 'slack', workspace, userId: id };
}

function refused(reason: string): Parsed {
  return { kind: 'refused', reason };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
