/** What an app answers somebody, at once or by `response_url`, as it is shown. */
import { content } from './arguments.ts';
import type { Conversations } from './conversations.ts';
import type { Json } from './json.ts';
import type { Occasion } from './response-urls.ts';

/**
 * To the person alone unless `in_channel`. Throws SlackError where Slack would not show it.
 * https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 */
export function showResponse(
  { person, conversation, message }: Occasion,
  payload: Json,
  ctx: { conversations: Conversations; note: (violation: string) => void },
): void {
  const { conversations } = ctx;
  if (payload.delete_original === true && message !== null) {
    conversations.remove(conversation, message);
    return;
  }
  const said = content(payload, (fault) => ctx.note(`an answer: ${fault}`));
  if (payload.replace_original === true && message !== null) {
    conversations.edit(conversation, message, said);
    return;
  }
  const onlyFor = payload.response_type === 'in_channel' ? null : person.handle;
  conversations.add(conversation, { from: 'curfew', ...said, onlyFor });
}
