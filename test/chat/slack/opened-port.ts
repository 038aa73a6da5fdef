/** A port in front of an emulated Slack, for the test file that imports it; an hour passes between its tests. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Card } from '../../../src/chat/card.ts';
import type { ChatError } from '../../../src/chat/port.ts';
import {
  createSlackPort,
  createWebClient,
  identify,
  type SlackPort,
} from '../../../src/chat/slack/client.ts';
import { createRecordingLog } from '../../support/recording-log.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../support/slack-workspace.ts';

/** There once the tests begin. */
export let slack: SlackWorkspace;
export let port: SlackPort;
/** What the port goes by, real milliseconds. */
export const clock = { now: 0 };
export const log = createRecordingLog();

export const card: Card = {
  title: 'Ana asks for <dba>',
  tone: 'waiting',
  summary: 'Ana asks',
  body: [{ kind: 'quote', text: 'secret-reason <!channel>' }],
  actions: [],
  footer: ['R-1'],
};
export const marker = 'curfew:R-1:card:1';

beforeAll(async () => {
  slack = await startSlackWorkspace();
  const client = createWebClient({ botToken: slack.botToken, apiUrl: slack.apiUrl, log });
  port = createSlackPort({ client, home: await identify(client), realNow: () => clock.now });
});
afterEach(() => {
  slack.api.heal();
  clock.now += 3_600_000;
});
afterAll(() => slack.close());

export const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as ChatError,
  );
export const callsOf = (method: string) => slack.api.calls.filter((call) => call.method === method).length;
