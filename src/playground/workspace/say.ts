/** Something typed into a conversation: words, or a slash command. */
import { type Acting, DONE, type Performed, pathOf, refused } from './acting.ts';
import type { Conversation } from './conversations.ts';
import type { Delivery } from './deliver.ts';
import { escapeTyped } from './escape.ts';
import { isRecord } from './json.ts';
import { commandRequest } from './payloads.ts';
import type { Person } from './people.ts';
import { showResponse } from './respond.ts';
import type { Occasion } from './response-urls.ts';
import { SlackError } from './slack-error.ts';

const MAX_TYPED = 4000;

export async function say(
  person: Person,
  { conversation: id, text }: { conversation: string; text: string },
  ctx: Acting,
): Promise<Performed> {
  const conversation = ctx.conversations.seenBy(person.handle).find((each) => each.id === id);
  if (!conversation) return refused('There is no such conversation.');
  if (text.trim() === '') return refused('Say something first.');
  if (text.length > MAX_TYPED) return refused(`At most ${MAX_TYPED} characters fit into a message.`);
  if (text.startsWith('/')) return command(person, conversation, text, ctx);
  const escaped = escapeTyped(text, ctx);
  ctx.conversations.add(conversation, { from: person.handle, text: escaped, blocks: [] });
  ctx.changed();
  return { answer: DONE, delivery: null };
}

async function command(person: Person, conversation: Conversation, text: string, ctx: Acting) {
  const [, name = '', rest = ''] = /^(\/\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  const known = ctx.manifest.features.slash_commands.find((each) => each.command === name.toLowerCase());
  if (!known) return refused(`${name} is not a valid command.`);
  const occasion: Occasion = { person, conversation, message: null };
  const fields = {
    channel_id: conversation.id,
    channel_name: conversation.kind === 'dm' ? 'directmessage' : conversation.name,
    command: known.command,
    text: known.should_escape ? escapeTyped(rest, ctx) : rest,
    response_url: ctx.responseUrl(occasion),
    trigger_id: ctx.triggers.issue(person),
  };
  const delivery = await ctx.deliver.once(commandRequest(pathOf(known.url), fields, person));
  const failed = (code: string) => refused(`${known.command} failed with the error "${code}"`, delivery);
  if (delivery.problem !== null) return failed(delivery.problem);
  try {
    showAnswer(occasion, delivery, ctx);
  } catch (error) {
    if (error instanceof SlackError) return failed('invalid_command_response');
    throw error;
  }
  return { answer: DONE, delivery };
}

/** The acknowledgment may carry an answer: plain text, or a message as JSON. */
function showAnswer(occasion: Occasion, { answer }: Delivery, ctx: Acting): void {
  const payload = typeof answer === 'string' ? { text: answer.trim() } : answer;
  if (!isRecord(payload) || !(payload.text || payload.blocks)) return;
  showResponse(occasion, payload, ctx);
  ctx.changed();
}
