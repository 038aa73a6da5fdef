/** The load generator of (c): signed slash commands, one at a time on each connection. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { WORKSPACE } from './slack-stub.ts';

export interface LoadOrder {
  readonly port: number;
  readonly signingSecret: string;
  readonly connections: number;
  readonly seconds: number;
  /** Words that each answer has to contain … */
  readonly expects: string;
  /** … or, where it came too late for that, these; null: then it is refused. */
  readonly late: string | null;
}

export interface LoadReport {
  /** Milliseconds, one for each request answered as expected. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  /** How many were answered before they were recorded, for time was up; not among the latencies. */
  readonly late: number;
  /** The first answer that was not as expected; null: none. */
  readonly refused: string | null;
}

const PEOPLE = 500;
const ROLES = 200;
const WARM_UP_S = 2;

process.once('message', (order: LoadOrder) => {
  void generate(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());

async function generate(order: LoadOrder): Promise<LoadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const latencies: number[] = [];
  let refused: string | null = null;
  let sent = 0;
  let late = 0;
  const counts = performance.now() + WARM_UP_S * 1000;
  const end = counts + order.seconds * 1000;

  async function speak(): Promise<void> {
    while (performance.now() < end && refused === null) {
      const began = performance.now();
      const answer = await post(order, agent, commandBody(sent++));
      if (order.late !== null && answer.text.includes(order.late)) {
        if (began >= counts) late += 1;
      } else if (answer.status !== 200 || !answer.text.includes(order.expects)) {
        refused ??= `${answer.status} ${answer.text.slice(0, 300)}`;
      } else if (began >= counts) latencies.push(performance.now() - began);
    }
  }
  await Promise.all(Array.from({ length: order.connections }, speak));
  agent.destroy();
  return { latencies, seconds: (performance.now() - counts) / 1000, late, refused };
}

/** Each person asks once for each role, so that each request is a new one. */
function commandBody(n: number): string {
  return new URLSearchParams({
    token: 'legacy',
    team_id: WORKSPACE,
    channel_id: 'C0WHERE',
    user_id: `UP${n % PEOPLE}`,
    command: '/elevate',
    text: `role-${Math.floor(n / PEOPLE) % ROLES} 1h INC-${n} failing over the primary`,
    response_url: 'http://127.0.0.1:9/none',
    trigger_id: `${process.pid}.${n}`,
  }).toString();
}

function post(order: LoadOrder, agent: Agent, body: string): Promise<{ status: number; text: string }> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac('sha256', order.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      host: '127.0.0.1',
      port: order.port,
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
