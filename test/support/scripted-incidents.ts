/** A source of incidents in memory, that says what a test tells it to, or nothing at all. */
import type { Sighting } from '../../src/domain/incident.ts';
import { type IncidentSource, SourceError } from '../../src/incidents/source.ts';

export function createScriptedIncidents(
  options: { name?: string; polls?: boolean; graceS?: number; words?: RegExp; real?: () => Date } = {},
) {
  const {
    name = 'pagerduty',
    polls = true,
    graceS = 0,
    words = /^INC-\d+$/,
    real = () => new Date(),
  } = options;
  const known = new Map<string, Sighting>();
  const asked: string[] = [];
  let trouble: 'down' | 'silent' | null = null;
  const urlOf = (number: string) => `https://${name}.test/incidents/${number}`;

  async function answer<T>(question: string, value: () => T): Promise<T> {
    asked.push(question);
    if (trouble === 'down') throw new SourceError('retry', `${name} cannot be reached.`);
    if (trouble === 'silent') return new Promise(() => {});
    return value();
  }

  const source: IncidentSource = {
    name,
    kind: 'scripted',
    graceS,
    unconfirmed: 'keep',
    polls,
    verify: () => false,
    read: () => ({ kind: 'malformed' }),
    recognises(word) {
      const number = word.startsWith(urlOf('')) ? word.slice(urlOf('').length) : word;
      return words.test(number) ? number : null;
    },
    find: (number) =>
      answer(`find ${number}`, () => {
        const found = [...known.values()].find((one) => one.number === number || one.key === number);
        return found ? { ...found, at: real() } : null;
      }),
    listOpen: () => answer('listOpen', () => [...known.values()].filter(({ state }) => state === 'open')),
    note: (key) => answer(`note ${key}`, () => {}),
    close: async () => {},
  };
  return {
    source,
    asked,
    urlOf,
    /** What the source says of an incident from now on; its key is `K-` and the number. */
    has(number: string, over: Partial<Sighting> = {}): Sighting {
      const sighting: Sighting = {
        key: `K-${number}`,
        number,
        url: urlOf(number),
        title: `Title of ${number}`,
        state: 'open',
        nature: 'real',
        severity: 'sev1',
        service: 'payments',
        acknowledgedBy: 'Omar',
        channel: null,
        mergedInto: null,
        openedAt: new Date(real().getTime() - 25 * 60_000),
        at: real(),
        ...over,
      };
      known.set(number, sighting);
      return sighting;
    },
    forgets: (number: string) => void known.delete(number),
    is(what: typeof trouble): void {
      trouble = what;
    },
  };
}

export type ScriptedIncidents = ReturnType<typeof createScriptedIncidents>;
