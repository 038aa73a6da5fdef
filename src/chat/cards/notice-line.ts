/** The words of lines that are said once: the timeline in a card's thread, messages to one person, alerts. */

import type { NoticeRow } from '../../../db/messages.ts';
import type { RequestView } from '../../../db/views.ts';
import { durationInWords } from '../../domain/duration.ts';
import type { Notice } from '../../domain/notice.ts';
import { approversOf } from '../../policy/decision.ts';
import type { Line, PersonRef, Span } from '../card.ts';
import { endWords, ownWords } from './end-words.ts';
import { nameIn, roleTitle, wasGiven } from './scene.ts';
import { stillHeld } from './still-held.ts';
import { laterInWords, listed, nameOf, sentence, short, stopped } from './words.ts';

const TEXT_MAX = 500;

export interface NoticeContext {
  readonly now: Date;
  /** In a thread the card above names role and id; elsewhere the line does. */
  readonly audience?: NoticeRow['audience'];
  /** People by mail address; who is asked to decide is mentioned where they are known. */
  readonly people?: ReadonlyMap<string, PersonRef>;
}

export function noticeLine(notice: Notice, view: RequestView | null, context: NoticeContext): Line {
  const { id, roleTitle: what } = view
    ? { id: view.request.id, roleTitle: roleTitle(view) }
    : { id: '', roleTitle: '' };
  if (!view || context.audience === 'thread') return words(notice, view, context);
  return [`${id}, ${what}: `, ...words(notice, view, context)];
}

function words(notice: Notice, view: RequestView | null, context: NoticeContext): Line {
  switch (notice.kind) {
    case 'requested':
      return [view ? `${nameIn(view, view.requester)} asked for ${asked(view)}.` : 'Asked for.'];
    case 'approved':
      return [`Approved by ${name(notice.by)} for ${durationInWords(notice.durationS)}.`];
    case 'denied':
      return [`Denied by ${name(notice.by)}${notice.note ? `: ${short(notice.note, TEXT_MAX)}` : '.'}`];
    case 'cancelled':
      return 'by' in notice
        ? [`Cancelled by ${name(notice.by)}.`]
        : [`Cancelled: ${stopped(short(notice.because, TEXT_MAX))}`];
    case 'expired':
      return ['Nobody decided in time, so the request expired.'];
    case 'incident-closed':
      return [`Cancelled: the incident ${short(notice.name, TEXT_MAX)} was closed.`];
    case 'still-waiting':
      return ['Still waiting for a decision', ...whom(view, context), '. It lapses ', at(notice.until), '.'];
    case 'live':
      return ['Live until ', at(notice.until), '.'];
    case 'extended':
      return [`Extended by ${name(notice.by)}: until `, at(notice.until), '.'];
    case 'ending':
      return [`Ending: ${endWords(notice)}.${quoted(ownWords(notice))}`];
    case 'ended':
      return [ended(notice, view)];
    case 'trouble':
      return [`${short(notice.what, TEXT_MAX)}: ${sentence(short(notice.message, TEXT_MAX))} Trying again.`];
    case 'renamed':
      return [
        `Renamed in the target: ${short(notice.from, TEXT_MAX)} is called ${short(notice.to, TEXT_MAX)} now. It is the same one.`,
      ];
    case 'gone':
      return [
        `${short(notice.what, TEXT_MAX)}: the ${notice.gone} is gone in the target, and the access with it. Whoever has its name now was given nothing.`,
      ];
    case 'landed-late':
      return [
        `A call that was given up took effect late: ${short(notice.what, TEXT_MAX)} has access again. Curfew is taking it away.`,
      ];
    case 'found-again':
      return [
        `${short(notice.what, TEXT_MAX)} has access again after its end. Curfew did not give it and leaves it: have a look.`,
      ];
    case 'stuck':
      return [
        `${short(notice.what, TEXT_MAX)} is stuck: ${sentence(short(notice.message, TEXT_MAX))} Somebody has to look.`,
      ];
    case 'not-shown':
      return [`Not shown at ${short(notice.where, TEXT_MAX)}: ${sentence(short(notice.message, TEXT_MAX))}`];
    case 'identity-conflict':
      return [
        `Refused: chat user ${short(notice.userId, TEXT_MAX)} comes with the address ${short(notice.email, TEXT_MAX)}. ${sentence(short(notice.message, TEXT_MAX))}`,
      ];
    case 'incident-unconfirmed':
      return [
        `Incident ${short(notice.name, TEXT_MAX)} of ${short(notice.source, TEXT_MAX)} could not be confirmed for ${notice.sinceMinutes} minutes. ${
          notice.ends
            ? 'Access that was given for it ends now.'
            : 'Access that was given for it runs to its time limit.'
        }`,
      ];
    case 'frozen':
      return [
        notice.on
          ? `${name(notice.by)} froze Curfew: nothing new is granted, and what is due to end still ends.`
          : `${name(notice.by)} lifted the freeze: access can be granted again.`,
      ];
    case 'audit-tampered':
      return [`The audit log was tampered with: ${short(notice.message, TEXT_MAX)}.`];
    case 'audit-key-adopted':
      return [
        'The audit log has its first key. Nothing vouches for what was sealed before, up to ',
        { code: short(notice.after, TEXT_MAX) },
        '. Where nobody set a key just now, the log was written anew.',
      ];
    case 'audit-head':
      return ['Head of the audit log: ', { code: short(notice.head, TEXT_MAX) }];
  }
}

function asked({ request, ...view }: RequestView): string {
  const long = durationInWords(request.durationS);
  const title = roleTitle({ request, ...view });
  return request.kind === 'extension' ? `${long} more of ${title}` : `${title} for ${long}`;
}

/** Mentioned, not only named: this line is there to ring. */
function whom(view: RequestView | null, { people }: NoticeContext): Line {
  const emails = view ? approversOf(view.request.decision) : [];
  if (emails.length === 0) return [];
  const names = emails.map((email): Span => {
    const person = people?.get(email);
    return person ? { person } : short(email, TEXT_MAX);
  });
  return [' by ', ...listed(names)];
}

/** Absence is said to be confirmed only where the account holds nothing of it by any other way. */
function ended(notice: Extract<Notice, { kind: 'ended' }>, view: RequestView | null): string {
  const { reason, shared, afterS } = notice;
  const given = view === null || wasGiven(view);
  const left = view ? stillHeld(view) : [];
  const held = shared || left.length > 0;
  const confirmed = given && !held ? ` Absence confirmed ${laterInWords(afterS)}.` : '';
  const rest = left.length > 0 ? ` ${left.join(' ')}` : shared ? ' Another grant still gives it.' : '';
  const why = view?.grant?.endReason
    ? endWords({ reason: view.grant.endReason, by: view.grant.endedBy, note: view.grant.endNote })
    : endWords({ reason, by: null, note: null });
  const head = reason === 'failed' ? 'Failed' : 'Ended';
  const nothing = given ? '' : ' Nothing was given.';
  return `${head}: ${why}.${nothing}${confirmed}${rest}`;
}

function quoted(text: string | null): string {
  return text === null ? '' : ` “${short(text, TEXT_MAX)}”`;
}

const name = (by: string) => nameOf({ name: by });

function at(iso: string): Span {
  return { at: new Date(iso), style: 'time' };
}
