/** The buttons, and when each makes sense. A button only ever carries an id; dispatch decides anew. */
import type { RequestView } from '../../../db/views.ts';
import type { Action } from '../card.ts';
import { edgesOf, type GrantScene, nameIn, roleTitle, type Scene } from './scene.ts';

export function decide(id: string): readonly Action[] {
  return [
    { verb: 'approve', id, label: 'Approve', style: 'primary' },
    { verb: 'approve-less', id, label: 'Approve for less' },
    { verb: 'deny', id, label: 'Deny', style: 'danger' },
  ];
}

export function cancel(id: string): readonly Action[] {
  return [{ verb: 'cancel', id, label: 'Cancel' }];
}

export function retry(id: string): readonly Action[] {
  return [{ verb: 'retry', id, label: 'Try now', style: 'primary' }];
}

export function revoke(view: RequestView): readonly Action[] {
  const cuts = edgesOf(view).some(({ entitlement }) => entitlement.endsSessions);
  const text = `${nameIn(view, view.subject)} loses ${roleTitle(view)} at once.${cuts ? ' Open sessions are cut.' : ''}`;
  const confirm = { title: 'Take this access away now?', text, yes: 'Revoke' };
  return [{ verb: 'revoke', id: view.request.id, label: 'Revoke', style: 'danger', confirm }];
}

/** Extend is left out where no more time could be had. */
export function holderButtons({ view, grant, context }: GrantScene): readonly Action[] {
  const { id } = view.request;
  const done: Action = { verb: 'done', id, label: "I'm done", style: 'primary' };
  const room = (context.role?.maxDurationS ?? 0) > grant.durationS;
  const over = view.incident?.state === 'closed';
  const canExtend = room && !view.pendingExtension && !over && context.now < grant.endsAt;
  return canExtend ? [done, { verb: 'extend', id, label: 'Extend' }] : [done];
}

/**
 * To the requester, where nobody meant "no": it lapsed, failed, ran out, was taken away outside Curfew, or
 * ended with an incident that has been reopened.
 * Only on one of their messages: the one about live access, where there was any.
 */
export function askAgain({ view, audience, context }: Scene): readonly Action[] {
  const { request, grant } = view;
  const wasLive = grant !== null && grant.liveAt !== null;
  if (request.kind !== 'access' || audience !== (wasLive ? 'live' : 'requester')) return [];
  if (!context.role || context.role.problems.length > 0) return [];
  const nobodyMeantNo =
    grant?.endReason === 'window' ||
    grant?.endReason === 'failed' ||
    (grant?.endReason === 'incident' && view.incident?.state === 'open') ||
    (grant?.endReason === 'revoked' && grant.endedBy === null);
  if (request.state !== 'expired' && !(grant?.state === 'ended' && nobodyMeantNo)) return [];
  return [{ verb: 'ask-again', id: request.id, label: 'Ask again' }];
}
