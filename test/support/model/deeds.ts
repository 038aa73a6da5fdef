/** What can happen to Curfew, in any order: what people say, time, sweeps, faults, and other people's hands. */
import fc from 'fast-check';

/** The first two ask; the last two own every role, and may ask too. */
export const PEOPLE = ['ana', 'ben', 'omar', 'lea'] as const;
export const ROLES = ['prod-dba', 'prod-reader'] as const;
export const KEYS = ['dba', 'reader'] as const;
export const REPLICAS = 3;

type Person = (typeof PEOPLE)[number];

/** Something that a person says; `nth` picks one of the requests made so far. */
export type Saying =
  | { readonly say: 'ask'; readonly who: Person; readonly role: string; readonly durationS: number }
  | { readonly say: 'approve'; readonly who: Person; readonly nth: number; readonly lessS: number | null }
  | { readonly say: 'deny' | 'cancel' | 'done' | 'revoke'; readonly who: Person; readonly nth: number }
  | { readonly say: 'extend'; readonly who: Person; readonly nth: number; readonly durationS: number }
  | { readonly say: 'leave'; readonly who: Person };

/** What goes wrong with the next such call of one replica. */
export interface Fault {
  readonly replica: number;
  readonly call: 'grant' | 'revoke' | 'inspect' | 'endSessions';
  /** The process dies in the middle, or it lives on and sees a time-out. */
  readonly dies: boolean;
  /** After how many seconds the call takes effect all the same; null: never. Within the target's bound. */
  readonly landsAfterS: number | null;
}

export type Deed =
  | { readonly do: 'say'; readonly saying: Saying }
  | { readonly do: 'repeat'; readonly nth: number }
  /** Everything at the same time. */
  | { readonly do: 'together'; readonly sayings: readonly Saying[]; readonly replicas: readonly number[] }
  | { readonly do: 'sweep'; readonly replicas: readonly number[] }
  | { readonly do: 'pass'; readonly seconds: number }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'target'; readonly down: boolean }
  | { readonly do: 'outside'; readonly give: boolean; readonly who: Person; readonly key: string };

const person = fc.constantFrom(...PEOPLE);
const asker = fc.constantFrom('ana' as const, 'ana' as const, 'ben' as const, 'omar' as const);
const nth = fc.nat({ max: 7 });
const replica = fc.nat({ max: REPLICAS - 1 });
const replicas = fc.uniqueArray(replica, { minLength: 1 });

const saying: fc.Arbitrary<Saying> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      say: fc.constant('ask' as const),
      who: asker,
      role: fc.constantFrom(...ROLES),
      durationS: fc.constantFrom(60, 600, 3600),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      say: fc.constant('approve' as const),
      who: fc.constantFrom('omar' as const, 'lea' as const, 'ana' as const),
      nth,
      lessS: fc.constantFrom(null, null, null, 30),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      say: fc.constantFrom(
        'deny' as const,
        'cancel' as const,
        'done' as const,
        'done' as const,
        'revoke' as const,
      ),
      who: person,
      nth,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      say: fc.constant('extend' as const),
      who: asker,
      nth,
      durationS: fc.constantFrom(60, 600),
    }),
  },
  { weight: 1, arbitrary: fc.record({ say: fc.constant('leave' as const), who: asker }) },
);

const fault: fc.Arbitrary<Fault> = fc.record({
  replica,
  call: fc.constantFrom('grant', 'grant', 'revoke', 'revoke', 'inspect', 'endSessions'),
  dies: fc.boolean(),
  landsAfterS: fc.constantFrom(null, 0, 5, 14),
});

export const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: saying.map((each) => ({ do: 'say' as const, saying: each })) },
  { weight: 6, arbitrary: replicas.map((each) => ({ do: 'sweep' as const, replicas: each })) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(1, 10, 16, 30, 60, 300, 900)
      .map((seconds) => ({ do: 'pass' as const, seconds })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('together' as const),
      sayings: fc.array(saying, { minLength: 1, maxLength: 3 }),
      replicas,
    }),
  },
  { weight: 3, arbitrary: fault.map((each) => ({ do: 'fault' as const, fault: each })) },
  { weight: 1, arbitrary: fc.boolean().map((down) => ({ do: 'target' as const, down })) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('outside' as const),
      give: fc.boolean(),
      who: asker,
      key: fc.constantFrom(...KEYS),
    }),
  },
  { weight: 1, arbitrary: nth.map((n) => ({ do: 'repeat' as const, nth: n })) },
);

/** A request that is approved at once, then whatever comes: so that most runs have something to lose. */
export const history: fc.Arbitrary<readonly Deed[]> = fc
  .array(deed, { minLength: 5, maxLength: 30, size: 'max' })
  .map((deeds) => [
    { do: 'say', saying: { say: 'ask', who: 'ana', role: 'prod-dba', durationS: 600 } },
    { do: 'say', saying: { say: 'approve', who: 'omar', nth: 0, lessS: null } },
    ...deeds,
  ]);
