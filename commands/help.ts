/** `help`: made from the registry. */
import { helpCard } from '../src/chat/cards/list-cards.ts';
import type { Command, Reply } from './command.ts';

export function createHelp(
  commands: () => readonly Pick<Command<'help'>, 'usage' | 'does'>[],
): Command<'help'> {
  const reply = (): Reply => ({
    kind: 'card',
    card: helpCard('/elevate', [{ usage: '', does: 'opens the form' }, ...commands()]),
  });
  return { usage: 'help', does: 'shows what you can say', open: reply, run: async () => reply() };
}
