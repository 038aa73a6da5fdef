/**
 * What somebody said to Curfew, as verb and arguments: `ROLE DURATION [REFERENCE] REASON`, or a verb.
 * Pure, and forgiving in one way only: what was understood is kept, so that a form can start from it.
 * Whether a role or an id exists is not decided here.
 */
import { type DurationParse, parseDuration } from '../src/domain/duration.ts';
import { normaliseRequestId } from '../src/domain/ids.ts';
import { cleanText, lowerAscii, parseReason } from '../src/domain/text.ts';
import { nextClockTime, parseClock } from '../src/domain/time-zone.ts';
import { isVerb, type Verb } from '../src/domain/verbs.ts';

/** The shortest that people can ask for, seconds. */
export const SHORTEST_REQUEST_S = 60;
const TEXT_MAX = 8_000;
const WORD_MAX = 80;
const URL_MAX = 500;
const TITLE_MAX = 200;

export interface Asked {
  readonly seconds: number;
  /** Set where the end was named (`until 18:00`), so that it can stay where it was named. */
  readonly until: Date | null;
}

/** The parts of a request or an extension that were understood, and in `problems` what was not. */
export interface Understood {
  readonly duration?: Asked;
  /** The words for the duration as they were typed, understood or not. */
  readonly durationText?: string;
  readonly reference?: string;
  /** The ledger's id of an incident chosen in the form. */
  readonly incidentId?: number;
  /** Clean, 1 to 500 characters. */
  readonly reason?: string;
  /** One sentence for each field that is missing or wrong; empty when all is understood. */
  readonly problems: Readonly<Partial<Record<'role' | 'duration' | 'reference' | 'reason', string>>>;
}

export type Utterance =
  /** Nothing said: open the form. */
  | { readonly kind: 'nothing' }
  /** `role` is the word in its place, lower case, at most 80 characters, perhaps no role at all. */
  | ({ readonly kind: 'request'; readonly role?: string } & Understood)
  | { readonly kind: 'mine' | 'pending' | 'incidents' | 'help' }
  | { readonly kind: 'roles'; readonly search: string }
  | { readonly kind: 'who'; readonly role: string }
  | { readonly kind: 'status' | 'cancel' | 'approve'; readonly id: string }
  | { readonly kind: 'done'; readonly id: string | null }
  | ({ readonly kind: 'extend'; readonly id: string } & Understood)
  | ({ readonly kind: 'deny'; readonly id: string } & Understood)
  | {
      readonly kind: 'revoke';
      readonly target: { readonly id: string } | { readonly userId: string };
      readonly reason: string | null;
    }
  | {
      readonly kind: 'incident';
      readonly act: 'open' | 'close';
      readonly reference: string;
      /** What is said after the id when one is opened. */
      readonly title: string | null;
    }
  /** A verb without what it needs, or with more than it takes; `why` says how it is used. */
  | { readonly kind: 'misused'; readonly verb: Verb; readonly why: string };

export interface GrammarContext {
  readonly now: Date;
  /** The speaker's IANA zone; null when the platform does not say. */
  readonly timeZone: string | null;
  /** Whether a configured incident source knows this word as an incident. */
  readonly knowsReference?: (word: string) => boolean;
}

/** Reads one line of `/elevate`, or the same words said to a bot. Never throws. */
export function parseUtterance(text: string, context: GrammarContext): Utterance {
  const words = cleanText(text.slice(0, TEXT_MAX)).match(/(?:<[^<>]*>|\S)+/g) ?? [];
  const [first, ...rest] = words;
  if (first === undefined) return { kind: 'nothing' };
  const verb = lowerAscii(first);
  return isVerb(verb) ? parseVerb(verb, rest, context) : parseRequest(words, context);
}

