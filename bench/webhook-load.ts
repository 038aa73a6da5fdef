/** The load generator of (e) and (f): PagerDuty's signed webhooks, begun at their moments, whatever is still under way. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { incidentKey } from './incident-key.ts';

export interface WebhookOrder {
  readonly port: number;
  readonly secret: string;
  readonly perSecond: number;
  /** How many, and of how many incidents in turn. */
  readonly count: number;
  readonly incidents: number;
  readonly type: 'incident.triggered' | 'incident.priority_updated' | 'incident.resolved';
}

export interface WebhookReport {
  /** In the order of sending: milliseconds from when it was due to be sent until it was accepted. */
  readonly latencies: readonly number[];
  /** How many times something was sent again, for it was answered 503 or not at all. */
  readonly repeated: number;
}

const CONNECTIONS = 64;
const TICK_MS = 5;
const AGAIN_AFTER_MS = 500;
const MOST_ATTEMPTS = 20;

process.on('message', (order: WebhookOrder) => {
  void generate(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());

async function generate(order: WebhookOrder): Promise<WebhookReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const began = performance.now();
  const dueAt = (n: number) => began + (n * 1000) / order.perSecond;
  const under: Promise<number>[] = [];
  let repeated = 0;

  async function deliver(n: number): Promise<number> {
    const body = bodyOf(order, n);
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const status = await post(order, agent, body);
      if (status === 202) return performance.now() - dueAt(n);
      if (status !== 503 && status !== null) throw new Error(`A webhook was answered ${status}.`);
      repeated += 1;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
    throw new Error(`A webhook was refused ${MOST_ATTEMPTS} times.`);
  }

  while (under.length < order.count) {
    while (under.length < order.count && dueAt(under.length) <= performance.now()) {
      under.push(deliver(under.length));
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  const latencies = await Promise.all(under);
  agent.destroy();
  return { latencies, repeated };
}

/** As PagerDuty writes it: https://developer.pagerduty.com/docs/webhooks-overview */
function bodyOf({ type, incidents }: WebhookOrder, n: number): string {
  const key = incidentKey(n % incidents);
  const now = new Date().toISOString();
  return JSON.stringify({
    event: {
      id: `${type}-${n}`,
      event_type: type,
      resource_type: 'incident',
      occurred_at: now,
      agent: { id: 'PUSER01', type: 'user_reference', summary: 'Ana Diaz' },
      client: null,
      data: {
        id: key,
        type: 'incident',
        self: `https://api.pagerduty.com/incidents/${key}`,
        html_url: `https://acme.pagerduty.com/incidents/${key}`,
        number: (n % incidents) + 1,
        status: type === 'incident.resolved' ? 'resolved' : 'triggered',
        incident_key: `alert-${key}`,
        created_at: now,
        title: 'The primary database does not answer',
        service: { id: 'PSERV01', type: 'service_reference', summary: 'Checkout' },
        assignees: [{ id: 'PUSER01', type: 'user_reference', summary: 'Ana Diaz' }],
        escalation_policy: { id: 'PPOLICY', type: 'escalation_policy_reference', summary: 'Default' },
        teams: [],
        priority: { id: 'PPRIO01', type: 'priority_reference', summary: `P${(n % 3) + 1}` },
        urgency: 'high',
        conference_bridge: null,
        resolve_reason: null,
      },
    },
  });
}

/** Null: there was no answer. */
function post({ port, secret }: WebhookOrder, agent: Agent, body: string): Promise<number | null> {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return new Promise((resolve) => {
    const outgoing = request({
      agent,
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/webhooks/pagerduty',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-pagerduty-signature': `v1=${signature}`,
      },
    });
    outgoing.once('error', () => resolve(null));
    outgoing.once('response', (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? null));
    });
    outgoing.end(body);
  });
}
