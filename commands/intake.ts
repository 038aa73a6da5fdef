/**
 * How much is taken from people at a time, before anything is looked up: what they send must not hold up
 * access that is to end. What takes access away has places of its own, and opening a form waits for nothing.
 * What is refused here is refused at once, and leaves no trace.
 */
import { refusalLine } from '../src/chat/cards/refusals.ts';
import type { Limits } from '../src/domain/limits.ts';
import type { Refusal } from '../src/domain/refusal.ts';
import { isVerb } from '../src/domain/verbs.ts';
import { createLane, type Lane, LaneFull, type LaneLimits } from '../src/lane.ts';
import { createRate } from '../src/rate.ts';
import { actions } from './actions.ts';
import { type Inbound, type Reply, refuse, type Speaker } from './command.ts';

export interface IntakeOptions {
  readonly dispatch: (inbound: Inbound) => Promise<Reply>;
  /** The same, over what of the ledger is kept for ends. */
  readonly dispatchEnds: (inbound: Inbound) => Promise<Reply>;
  readonly limits: Limits;
  readonly realNow: () => Date;
  /** Something was refused here. */
  readonly turnedAway: (why: 'busy' | 'too-often') => void;
}

type LaneName = 'ends' | 'forms' | 'requests' | 'others' | 'looks';

/** A request reads targets, which may take their time; looking at something goes on beside. */
const LANES: Readonly<Record<LaneName, LaneLimits>> = {
  ends: { underWay: 8, underWayEach: 4, waiting: 200 },
  forms: { underWay: 16, underWayEach: 4, waiting: 0 },
  requests: { underWay: 8, underWayEach: 2, waiting: 100 },
  others: { underWay: 8, underWayEach: 2, waiting: 100 },
  looks: { underWay: 4, underWayEach: 2, waiting: 100 },
};

/** Somebody may have to take a great deal away at once, but not without end. */
const ENDS_FACTOR = 10;
const ENDING_WORDS = /^\s*(done|revoke|cancel|deny|incident\s+close)\b/i;
const ENDING_VERBS: readonly string[] = ['done', 'revoke', 'cancel', 'retry'];
const ENDING_FORMS: readonly string[] = ['deny', 'revoke'];

export function createIntake(options: IntakeOptions) {
  const { dispatch, dispatchEnds, turnedAway } = options;
  const { requestsPerMinute } = options.limits;
  const now = () => options.realNow().getTime();
  const rate = createRate(requestsPerMinute, now);
  const rateOfEnds = createRate(requestsPerMinute * ENDS_FACTOR, now);
  const lanes = Object.fromEntries(
    Object.entries(LANES).map(([name, limits]) => [name, createLane(limits)]),
  ) as Record<LaneName, Lane>;

  return {
    /** What was said, pressed or submitted. */
    async take(inbound: Inbound): Promise<Reply> {
      const person = keyOf(inbound.speaker);
      const name = laneOf(inbound);
      if (!(name === 'ends' ? rateOfEnds : rate).allows(person)) {
        turnedAway('too-often');
        return refusal(inbound, { code: 'too-often', perMinute: requestsPerMinute });
      }
      try {
        return await lanes[name](person, () => (name === 'ends' ? dispatchEnds : dispatch)(inbound));
      } catch (error) {
        if (!(error instanceof LaneFull)) throw error;
        turnedAway('busy');
        return refusal(inbound, { code: 'busy' });
      }
    },
    /** What somebody is only shown. Rejects with `LaneFull` where there is too much of it. */
    show<T>(speaker: Speaker, look: () => Promise<T>): Promise<T> {
      return lanes.looks(keyOf(speaker), look);
    },
  };
}

const keyOf = ({ platform, workspace, userId }: Speaker) => `${platform}:${workspace}:${userId}`;

function laneOf(inbound: Inbound): LaneName {
  switch (inbound.kind) {
    case 'words':
      if (inbound.text.trim() === '') return 'forms';
      if (ENDING_WORDS.test(inbound.text)) return 'ends';
      return isVerb(inbound.text.trim().split(/\s/, 1)[0]?.toLowerCase() ?? '') ? 'others' : 'requests';
    case 'action':
      if ('open' in actions[inbound.verb]) return 'forms';
      if (ENDING_VERBS.includes(inbound.verb)) return 'ends';
      return inbound.verb === 'ask-again' ? 'requests' : 'others';
    case 'form':
      if (ENDING_FORMS.includes(inbound.form)) return 'ends';
      return inbound.form === 'request' ? 'requests' : 'others';
  }
}

/** A form stays open, with what was filled in. */
function refusal(inbound: Inbound, why: Refusal): Reply {
  if (inbound.kind !== 'form') return refuse(why);
  const words = refusalLine(why).filter((span) => typeof span === 'string');
  const field = inbound.form === 'approve-less' ? 'duration' : 'reason';
  return { kind: 'form-errors', errors: { [field]: words.join('') } };
}
