/** The Web API's methods by name: which scope each needs, and what it does. */
import { APP, BOT, TEAM } from './ids.ts';
import type { Json } from './json.ts';
import type { ApiContext, Method } from './method.ts';
import { chatMethods } from './methods-chat.ts';
import { conversationsMethods } from './methods-conversations.ts';
import { usersMethods } from './methods-users.ts';
import { viewsMethods } from './methods-views.ts';
import { SlackError } from './slack-error.ts';

const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': {
    needs: () => null,
    run: () => ({
      url: `https://${TEAM.domain}.slack.com/`,
      team: 'Acme',
      user: 'curfew',
      team_id: TEAM.id,
      user_id: BOT.user,
      bot_id: BOT.id,
      app_id: APP,
      is_enterprise_install: false,
    }),
  },
  ...usersMethods,
  ...conversationsMethods,
  ...chatMethods,
  ...viewsMethods,
};

export function isMethod(name: string): boolean {
  return Object.hasOwn(METHODS, name);
}

/** The answer to one authenticated call. */
export function callMethod(name: string, args: Json, ctx: ApiContext): Json {
  try {
    const method = isMethod(name) ? METHODS[name] : undefined;
    if (!method) throw new SlackError('unknown_method', { req_method: name });
    const needed = method.needs(args);
    if (needed !== null && !ctx.scopes.includes(needed)) {
      throw new SlackError('missing_scope', { needed, provided: ctx.scopes.join(',') });
    }
    return { ok: true, ...method.run(args, ctx) };
  } catch (error) {
    if (error instanceof SlackError) return { ok: false, error: error.code, ...error.extra };
    throw error;
  }
}
