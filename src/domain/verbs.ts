/** The words that people can say first. No role may bear one of them. */
export const VERBS = [
  'mine',
  'pending',
  'roles',
  'who',
  'status',
  'done',
  'cancel',
  'extend',
  'revoke',
  'approve',
  'deny',
  'incidents',
  'incident',
  'help',
] as const;
export type Verb = (typeof VERBS)[number];

export function isVerb(word: string): word is Verb {
  return (VERBS as readonly string[]).includes(word);
}
