/** What the composer offers while somebody types `/elevate …`. Pure. */

export interface RoleChoice {
  readonly name: string;
  readonly title: string;
}

export interface Suggestion {
  /** What the composer holds once this is taken. */
  readonly text: string;
  readonly label: string;
  readonly detail: string;
}

export interface Completion {
  readonly suggestions: readonly Suggestion[];
  /** How what is being typed goes on, such as `DURATION [REFERENCE] REASON`; null: nothing to say. */
  readonly usage: string | null;
  /** Enter takes the first suggestion instead of sending: what is typed is only half a command. */
  readonly unfinished: boolean;
}

export interface Known {
  readonly roles: readonly RoleChoice[];
  /** Ids of requests and grants that are under way. */
  readonly ids: readonly { readonly id: string; readonly detail: string }[];
}

/** In the words of `commands/*`; a test keeps them in step. */
export const USAGES: readonly { readonly usage: string; readonly does: string }[] = [
  { usage: 'mine', does: 'shows what you hold and what you asked for' },
  { usage: 'pending', does: 'shows what waits for a decision, yours or on your requests' },
  { usage: 'roles [search]', does: 'lists what can be asked for' },
  { usage: 'who ROLE', does: 'shows who holds a role now' },
  { usage: 'status ID', does: 'shows one request' },
  { usage: 'done [ID]', does: 'hands access back before its time' },
  { usage: 'cancel ID', does: 'takes back a request of yours that nobody has decided yet' },
  { usage: 'extend ID DURATION REASON', does: 'asks an owner for more time' },
  {
    usage: 'revoke ID-or-@user [REASON]',
    does: 'takes access away at once: one grant, or all that somebody holds and waits for',
  },
  { usage: 'approve ID', does: 'approves a request for a role that you own' },
  { usage: 'deny ID REASON', does: 'denies a request for a role that you own, and says why' },
  { usage: 'incidents', does: 'lists open incidents' },
  { usage: 'incident open|close ID [TITLE]', does: 'opens or closes an incident by hand (admins)' },
  { usage: 'help', does: 'shows what you can say' },
];

const COMMAND = '/elevate';
const NONE: Completion = { suggestions: [], usage: null, unfinished: false };
const ASK = 'ROLE DURATION [REFERENCE] REASON';
const DURATIONS = [
  ['5m', 'five minutes'],
  ['30m', 'half an hour'],
  ['1h', 'one hour'],
] as const;

/** `text` as far as the caret. */
export function complete(text: string, { roles, ids }: Known): Completion {
  if (!text.startsWith('/') || text.includes('\n')) return NONE;
  const [command = '', ...rest] = text.split(' ');
  if (rest.length === 0) {
    if (!COMMAND.startsWith(command)) return NONE;
    const suggestions = [
      { text: `${COMMAND} `, label: COMMAND, detail: 'asks for access, and hands it back' },
    ];
    return { suggestions, usage: ASK, unfinished: command !== COMMAND };
  }
  if (command !== COMMAND) return NONE;
  const [first = '', second = ''] = rest;
  const verb = USAGES.find(({ usage }) => usage.split(' ')[0] === first);
  if (rest.length === 1) {
    const whole = verb !== undefined || roles.some(({ name }) => name === first);
    const usage = whole ? remaining(verb?.usage ?? ASK, 2) : ASK;
    return { suggestions: firstWord(first, roles), usage, unfinished: false };
  }
  if (rest.length > 2) return { ...NONE, usage: remaining(verb?.usage ?? ASK, rest.length) };
  const before = `${COMMAND} ${first} `;
  return {
    suggestions: secondWord(verb?.usage ?? ASK, { roles, ids })
      .filter(({ text: word }) => word.toLowerCase().startsWith(second.toLowerCase()) && word !== second)
      .map(({ text: word, detail }) => ({ text: `${before}${word} `, label: word, detail })),
    usage: remaining(verb?.usage ?? ASK, rest.length),
    unfinished: false,
  };
}

function firstWord(typed: string, roles: readonly RoleChoice[]): Suggestion[] {
  const begins = (word: string) => word.startsWith(typed.toLowerCase()) && word !== typed;
  return [
    ...roles
      .filter(({ name }) => begins(name))
      .map(({ name, title }) => ({ text: `${COMMAND} ${name} `, label: name, detail: title })),
    ...USAGES.filter(({ usage }) => begins(usage.split(' ')[0] ?? '')).map(({ usage, does }) => {
      const [verb, ...more] = usage.split(' ');
      return { text: `${COMMAND} ${verb}${more.length > 0 ? ' ' : ''}`, label: usage, detail: does };
    }),
  ];
}

function secondWord(usage: string, { roles, ids }: Known): { text: string; detail: string }[] {
  const what = usage.split(' ')[1] ?? '';
  if (what === 'ROLE') return roles.map(({ name, title }) => ({ text: name, detail: title }));
  if (what === 'DURATION') return DURATIONS.map(([text, detail]) => ({ text, detail }));
  if (what === 'open|close') return ['open', 'close'].map((text) => ({ text, detail: 'an incident' }));
  return what.includes('ID') ? ids.map(({ id, detail }) => ({ text: id, detail })) : [];
}

/** What is still to be typed, by the number of the word under the caret; null when it is all there. */
function remaining(usage: string, words: number): string | null {
  return (
    usage
      .split(' ')
      .slice(words - 1)
      .join(' ') || (usage.endsWith('REASON') ? 'REASON' : null)
  );
}
