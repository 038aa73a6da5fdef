/** Workspaces as the playground's page could get them, made of what the bot really sends. */
import type { Blocks, ConversationView, MessageView, Snapshot } from '../../../src/playground/protocol.ts';
import { buttons, header, rich, smallPrint, type Text } from './fixture-blocks.ts';
import { formOf, homeOf } from './fixture-views.ts';

const PEOPLE: Snapshot['people'] = [
  { handle: 'ana', id: 'U0ANA', name: 'Ana', part: 'on call', unread: 0 },
  { handle: 'omar', id: 'U0OMAR', name: 'Omar', part: 'owner', unread: 2 },
  { handle: 'lea', id: 'U0LEA', name: 'Lea', part: 'owner', unread: 2 },
  { handle: 'mia', id: 'U0MIA', name: 'Mia', part: 'security', unread: 0 },
  { handle: 'sam', id: 'U0SAM', name: 'Sam', part: 'guest', unread: 0 },
];

export type Scene =
  | 'start'
  | 'pending'
  | 'live'
  | 'ended'
  | 'trouble'
  | 'form'
  | 'faulty-form'
  | 'home'
  | 'reply';
export const SCENES: readonly Scene[] = [
  'start',
  'pending',
  'live',
  'ended',
  'trouble',
  'form',
  'faulty-form',
  'home',
  'reply',
];

const MINUTE = 60_000;

