/** A source of incidents in memory, whose troubles are set by the test. */
import type { Sighting } from '../../src/domain/incident.ts';
import { type IncidentSource, SourceError } from '../../src/incidents/source.ts';

/** An open incident `P1`, called INC-1042, seen when it was opened. */
export function sightingOf(over: Partial<Sighting> & Pick<Sighting, 'at'>): Sighting {
  return {
    key: 'P1',
    number: 'INC-1042',
    url: 'https://acme.example/incidents/P1',
    title: 'Database primary is down',
    state: 'open',
    nature: 'real',
    severity: 'sev1',
    service: 'payments-db',
    acknowledgedBy: null,
    channel: null,
    mergedInto: null,
    openedAt: over.at,
    ...over,
  };
}

export interface TestSourceOptions {
  readonly name?: string;
  readonly graceS?: number;
  readonly unconfirmed?: 'keep' | 'end';
  readonly polls?: boolean;
}

export function createIncidentSource(options: TestSourceOptions = {}) {
  /** What the source has, by key; `at` is what `find` says it with. */
  const has = new Map<string, Sighting>();
  const state = {
    /** Every call fails as a source that is down does. */
    down: false,
    /** With `down`: how long it asks to be left alone, seconds. */
    retryAfterS: 0,
    /** Notes fail, reads do not. */
    notesFail: false,
    /** How many times yet it says of any incident that there is no such one. */
    denies: 0,
    /** What every call waits for before it answers, as it was when it was asked; null: nothing. */
    wait: null as Promise<unknown> | null,
  };
  /** Keys that were asked for, in order. */
  const asked: string[] = [];
  const notes: { readonly key: string; readonly text: string }[] = [];
  const most = { inFlight: 0 };
  let inFlight = 0;

  async function call<T>(answer: T, fails = state.down): Promise<T> {
    inFlight += 1;
    most.inFlight = Math.max(most.inFlight, inFlight);
    try {
      if (state.wait) await state.wait;
      if (fails)
        throw new SourceError('retry', 'The source does not answer.', { retryAfterS: state.retryAfterS });
      return answer;
    } finally {
      inFlight -= 1;
    }
  }

  const source: IncidentSource = {
    name: options.name ?? 'pager',
    kind: 'test',
    graceS: options.graceS ?? 0,
    unconfirmed: options.unconfirmed ?? 'keep',
    polls: options.polls ?? true,
    verify: () => true,
    read: () => ({ kind: 'malformed' }),
    recognises: (word) => (/^(P|INC-)\d+$/.test(word) ? word : null),
    find(name) {
      asked.push(name);
      const found = [...has.values()].find(({ key, number }) => key === name || number === name);
      if (state.denies > 0 && !state.down) {
        state.denies -= 1;
        return call(null);
      }
      return call(found ?? null);
    },
    listOpen: () => call([...has.values()].filter((one) => one.state === 'open')),
    async note(key, text) {
      await call(null, state.down || state.notesFail);
      notes.push({ key, text });
    },
    async close() {},
  };

  return {
    source,
    state,
    asked,
    notes,
    most,
    /** From here on the source says so when it is asked. */
    says(sighting: Sighting): Sighting {
      has.set(sighting.key, sighting);
      return sighting;
    },
    /** It sent this: it says so from here on, unless it says something newer. */
    heard(sighting: Sighting): void {
      const known = has.get(sighting.key);
      if (!known || known.at <= sighting.at) has.set(sighting.key, sighting);
    },
    forgets(key: string): void {
      has.delete(key);
    },
  };
}

export type TestSource = ReturnType<typeof createIncidentSource>;
