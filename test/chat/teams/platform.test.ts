/** Teams as a part of the whole: nothing is taken before Curfew is ready for it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Inbound } from '../../../commands/command.ts';
import type { ChatPort } from '../../../src/chat/port.ts';
import { createTeamsPlatform } from '../../../src/chat/teams/platform.ts';
import type { Log } from '../../../src/observability/log.ts';
import { createRecordingLog } from '../../support/recording-log.ts';
import { activityIn, TENANT, words } from '../../support/teams-activities.ts';
import { startTeamsIssuer } from '../../support/teams-issuer.ts';

test('Teams is told to come again until Curfew has started, and then is heard', async () => {
  const issuer = await startTeamsIssuer();
  const log = createRecordingLog();
  const ports: ChatPort[] = [];
  const seen: Inbound[] = [];
  const platform = createTeamsPlatform({
    settings: { credentials: issuer.credentials, tenantId: TENANT, dialogs: true },
    named: [],
    dispatch: async (inbound) => {
      seen.push(inbound);
      return { kind: 'none' };
    },
    listRoles: () => [],
    home: async () => ({ sections: [], actions: [] }),
    look: async () => null,
    arrived: async () => {},
    book: {
      person: async () => null,
      personAt: async () => null,
      meet: async () => {},
      lose: async () => {},
      teams: async () => [],
      joinTeam: async () => {},
      leaveTeam: async () => {},
      serviceUrlOf: async () => null,
      visit: async () => {},
    },
    connected: (port) => ports.push(port),
    log: nested(log),
  });
  const server = createServer((request, response) => platform.listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`;
  const post = async (activity: { serviceUrl: string }) => {
    const authorization = issuer.authorize(activity.serviceUrl);
    const headers = { 'content-type': 'application/json', authorization };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(activity) })).status;
  };

  expect(platform.ready()).toBe(false);
  expect(await post(words('mine'))).toBe(503);
  await platform.start();
  expect(platform.ready()).toBe(true);
  expect(ports.map(({ platform }) => platform)).toEqual(['teams']);
  expect(await post(words('mine'))).toBe(200);
  expect(seen).toHaveLength(1);
  expect(await post({ ...activityIn('personal') })).toBe(400);

  await platform.stop();
  server.close();
  server.closeAllConnections();
  await issuer.close();
});

function nested(log: Omit<Log, 'child'>): Log {
  return { ...log, child: () => nested(log) };
}
