/** A signed slash command, as Slack sends it. */
import { createHmac } from 'node:crypto';
import { type Agent, request } from 'node:http';
import { WORKSPACE } from './slack-stub.ts';

export interface SlackDoor {
  readonly port: number;
  readonly signingSecret: string;
  readonly agent: Agent;
}

/** What was answered, in the HTTP answer. */
export function sendCommand(
  { port, signingSecret, agent }: SlackDoor,
  command: { readonly userId: string; readonly text: string; readonly trigger: string },
): Promise<{ status: number; text: string }> {
  const body = new URLSearchParams({
    token: 'legacy',
    team_id: WORKSPACE,
    channel_id: 'C0WHERE',
    user_id: command.userId,
    command: '/elevate',
    text: command.text,
    response_url: 'http://127.0.0.1:9/none',
    trigger_id: command.trigger,
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/slack/events',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${mac}`,
      },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.end(body);
  });
}
