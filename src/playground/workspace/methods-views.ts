import { required, text, viewArgument } from './arguments.ts';
import { viewFaults } from './block-kit.ts';
import type { Json } from './json.ts';
import type { ApiContext, Method } from './method.ts';
import { SlackError } from './slack-error.ts';
import { type View, viewObject } from './views.ts';

/** The view to show, refused as Slack would refuse it. */
function checked(method: string, args: Json, type: 'modal' | 'home', ctx: ApiContext): Json {
  const view = viewArgument(args);
  const faults = view.type === type ? viewFaults(view) : [`[ERROR] must be of type ${type}`];
  for (const fault of faults) ctx.note(`${method}: ${fault}`);
  if (faults.some((fault) => fault.includes('250 KB'))) throw new SlackError('view_too_large');
  if (faults.length > 0)
    throw new SlackError('invalid_arguments', { response_metadata: { messages: faults } });
  return view;
}

function exchange(args: Json, ctx: ApiContext) {
  const trigger = ctx.triggers.exchange(required(args, 'trigger_id'));
  if (typeof trigger === 'string') throw new SlackError(trigger);
  return trigger;
}

function unchanged(args: Json, view: View | undefined): void {
  const hash = text(args, 'hash');
  if (hash !== '' && view && hash !== view.hash) throw new SlackError('hash_conflict');
}

/** https://docs.slack.dev/reference/methods?family=views */
export const viewsMethods: Readonly<Record<string, Method>> = {
  'views.open': {
    needs: () => null,
    run(args, ctx) {
      const payload = checked('views.open', args, 'modal', ctx);
      const view = ctx.views.open(exchange(args, ctx).person, payload);
      if (!view) throw new SlackError('push_limit_reached');
      ctx.changed();
      return { view: viewObject(view) };
    },
  },
  'views.push': {
    needs: () => null,
    run(args, ctx) {
      const payload = checked('views.push', args, 'modal', ctx);
      const trigger = exchange(args, ctx);
      const below = ctx.views.modal(trigger.view ?? '');
      if (!below) throw new SlackError('not_found');
      const view = ctx.views.open(trigger.person, payload, below);
      if (!view) throw new SlackError('push_limit_reached');
      ctx.changed();
      return { view: viewObject(view) };
    },
  },
  'views.update': {
    needs: () => null,
    run(args, ctx) {
      const payload = checked('views.update', args, 'modal', ctx);
      const view = ctx.views.modal(required(args, 'view_id'));
      if (!view) throw new SlackError('not_found');
      unchanged(args, view);
      const updated = ctx.views.update(view, payload);
      ctx.changed();
      return { view: viewObject(updated) };
    },
  },
  'views.publish': {
    needs: () => null,
    run(args, ctx) {
      const payload = checked('views.publish', args, 'home', ctx);
      const person = ctx.people.byId(required(args, 'user_id'));
      if (!person) throw new SlackError('user_not_found');
      unchanged(args, ctx.views.home(person.handle));
      const view = ctx.views.publish(person, payload);
      ctx.changed();
      return { view: viewObject(view) };
    },
  },
};
