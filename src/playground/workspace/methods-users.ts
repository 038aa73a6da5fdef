import { page, required } from './arguments.ts';
import { BOT } from './ids.ts';
import type { Json } from './json.ts';
import type { ApiContext, Method } from './method.ts';
import { BOT_USER, type Person } from './people.ts';
import { SlackError } from './slack-error.ts';

/** Mail is shown only to who may read it. */
function shown(person: Person, { people, scopes }: ApiContext): Json {
  const user = people.userObject(person);
  if (scopes.includes('users:read.email')) return user;
  const { email: _hidden, ...profile } = user.profile as Record<string, unknown>;
  return { ...user, profile };
}

/** https://docs.slack.dev/reference/methods?family=users */
export const usersMethods: Readonly<Record<string, Method>> = {
  'users.info': {
    needs: () => 'users:read',
    run(args, ctx) {
      const id = required(args, 'user');
      if (id === BOT.user) return { user: BOT_USER };
      const person = ctx.people.byId(id);
      if (!person) throw new SlackError('user_not_found');
      return { user: shown(person, ctx) };
    },
  },
  'users.lookupByEmail': {
    needs: () => 'users:read.email',
    run(args, ctx) {
      const person = ctx.people.byEmail(required(args, 'email'));
      // Slack does not find who was deactivated.
      if (!person || ctx.people.isDeactivated(person)) throw new SlackError('users_not_found');
      return { user: shown(person, ctx) };
    },
  },
  'users.list': {
    needs: () => 'users:read',
    run(args, ctx) {
      const all = [...ctx.people.all.map((person) => shown(person, ctx)), BOT_USER];
      const { items, next } = page(all, args, { key: ({ id }) => String(id), max: 1000 });
      return { members: items, response_metadata: { next_cursor: next } };
    },
  },
};
