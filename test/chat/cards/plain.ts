/** What a person reads of a card, as plain lines, times in UTC. Buttons are apart: see `pressable`. */
import type { Action, Card, Home, Line } from '../../../src/chat/card.ts';

export function plainLine(line: Line): string {
  return line
    .map((span) => {
      if (typeof span === 'string') return span;
      if ('bold' in span) return span.bold;
      if ('code' in span) return span.code;
      if ('person' in span) return `@${span.person.name}`;
      if ('at' in span) return span.at.toISOString().slice(11, 16);
      return span.text;
    })
    .join('');
}

export function plainBody(body: Card['body']): string[] {
  return body.flatMap((element) => {
    switch (element.kind) {
      case 'line':
        return [plainLine(element.line)];
      case 'quote':
        return [`> ${element.text}`];
      case 'facts':
        return element.facts.map(({ label, value }) => `${label}: ${plainLine(value)}`);
      default:
        return [];
    }
  });
}

export function plain(card: Card): string {
  return [card.title, ...plainBody(card.body), plainLine(card.footer)]
    .filter((line) => line !== '')
    .join('\n');
}

export function pressable(shown: { readonly actions: readonly Action[] }): string[] {
  return shown.actions.map(({ label }) => label);
}

export function plainHome(home: Home): string {
  return home.sections
    .flatMap(({ title, empty, cards }) => [
      `# ${title}`,
      ...(cards.length === 0
        ? [empty]
        : cards.map((card) => `${plain(card)}\n[${pressable(card).join('] [')}]`)),
    ])
    .join('\n');
}
