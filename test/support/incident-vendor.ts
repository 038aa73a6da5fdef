/** What the contract of incident sources needs to know of a vendor: how it signs, what it sends and answers. */
import type { Delivery, IncidentSource } from '../../src/incidents/source.ts';

/** An incident as the contract speaks of it. */
export interface Told {
  /** The vendor's own id, in the vendor's own shape. */
  readonly key: string;
  readonly number: number;
  readonly title: string;
  readonly openedAt: Date;
}

export type Happening = 'opened' | 'acknowledged' | 'resolved' | 'reopened' | 'merged';

/**
 * What the API does with every request from now on. `slow`: it takes the request, and answers it once it is
 * `well` again. `failing`: 500. `endless`: a 200 whose body does not end.
 */
export type Mood =
  | 'well'
  | 'slow'
  | 'rate-limited'
  | 'unauthorised'
  | 'forbidden'
  | 'failing'
  | 'broken JSON'
  | 'wrong shape'
  | 'endless';

/** A strict double of the vendor's API on 127.0.0.1: a request that the vendor would refuse, it refuses. */
export interface VendorApi {
  readonly url: string;
  /** The one that `make` configures; the double puts it into the answers that refuse, to see it stay there. */
  readonly token: string;
  put(incident: Told, state: 'open' | 'closed'): void;
  /** `rate-limited` asks to wait for 17 seconds. */
  be(mood: Mood): void;
  /** How many requests came in. */
  asked(): number;
  /** Resolves as soon as so many requests came in. */
  untilAsked(count: number): Promise<void>;
  /** Notes in order of arrival, `text` as a reader at the vendor would see it. */
  notes(): readonly { readonly key: string; readonly text: string }[];
  /** Takes it down for good; doing so twice is fine. */
  close(): Promise<void>;
}

export interface Vendor {
  /** Two secrets of the vendor's shape. */
  readonly secrets: readonly [string, string];
  /** A signature grows old: one of ten minutes ago is refused. */
  readonly timestamped: boolean;
  /** The vendor signs with the old and the new secret during a rotation. Default: yes. */
  readonly signsWithSeveral?: boolean;
  /** The body that the vendor sends; null: it tells nothing of the sort. `into`: of `merged`, the survivor. */
  event(
    what: Happening,
    told: { eventId: string; at: Date; incident: Told; into: Told | null },
  ): Record<string, unknown> | null;
  /** A body of an event type that does not exist yet. */
  unknownEvent(eventId: string): Record<string, unknown>;
  /** What `recognises` answers to words for the two incidents of `told`; the first is for the first of them. */
  readonly own: readonly { readonly word: string; readonly name: string }[];
  /** Words that look like its own and are not. */
  readonly foreign: readonly string[];
  /** The source may take any word such as JIRA-88 for its own. Default: no. */
  readonly ownsTickets?: boolean;
  /** The name to find this incident by. */
  nameOf(incident: Told): string;
  /** Two different incidents in the vendor's shape. */
  readonly told: readonly [Told, Told];
  /** A third that the API never heard of. */
  readonly unheard: Told;
  /** One of many, for lists; `index` from 0. */
  many(index: number): Told;
  /** Null: this kind of source cannot be asked. */
  readonly startApi: (() => Promise<VendorApi>) | null;
}

export interface SourceFixture {
  /** Without `api` nothing can be asked (`polls` is false). Configuration goes through the kind's schema. */
  make(options: { secrets: readonly string[]; api: VendorApi | null }): IncidentSource;
  /**
   * The headers that carry the signature or that it covers, and no others, spelled as the vendor does.
   * Several secrets: one signature by each.
   */
  sign(
    rawBody: Buffer,
    options: { secrets: readonly string[]; eventId: string; at: Date },
  ): Readonly<Record<string, string>>;
  readonly vendor: Vendor;
}

/** As the HTTP server hands it on: header names in lower case. */
export function delivery(
  rawBody: Buffer,
  headers: Readonly<Record<string, string>>,
  receivedAt = new Date(),
): Delivery {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { headers: Object.fromEntries(lower), rawBody, receivedAt };
}
