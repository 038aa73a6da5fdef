/** Requests and alerts have a channel on a platform that is in use, or Curfew says so before anybody misses them. */
import { expect, it } from 'vitest';
import { accepted, refused, swap } from './reading.ts';

const SLACK = { SLACK_BOT_TOKEN: 'xoxb-1-token', SLACK_SIGNING_SECRET: 'signing-secret' };
const TEAMS = {
  MicrosoftAppId: 'app',
  MicrosoftAppPassword: 'app-password',
  MicrosoftAppTenantId: '11111111-2222-3333-4444-555555555555',
};
const onTeams = (key: string, line: string) => swap(line, `${key}: { teams: Platform/x }`);
const ALERTS = onTeams('alerts', 'alerts: C0123');
const APPROVALS = onTeams('approvals', 'approvals: "#access-approvals"');

it.each([
  ['alerts', ALERTS, 'alerts'],
  ['approvals', APPROVALS, 'requests'],
])('channels.%s on Teams alone is an error where only Slack is in use', async (key, yaml, what) => {
  const problems = await refused(yaml, { env: SLACK });
  expect(problems).toEqual([
    expect.stringMatching(
      new RegExp(
        `^curfew\\.yaml:4:\\d+ channels\\.${key}: It names no channel on Slack, so nobody would see ${what}`,
      ),
    ),
  ]);
  expect(await refused(yaml, { env: SLACK, needsChat: true })).toEqual(problems);
});

it.each([
  ['Teams', TEAMS],
  ['both', { ...SLACK, ...TEAMS }],
  ['neither, as where it is only checked', {}],
])('it is none with %s', async (_name, env) => {
  for (const yaml of [ALERTS, APPROVALS]) expect((await accepted(yaml, { env })).warnings).toEqual([]);
});
