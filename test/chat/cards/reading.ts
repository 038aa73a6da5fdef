/** What a request's card says to its readers, as words, and what it lets them press. */
import type { Audience } from '../../../db/messages.ts';
import type { RequestView } from '../../../db/views.ts';
import { requestCard } from '../../../src/chat/cards/request-card.ts';
import type { CardContext } from '../../../src/chat/cards/scene.ts';
import { contextOf, dba, grantView, requestView } from '../../support/views.ts';
import { plain, pressable } from './plain.ts';

export const AUDIENCES: readonly Audience[] = [
  'channel',
  'owner',
  'requester',
  'live',
  'reminder',
  'overdue',
];

export function reads(
  view: RequestView,
  audience: Audience = 'channel',
  over: Partial<CardContext> = {},
): string {
  return plain(requestCard(view, audience, contextOf(over)));
}

export function presses(view: RequestView, audience: Audience, over: Partial<CardContext> = {}): string[] {
  return pressable(requestCard(view, audience, contextOf(over)));
}

export const deadTarget = { attempts: 3, lastError: 'prod-pg does not answer.', lastErrorCode: 'timeout' };
export const cutting = { ...dba, endsSessions: true };
export const extension = {
  id: 'R-8XQT',
  kind: 'extension',
  extendsGrant: 'R-7K3M',
  durationS: 1800,
} as const;

export function extensionView(over: Parameters<typeof requestView>[0] = {}): RequestView {
  const { grant, assignments } = grantView('live');
  return { ...requestView({ ...over, request: { ...extension, ...over.request } }), grant, assignments };
}
