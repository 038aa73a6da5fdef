/** What people read where Curfew says no: the one place where a refusal's code becomes a sentence. */
import type { Refusal } from '../../domain/refusal.ts';
import type { Line, Span } from '../card.ts';
import { listed, sentence, short, stopped } from './words.ts';

const TEXT_MAX = 500;
const TYPED_MAX = 80;

/** What somebody typed, or what a target or a rule said, kept short. */
const said = (text: string) => sentence(short(text, TEXT_MAX));
const typed = (text: string): Span => ({ code: short(text, TYPED_MAX) });

export function refusalLine(refusal: Refusal): Line {
  switch (refusal.code) {
    case 'unknown-person':
      return ['The directory of this workspace does not know you, so nothing was done.'];
    case 'guest':
      return ['Guests cannot use Curfew: ask a full member of this workspace.'];
    case 'outsider':
      return ['Only members of the home workspace can use Curfew.'];
    case 'bot':
      return ['Bots cannot use Curfew.'];
    case 'deactivated':
      return ['Your account here is deactivated, so nothing was done.'];
    case 'left-elsewhere':
      return [
        'Your account on the other chat platform is deactivated, so nothing was done, and the admins were told.',
      ];
    case 'no-mail':
      return ['Your profile here shows Curfew no mail address, so it cannot tell who you are.'];
    case 'unusable-mail':
      return [
        `The mail address in your profile here is none by which Curfew can know you: ${said(refusal.why)}`,
        ' Nothing was done.',
      ];
    case 'foreign-domain':
      return [typed(refusal.email), ' is not an address of a domain that Curfew knows, so nothing was done.'];
    case 'identity-conflict':
      return [
        'Curfew knows you, or your mail address, as somebody else. Nothing was done, and the admins were told.',
      ];
    case 'directory-unavailable':
      return ['Curfew could not look up who you are just now, so nothing was done. Try again in a minute.'];
    case 'busy':
      return ['Busy just now, nothing was recorded. Please try again in a moment.'];
    case 'too-often':
      return [
        `That is more than ${refusal.perMinute} within a minute, so nothing was recorded. Please wait a minute and try again.`,
      ];
    case 'unknown-role':
      return ['There is no role ', typed(refusal.typed), '. ', ...didYouMean(refusal.nearest)];
    case 'bad-duration':
    case 'bad-reason':
      return [said(refusal.why)];
    case 'unknown-request':
      return ['There is no request ', typed(refusal.typed), ' of yours or for you to decide.'];
    case 'which-one':
      return whichOne(refusal.what, refusal.ids);
    case 'not-allowed':
      return [`You may not ${stopped(short(refusal.what, TEXT_MAX))}`];
    case 'policy':
      return refusal.id === null ? [said(refusal.message)] : [said(refusal.message), ` (${refusal.id})`];
    case 'already-voted':
      return ['You have decided on this already; your first answer counts.'];
    case 'not-pending':
      return [
        `${refusal.id} is ${short(refusal.state, TYPED_MAX)} already: there is nothing left to decide.`,
      ];
    case 'already-over':
      return [`${short(refusal.id, TYPED_MAX)}: that access is over, and nothing reopens it. Ask anew.`];
    case 'nobody-holds':
      return [`${short(refusal.who, TYPED_MAX)} holds nothing from Curfew that you could take away.`];
    case 'unsupported':
      return [`Curfew cannot do that here: ${stopped(short(refusal.what, TEXT_MAX))}`];
  }
}

function didYouMean(nearest: readonly string[]): Line {
  if (nearest.length === 0) return ['Say ', { code: 'roles' }, ' to see what there is.'];
  return ['Did you mean ', ...eitherOf(nearest), '?'];
}

const NOTHING = {
  done: 'You hold nothing from Curfew just now.',
  cancel: 'You have no request that waits for a decision.',
  extend: 'You hold nothing from Curfew that could be extended.',
} as const;

function whichOne(what: keyof typeof NOTHING, ids: readonly string[]): Line {
  if (ids.length === 0) return [NOTHING[what]];
  return ['Say which one: ', ...eitherOf(ids.map((id) => `${what} ${id}`)), '.'];
}

function eitherOf(words: readonly string[]): Line {
  return listed(words.map(typed), { last: ' or ' });
}