/** A duration field's or argument's words: `1h30m`, `until 18:00`. */
export function parseAsked(typed: string, context: GrammarContext): DurationParse & { until?: Date | null } {
  const [first = '', clock, ...more] = typed.trim().split(/\s+/);
  if (lowerAscii(first) !== 'until') {
    const parsed = parseDuration(typed, { shortestS: SHORTEST_REQUEST_S });
    return parsed.ok ? { ...parsed, until: null } : parsed;
  }
  const minutes = clock === undefined || more.length > 0 ? null : parseClock(clock);
  if (minutes === null) return { ok: false, why: 'After "until" comes a time such as 18:00.' };
  const until = context.timeZone === null ? null : nextClockTime(minutes, context.timeZone, context.now);
  if (!until) return { ok: false, why: 'Your time zone is not known here: say for how long, such as 1h.' };
  const seconds = Math.floor((until.getTime() - context.now.getTime()) / 1000);
  if (seconds < SHORTEST_REQUEST_S) return { ok: false, why: `${clock} is less than a minute away.` };
  return { ok: true, seconds, until };
}

export type ReferenceParse =
  | { readonly ok: true; readonly reference: string }
  | { readonly ok: false; readonly why: string };

/** A ticket (`INC-1042`), an https link, or an incident's id. Null: this word is no reference at all. */
export function parseReference(
  word: string,
  knowsReference: (word: string) => boolean = () => false,
): ReferenceParse | null {
  const link = /^<(https?:[^<>|]*)(?:\|[^<>]*)?>$/i.exec(word)?.[1] ?? word;
  if (/^https?:/i.test(link)) return parseLink(link);
  if (/^[A-Z][A-Z0-9]{1,19}-[0-9]{1,12}$/.test(word)) return { ok: true, reference: word };
  return word.length <= WORD_MAX && knowsReference(word) ? { ok: true, reference: word } : null;
}

function parseLink(link: string): ReferenceParse {
  const url = URL.canParse(link) ? new URL(link) : null;
  if (!url || url.hostname === '') return { ok: false, why: 'That link is not complete.' };
  if (url.protocol !== 'https:') return { ok: false, why: 'A link has to begin with https://.' };
  if (url.username !== '' || url.password !== '') {
    return { ok: false, why: 'That link carries a user name or password; give it without.' };
  }
  if (url.href.length > URL_MAX) return { ok: false, why: `A link has at most ${URL_MAX} characters.` };
  return { ok: true, reference: url.href };
}

function parseRequest(words: readonly string[], context: GrammarContext): Utterance {
  const [first = ''] = words;
  if (isTimeNotRole(first)) {
    const understood = understand(words, context, { duration: true, reference: true });
    const role = 'Begin with the role, then for how long: prod-dba 1h.';
    return { kind: 'request', ...understood, problems: { role, ...understood.problems } };
  }
  const understood = understand(words.slice(1), context, { duration: true, reference: true });
  return { kind: 'request', role: lowerAscii(first.slice(0, WORD_MAX)), ...understood };
}

/** Duration and reference in either order, each once, before the reason, which is all the rest. */
function understand(
  words: readonly string[],
  context: GrammarContext,
  takes: { duration: boolean; reference: boolean },
): Understood {
  const problems: { duration?: string; reference?: string; reason?: string } = {};
  let at = 0;
  let duration: Asked | undefined;
  let durationText: string | undefined;
  let reference: string | undefined;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (takes.duration && durationText === undefined && isAboutTime(word)) {
      const clock = words[at + 1];
      const isUntil = lowerAscii(word) === 'until' && clock !== undefined && /^[0-9]/.test(clock);
      durationText = (isUntil ? `${word} ${clock}` : word).slice(0, WORD_MAX);
      at += isUntil ? 2 : 1;
      const parsed = parseAsked(durationText, context);
      if (parsed.ok) duration = { seconds: parsed.seconds, until: parsed.until ?? null };
      else problems.duration = parsed.why;
      continue;
    }
    const found =
      takes.reference && reference === undefined && problems.reference === undefined
        ? parseReference(word, context.knowsReference)
        : null;
    if (!found) break;
    at += 1;
    if (found.ok) reference = found.reference;
    else problems.reference = found.why;
  }
  if (takes.duration && durationText === undefined)
    problems.duration = 'Say for how long, such as 30m or 1h30m.';
  const parsed = parseReason(unmarked(words.slice(at).join(' ')));
  if (!parsed.ok) problems.reason = parsed.why;
  return { duration, durationText, reference, reason: parsed.reason || undefined, problems };
}

