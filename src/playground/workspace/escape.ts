/**
 * What people type, as Slack keeps it and as it sends the text of a command with `should_escape`: people,
 * channels and links become `<…>`, `&<>` entities. https://docs.slack.dev/interactivity/implementing-slash-commands
 */
import type { Conversations } from './conversations.ts';
import type { People } from './people.ts';

export function escapeTyped(text: string, known: { people: People; conversations: Conversations }): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\bhttps?:\/\/(?:(?!&[lg]t;)[^\s|])+/g, (run) => {
      // The full stop after an address is not a part of it.
      const url = run.replace(/[.,:!?)]+$/, '');
      return `<${url}>${run.slice(url.length)}`;
    })
    .replace(/(?<=^|\s)@([a-z][a-z0-9._-]*)/g, (typed, handle: string) => {
      const person = known.people.byHandle(handle);
      return person ? `<@${person.id}|${handle}>` : typed;
    })
    .replace(/(?<=^|\s)#([a-z0-9][a-z0-9_-]*)/g, (typed, name: string) => {
      const channel = known.conversations.channelByName(name);
      return channel ? `<#${channel.id}|${name}>` : typed;
    });
}
