/** A button pressed, on a message or on the home page. */
import type { Act } from '../protocol.ts';
import { type Acting, DONE, type Performed, pathOf, refused, troubleWords } from './acting.ts';
import { findElement } from './blocks.ts';
import type { Json } from './json.ts';
import { messageObject } from './methods-conversations.ts';
import { interactionRequest } from './payloads.ts';
import type { Person } from './people.ts';
import { viewObject } from './views.ts';

type Click = Extract<Act, { do: 'click' }>;

interface Pressed {
  readonly element: Json;
  /** Where it stands, as the payload says it. */
  readonly where: Json;
}

export async function click(person: Person, act: Click, ctx: Acting): Promise<Performed> {
  const pressed =
    act.conversation === 'home' ? onHome(person, act, ctx) : onMessage(person, act, act.conversation, ctx);
  if (!pressed) return refused('This button is not there any more.');
  const { interactivity } = ctx.manifest.settings;
  if (!interactivity.is_enabled) return refused('This app takes no clicks.');
  const request = interactionRequest(pathOf(interactivity.request_url), person, {
    type: 'block_actions',
    trigger_id: ctx.triggers.issue(person),
    state: { values: {} },
    ...pressed.where,
    actions: [{ ...pressed.element, block_id: act.blockId, action_ts: String(ctx.now().getTime() / 1000) }],
  });
  const delivery = await ctx.deliver.once(request);
  return delivery.problem === null ? { answer: DONE, delivery } : refused(troubleWords(delivery), delivery);
}

function onHome(person: Person, act: Click, ctx: Acting): Pressed | null {
  const view = ctx.views.home(person.handle);
  const element = view && findElement(view.blocks, act.blockId, act.actionId);
  if (!view || !element) return null;
  return { element, where: { container: { type: 'view', view_id: view.id }, view: viewObject(view) } };
}

function onMessage(person: Person, act: Click, id: string, ctx: Acting): Pressed | null {
  const conversation = ctx.conversations.seenBy(person.handle).find((each) => each.id === id);
  const message = conversation && ctx.conversations.find(conversation, act.ts ?? '');
  if (!message || (message.onlyFor !== null && message.onlyFor !== person.handle)) return null;
  const element =
    findElement(message.blocks, act.blockId, act.actionId) ??
    findElement(message.before, act.blockId, act.actionId);
  if (!element) return null;
  const container = {
    type: 'message',
    message_ts: message.ts,
    channel_id: conversation.id,
    is_ephemeral: message.onlyFor !== null,
    ...(message.thread ? { thread_ts: message.thread } : {}),
  };
  return {
    element,
    where: {
      container,
      channel: {
        id: conversation.id,
        name: conversation.kind === 'dm' ? 'directmessage' : conversation.name,
      },
      message: messageObject(message, ctx, conversation),
      response_url: ctx.responseUrl({ person, conversation, message: message.ts }),
    },
  };
}