/** Begins like a number, or is `until`: meant as a duration, well written or not. */
function isAboutTime(word: string): boolean {
  return lowerAscii(word) === 'until' || /^[-−–+]?\p{Nd}/u.test(word);
}

/** A role may begin with a digit (`2fa-admin`), so the first word has to look like a whole duration. */
function isTimeNotRole(word: string): boolean {
  return /^(?:until|[-+]?(?:[0-9]+[dhms]?)+)$/i.test(word);
}

function parseVerb(verb: Verb, words: readonly string[], context: GrammarContext): Utterance {
  const misused = (why: string): Utterance => ({ kind: 'misused', verb, why });
  const [first] = words;
  const id = first === undefined ? null : normaliseRequestId(first);
  switch (verb) {
    case 'mine':
    case 'pending':
    case 'incidents':
    case 'help':
      return { kind: verb };
    case 'roles':
      return { kind: 'roles', search: words.join(' ').slice(0, WORD_MAX) };
    case 'who':
      if (first === undefined || words.length > 1) return misused('Say which role: who prod-dba.');
      return { kind: 'who', role: lowerAscii(first.slice(0, WORD_MAX)) };
    case 'done':
      if (first === undefined) return { kind: 'done', id: null };
      return id && words.length === 1 ? { kind: 'done', id } : misused('Say done, or done R-7K3M.');
    case 'status':
    case 'cancel':
    case 'approve':
      // Words after the id are refused rather than ignored: "approve R-7K3M for 10m" must not approve it all.
      if (!id || words.length > 1) return misused(`Give the request's id and nothing else: ${verb} R-7K3M.`);
      return { kind: verb, id };
    case 'extend':
      if (!id) return misused("Give the request's id, for how long and why: extend R-7K3M 30m still at it.");
      return {
        kind: 'extend',
        id,
        ...understand(words.slice(1), context, { duration: true, reference: false }),
      };
    case 'deny':
      if (!id) return misused("Give the request's id and say why: deny R-7K3M use the replica.");
      return {
        kind: 'deny',
        id,
        ...understand(words.slice(1), context, { duration: false, reference: false }),
      };
    case 'revoke':
      return parseRevoke(words, id) ?? misused('Say what to revoke: revoke R-7K3M, or revoke @somebody.');
    case 'incident':
      return parseIncident(words) ?? misused('Say incident open INC-1042, or incident close INC-1042.');
  }
}

function parseRevoke(words: readonly string[], id: string | null): Utterance | null {
  const userId = /^<@([A-Za-z0-9:._=-]{1,200})(?:\|[^<>]*)?>[.,;:!]?$/.exec(words[0] ?? '')?.[1];
  const target = id ? { id } : userId ? { userId } : null;
  if (!target) return null;
  const reason = parseReason(unmarked(words.slice(1).join(' '))).reason;
  return { kind: 'revoke', target, reason: reason === '' ? null : reason };
}

function parseIncident(words: readonly string[]): Utterance | null {
  const [act, reference, ...more] = words;
  const verb = act && lowerAscii(act);
  if ((verb !== 'open' && verb !== 'close') || reference === undefined) return null;
  if (verb === 'close' && more.length > 0) return null;
  const title = unmarked(more.join(' ')).slice(0, TITLE_MAX).trim();
  // A link is an incident's name too, and longer than a word.
  const name = (/^<(https?:[^<>|]*)(?:\|[^<>]*)?>$/i.exec(reference)?.[1] ?? reference).slice(0, URL_MAX);
  return { kind: 'incident', act: verb, reference: name, title: title === '' ? null : title };
}

/** A platform's `<@U1|ana>`, `<#C1|dba>`, `<https://x|x>` within a reason, as a person reads it. */
function unmarked(text: string): string {
  return text.replace(
    /<(?:([@#])([^<>|]+)|((?:https?|mailto):[^<>|]+))(?:\|([^<>]*))?>/g,
    (_all, sign?: string, target?: string, link?: string, label?: string) =>
      link ?? `${sign}${label || target}`,
  );
}
