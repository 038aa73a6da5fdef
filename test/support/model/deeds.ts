/** What can happen to Curfew, in any order: what people say, time, sweeps, faults, and other people's hands. */
import fc from 'fast-check';

/** All of them ask; the last two own every role. */
export const PEOPLE = ['ana', 'ben', 'omar', 'lea'] as const;
export const ROLES = ['prod-dba', 'prod-reader'] as const;
export const KEYS = ['dba', 'reader'] as const;
export const REPLICAS = 3;

type Person = (typeof PEOPLE)[number];

/** Something that a person says; `nth` picks one of the latest requests. */
export type Saying =
  | { readonly say: 'ask'; readonly who: Person; readonly role: string; readonly durationS: number }
  | { readonly say: 'approve'; readonly who: Person; readonly nth: number; readonly lessS: number | null }
  | { readonly say: 'deny' | 'cancel' | 'done' | 'revoke'; readonly who: Person; readonly nth: number }
  | { readonly say: 'extend'; readonly who: Person; readonly nth: number; readonly durationS: number }
  | { readonly say: 'leave'; readonly who: Person };

/** What goes wrong with the next such call, whichever process makes it. */
export interface Fault {
  readonly call: 'grant' | 'revoke' | 'inspect' | 'endSessions';
  /** The process dies in the middle, or it lives on and sees a time-out. */
  readonly dies: boolean;
  /** After how many seconds the call takes effect all the same; null: never. Within the target's bound. */
  readonly landsAfterS: number | null;
}

export interface Sweep {
  readonly replicas: readonly number[];
  readonly faults: readonly Fault[];
}

export type Deed =
  /** Some people speak, some processes sweep, all at the same time. */
  | { readonly do: 'act'; readonly sayings: readonly Saying[]; readonly sweep: Sweep | null }
  /** Asked, approved in vain by whoever asked, and then by an owner who may. */
  | { readonly do: 'elevate'; readonly who: Person; readonly role: string; readonly durationS: number }
  | { readonly do: 'repeat'; readonly nth: number }
  | { readonly do: 'pass'; readonly seconds: number }
  | { readonly do: 'target'; readonly down: boolean }
  | { readonly do: 'outside'; readonly give: boolean; readonly who: Person; readonly key: string };

const person = fc.constantFrom(...PEOPLE);
/** Mostly the same one, so that grants meet on one edge. */
const asker = fc.constantFrom<Person[]>('ana', 'ana', 'ana', 'ben', 'omar');
const owner = fc.constantFrom<Person[]>('omar', 'lea', 'omar', 'lea', 'ana');
const nth = fc.nat({ max: 2 });
const role = fc.constantFrom(...ROLES);
const durationS = fc.constantFrom(60, 600);

const enders = ['done', 'done', 'revoke', 'cancel', 'deny'] as const;
const ending = fc.record({ say: fc.constantFrom(...enders), who: fc.oneof(asker, owner), nth });
const saying: fc.Arbitrary<Saying> = fc.oneof(
  fc.record({ say: fc.constant('ask' as const), who: asker, role, durationS }),
  fc.record({
    say: fc.constant('approve' as const),
    who: owner,
    nth,
    lessS: fc.constantFrom(null, null, 30),
  }),
  ending,
  fc.record({ say: fc.constant('extend' as const), who: asker, nth, durationS }),
  fc.record({ say: fc.constant('leave' as const), who: person }),
);

const fault: fc.Arbitrary<Fault> = fc.record({
  call: fc.constantFrom('grant', 'grant', 'revoke', 'revoke', 'inspect', 'endSessions'),
  dies: fc.boolean(),
  landsAfterS: fc.constantFrom(null, 0, 5, 14),
});
const replicas = fc.uniqueArray(fc.nat({ max: REPLICAS - 1 }), { minLength: 1, maxLength: 2 });
const sweep: fc.Arbitrary<Sweep> = fc.record({ replicas, faults: fc.array(fault, { maxLength: 2 }) });

const act = (sayings: fc.Arbitrary<readonly Saying[]>, swept: fc.Arbitrary<Sweep | null>) =>
  fc.record({ do: fc.constant('act' as const), sayings, sweep: swept });
const one = <T>(arbitrary: fc.Arbitrary<T>) => arbitrary.map((each) => [each]);
const none = fc.constant([]);
const waits = fc.constantFrom(1, 14, 16, 16, 30, 60, 60, 300, 900);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('elevate' as const), who: asker, role, durationS }) },
  { weight: 10, arbitrary: act(none, sweep) },
  { weight: 4, arbitrary: act(one(ending), fc.constant(null)) },
  { weight: 3, arbitrary: act(one(saying), fc.constant(null)) },
  { weight: 4, arbitrary: act(fc.array(saying, { minLength: 1, maxLength: 3 }), sweep) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: waits }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('target' as const), down: fc.constantFrom(true, false, false) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('outside' as const),
      give: fc.boolean(),
      who: asker,
      key: fc.constantFrom(...KEYS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), nth: fc.nat({ max: 20 }) }) },
);

/** Access that goes wrong on its way and is handed back soon: what chance alone brings together too seldom. */
const cutShort: fc.Arbitrary<readonly Deed[]> = fc
  .record({
    elevate: fc.record({ do: fc.constant('elevate' as const), who: asker, role, durationS }),
    wrong: fault.map((each) => [{ ...each, call: 'grant' as const }]),
    sweeps: fc.tuple(replicas, sweep),
    gift: fc.boolean(),
    seconds: fc.constantFrom(1, 5, 16, 60),
  })
  .map(({ elevate, wrong, sweeps: [first, second], gift, seconds }) => [
    elevate,
    ...(gift ? [{ do: 'outside' as const, give: true, who: elevate.who, key: 'dba' }] : []),
    { do: 'act', sayings: [], sweep: { replicas: first, faults: wrong } },
    { do: 'act', sayings: [{ say: 'done', who: elevate.who, nth: 0 }], sweep: null },
    { do: 'act', sayings: [], sweep: second },
    { do: 'pass', seconds },
  ]);

export const history: fc.Arbitrary<readonly Deed[]> = fc
  .array(fc.oneof({ weight: 5, arbitrary: one(deed) }, { weight: 2, arbitrary: cutShort }), {
    minLength: 10,
    maxLength: 25,
    size: 'max',
  })
  .map((deeds) => deeds.flat());
