/** How a person is named to others. Anybody can choose the name of somebody else, but not their mail address. */
import { cleanText, lowerAscii } from './text.ts';

const MAX = 60;

/** The name alone where the address says the same (`Ana Diaz`, ana.diaz@…), else with the address beside it. */
export function nameWithMail({ name, email }: { readonly name: string; readonly email: string }): string {
  const local = email.slice(0, email.lastIndexOf('@'));
  return letters(name) === letters(local) ? cut(name) : nameAndMail({ name, email });
}

/** Where people of several mail domains meet, whose names may be the same. */
export function nameAndMail({ name, email }: { readonly name: string; readonly email: string }): string {
  return `${cut(name)} (${cut(email)})`;
}

/** Nothing is folded that is not ASCII: a letter that only looks the same is another one. */
function letters(text: string): string {
  return lowerAscii(text).replace(/ /g, '.');
}

function cut(text: string): string {
  const characters = [...cleanText(text)];
  return characters.length <= MAX ? characters.join('') : `${characters.slice(0, MAX - 1).join('')}…`;
}