/** `real`: milliseconds; the scene plays around this moment. */
export function snapshotOf(scene: Scene, you: Snapshot['you'], real: number): Snapshot {
  const isEnded = scene === 'ended';
  const now = real + (isEnded ? 5 * MINUTE + 3000 : 0);
  const asked = real - 90_000;
  const ends = real + 4 * MINUTE + 12_000;
  const at = (offset: number) => new Date(real + offset).toISOString();
  let ts = 100;
  const message = (offset: number, blocks: Blocks, more: Partial<MessageView> = {}): MessageView => ({
    ts: String(ts++),
    from: 'curfew',
    at: at(offset),
    text: 'Curfew says something.',
    blocks,
    edited: false,
    ephemeral: false,
    replies: [],
    ...more,
  });
  const footer = smallPrint(
    `R-X9PD · asked <!date^${Math.floor(asked / 1000)}^{date_short_pretty} {time}|2026-11-20 14:00 UTC> by <@U0ANA> (ana@acme.test) · rule owner-approves`,
  );
  const gives: Text[] = ['member of dba on prod-pg, as ', { code: 'ana' }];
  const reason: Text[] = [{ quote: 'failing over the primary, replica lag is growing' }];
  const fact = (label: string, value: string): Text[] => [{ bold: `${label}:` }, ` ${value}`];
  const pendingCard = [
    header('🟡 Ana asks for Production database admin'),
    rich(
      gives,
      fact('For', '5 min'),
      fact('Risk', 'high'),
      fact('Environment', 'production'),
      fact('Data', 'confidential'),
      fact('Reference', 'INC-1042'),
      reason,
      ['Waits for 1 of 2: Omar, Lea'],
    ),
    buttons('Approve', 'Approve for less', 'Deny'),
    footer,
  ];
  const liveCard = [
    header('🟢 Live: Production database admin for Ana'),
    rich(
      [{ bold: 'Live until ' }, { until: ends }, ', approved by Omar.'],
      gives,
      fact('Reference', 'INC-1042'),
      reason,
    ),
    buttons('Revoke'),
    footer,
  ];
  const endedCard = [
    header('⚪ Ended: Production database admin for Ana'),
    rich(
      [{ bold: 'Ended ' }, { until: ends }, ', time was up; absence confirmed 1 s later.'],
      ['It gave: ', ...gives],
      fact('Reference', 'INC-1042'),
      reason,
    ),
    footer,
  ];
  const troubleCard = [
    header('🚨 NOT yet removed: Production database admin for Ana'),
    rich(
      [
        { bold: 'Ended ' },
        { until: real - MINUTE },
        ' but NOT yet removed: prod-pg does not answer, trying again.',
      ],
      ['Time was up.'],
      ['To be removed: ', ...gives],
    ),
    buttons('Try now'),
    footer,
  ];
  const timeline = [
    message(-90_000, [rich(['Ana asked for Production database admin for 5 min.'])]),
    message(-50_000, [rich(['Approved by Omar for 5 min.'])]),
    message(-48_000, [rich(['Live until ', { until: ends }, '.'])]),
  ];
  const isStart = scene === 'start';
  const isPending = scene === 'pending' || scene === 'reply';
  const card = isPending ? pendingCard : isEnded ? endedCard : scene === 'trouble' ? troubleCard : liveCard;
  const chatter = [
    message(-26 * 3_600_000, [], {
      from: 'lea',
      text: 'Patched *pg-replica-2* last night, all quiet. See <https://wiki.acme.test/pg|the wiki>.',
    }),
    message(-12 * MINUTE, [], {
      from: 'ana',
      text: 'Replica lag on the primary is climbing: `lag_bytes` doubled in ten minutes.',
    }),
    message(-11 * MINUTE, [], {
      from: 'omar',
      text: 'Seen. If you have to fail over, ask here and I will approve. <@U0ANA>',
    }),
  ];
  const ephemeral = message(-89_000, [rich(['Asked, as ', { code: 'R-X9PD' }, '. To decide: Omar, Lea.'])], {
    ephemeral: true,
  });
  const channel: ConversationView = {
    id: 'C0DBA',
    kind: 'channel',
    name: 'access-approvals',
    unread: 0,
    messages: [
      ...chatter,
      ...(isStart
        ? []
        : [
            message(-90_000, card, {
              edited: !isPending,
              replies: isPending ? timeline.slice(0, 1) : timeline,
            }),
          ]),
      ...(scene === 'reply' ? [ephemeral] : []),
    ],
  };
  const isLive = ['live', 'form', 'faulty-form', 'home'].includes(scene);
  return {
    version: real,
    you,
    people: PEOPLE,
    conversations: [
      channel,
      { id: 'C0INC', kind: 'channel', name: 'incidents', unread: 0, messages: [] },
      {
        id: 'C0SEC',
        kind: 'channel',
        name: 'security-alerts',
        unread: isStart ? 0 : 1,
        messages: scene === 'trouble' ? [message(-MINUTE, troubleCard)] : [],
      },
      {
        id: `D0${you.toUpperCase()}`,
        kind: 'dm',
        name: 'Curfew',
        unread: isStart ? 0 : 1,
        messages: isStart ? [] : [message(-90_000, card)],
      },
    ],
    home: homeOf(ends),
    modals: scene === 'form' || scene === 'faulty-form' ? [formOf(scene === 'faulty-form')] : [],
    truth: {
      now: new Date(now).toISOString(),
      asOf: new Date(real).toISOString(),
      target: {
        reachable: scene !== 'trouble',
        roles: [
          { role: 'dba', members: isLive || scene === 'trouble' ? ['ana'] : [] },
          { role: 'readonly', members: ['lea', 'omar'] },
        ],
      },
      grants:
        isLive || scene === 'trouble'
          ? [
              {
                id: 'R-X9PD',
                who: 'Ana',
                role: 'prod-dba',
                state: isLive ? 'live' : 'ending',
                endsAt: new Date(isLive ? ends : real - MINUTE).toISOString(),
                note: isLive ? null : 'prod-pg does not answer, 4th try in 8 s',
              },
            ]
          : [],
      incident: null,
      next: isLive
        ? [
            { at: new Date(real + 4000).toISOString(), what: 'read back ana in dba' },
            { at: new Date(ends).toISOString(), what: 'end R-X9PD: time is up' },
            { at: at(5 * MINUTE), what: 'read every target back' },
            { at: at(50 * MINUTE), what: 'seal the audit log' },
          ]
        : [{ at: at(5 * MINUTE), what: 'read every target back' }],
      audit: {
        events: auditOf(isStart ? 2 : isPending ? 6 : isEnded ? 19 : 13, real),
        unsealed: scene === 'pending' ? 2 : 0,
        verified: true,
      },
    },
    faults: {
      targetDown: scene === 'trouble',
      targetSlow: false,
      slackDown: false,
      flakyNetwork: false,
      webhooksLost: false,
    },
    bot: scene === 'trouble' ? 'starting' : 'running',
    hint: isStart ? 1 : isPending ? 2 : scene === 'live' ? 3 : null,
  };
}

const ACTIONS = [
  'config.loaded',
  'target.read',
  'request.created',
  'message.posted',
  'message.posted',
  'vote.approved',
  'request.approved',
  'grant.attempted',
  'access.grant',
  'access.inspect',
  'access.granted',
  'grant.live',
  'message.updated',
  'grant.ending',
  'access.revoke',
  'access.inspect',
  'access.end_sessions',
  'access.removed',
  'grant.ended',
];

function auditOf(count: number, real: number): Snapshot['truth']['audit']['events'] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    at: new Date(real - (count - index) * 4000).toISOString(),
    actor: index === 2 ? 'ana@acme.test' : index === 5 ? 'omar@acme.test' : 'curfew',
    action: ACTIONS[index] ?? 'access.inspect',
    hash: ((index + 7) * 2_654_435_761).toString(16).padEnd(64, '6e3f3099'),
  })).reverse();
}
