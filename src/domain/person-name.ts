/** How a person is named to others. Anybody can choose the name of somebody else, but not their mail address. */
import { cleanText } from './text.ts';

const MAX = 60;

/** The name alone where the address says the same (`Ana Diaz`, ana.diaz@…), else with the address beside it. */
export function nameWithMail({ name, email }: { readonly name: string; readonly email: string }): string {
  const local = email.slice(0, email.lastIndexOf('@'));
  const shown = cut(name);
  return letters(name) === letters(local) ? shown : `${shown} (${cut(email)})`;
}

/** Nothing is folded that is not ASCII: a letter that only looks the same is another one. */
function letters(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/[ ._-]/g, '');
}

function cut(text: string): string {
  const characters = [...cleanText(text)];
  return characters.length <= MAX ? characters.join('') : `${characters.slice(0, MAX - 1).join('')}…`;
}
