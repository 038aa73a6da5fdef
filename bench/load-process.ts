/** The load generator of (c): signed slash commands, one at a time on each connection. */
import { Agent } from 'node:http';
import { sendCommand } from './slack-command.ts';

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
      const answer = await sendCommand({ ...order, agent }, commandOf(sent++));
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
function commandOf(n: number) {
  const role = Math.floor(n / PEOPLE) % ROLES;
  return {
    userId: `UP${n % PEOPLE}`,
    text: `role-${role} 1h INC-${n} failing over the primary`,
    trigger: `${process.pid}.${n}`,
  };
}
