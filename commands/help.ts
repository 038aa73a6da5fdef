/** `help`: made from the registry. */
import { helpCard } from '../src/chat/cards/list-cards.ts';
import type { Platform } from '../src/domain/platform.ts';
import type { Command, Reply } from './command.ts';

/** What stands before the words, and what alone opens the form. */
const SAID = {
  slack: { before: '/elevate ', alone: '/elevate' },
  teams: { before: '', alone: 'elevate' },
} as const;

export function createHelp(
  commands: () => readonly Pick<Command<'help'>, 'usage' | 'does'>[],
): Command<'help'> {
  const reply = (platform: Platform): Reply => {
    const { before, alone } = SAID[platform];
    const items = commands().map(({ usage, does }) => ({ usage: before + usage, does }));
    return { kind: 'card', card: helpCard([{ usage: alone, does: 'opens the form' }, ...items]) };
  };
  return {
    usage: 'help',
    does: 'shows what you can say',
    open: (_ctx, _said, platform) => reply(platform),
    run: async (_ctx, { principal }) => reply(principal.platform === 'teams' ? 'teams' : 'slack'),
  };
}
