/** What Slack's directory says of a person → Profile. Pure. */
import { z } from 'zod';
import { cleanText } from '../../domain/text.ts';
import type { Profile } from '../port.ts';

/** Of a member of an Enterprise organisation. */
export const enterpriseUser = z.object({
  enterprise_id: z.string().optional(),
  teams: z.array(z.string()).optional(),
});

/** https://docs.slack.dev/reference/objects/user-object */
const slackUser = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  name: z.string().optional(),
  real_name: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  tz: z.string().nullish(),
  profile: z
    .object({
      email: z.string().nullish(),
      real_name: z.string().optional(),
      display_name: z.string().optional(),
    })
    .optional(),
  enterprise_user: enterpriseUser.optional(),
});
type SlackUser = z.infer<typeof slackUser>;

const MAX_NAME = 200;
/** Slackbot does not count as a bot in Slack's own answers. */
const SLACKBOT = 'USLACKBOT';

/** Null where Slack's answer has not the shape of a person. */
export function toProfile(answer: unknown, home: string): Profile | null {
  const parsed = slackUser.safeParse(answer);
  if (!parsed.success) return null;
  const user = parsed.data;
  return {
    platform: 'slack',
    workspace: user.team_id ?? '',
    alsoOf: alsoOf(user.enterprise_user),
    userId: user.id,
    email: user.profile?.email || null,
    name:
      [user.profile?.display_name, user.profile?.real_name, user.real_name, user.name]
        .map((name) => cleanText(name ?? '').slice(0, MAX_NAME))
        .find((name) => name !== '') ?? user.id,
    timeZone: user.tz && isTimeZone(user.tz) ? user.tz : null,
    standing: standing(user, home),
  };
}

/** Of an Enterprise organisation: a command names where it was said, a click the person's own team or the organisation. */
export function alsoOf(organisation: z.infer<typeof enterpriseUser> = {}): readonly string[] {
  const { teams = [], enterprise_id: id } = organisation;
  return id === undefined ? teams : [...teams, id];
}

/**
 * `full` only when Slack says so in every respect: what is missing counts against. In an Enterprise
 * organisation a person's own team may be another one; then the home workspace must be among their teams.
 */
function standing(user: SlackUser, home: string): Profile['standing'] {
  if (user.deleted !== false) return 'deactivated';
  if (user.is_bot !== false || user.id === SLACKBOT) return 'bot';
  const belongs = user.team_id === home || (user.enterprise_user?.teams ?? []).includes(home);
  if (!belongs || user.is_stranger === true) return 'outsider';
  if (user.is_restricted !== false || user.is_ultra_restricted !== false) return 'guest';
  return 'full';
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
