/**
 * A small PagerDuty: incidents that people open and close by hand, webhooks that are signed as the real ones
 * are, and an API that answers what Curfew asks. https://developer.pagerduty.com/docs/webhooks-overview
 */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../observability/log.ts';
import { createPagerDutyApi, type PagerDutyIncident } from './pagerduty-api.ts';
import type { IncidentStep, IncidentView } from './protocol.ts';

export interface PagerDutyOptions {
  readonly webhookSecret: string;
  readonly token: string;
  /** Something is different that a page shows. */
  readonly changed: () => void;
  readonly log: Log;
}

const TITLES = [
  'Database primary is down',
  'Checkout is slow in Europe',
  'Replica lag is growing',
  'Payments are refused',
];
const FIRST_NUMBER = 1042;
const MOST_KEPT = 50;
/** Real. PagerDuty itself tries for longer: a bot that was killed is back by then. */
const RETRIES_MS = [500, 1_000, 2_000, 4_000, 8_000];
const PATIENCE_MS = 5_000;

const EVENTS: Readonly<Record<IncidentStep, string>> = {
  open: 'incident.triggered',
  acknowledge: 'incident.acknowledged',
  resolve: 'incident.resolved',
  reopen: 'incident.reopened',
};
/** From which states each step leads, and to which. */
const STEPS: Readonly<
  Record<
    Exclude<IncidentStep, 'open'>,
    { from: readonly IncidentView['status'][]; to: IncidentView['status'] }
  >
> = {
  acknowledge: { from: ['triggered'], to: 'acknowledged' },
  resolve: { from: ['triggered', 'acknowledged'], to: 'resolved' },
  reopen: { from: ['resolved'], to: 'triggered' },
};

/** Its API is on 127.0.0.1, at any free port. */
export function createPagerDuty({ webhookSecret, token, changed, log }: PagerDutyOptions) {
  const incidents = new Map<string, PagerDutyIncident>();
  const stopped = new AbortController();
  let botUrl: string | null = null;
  let lost = false;

  const newest = () => [...incidents.values()].at(-1);

  function put(incident: PagerDutyIncident): PagerDutyIncident {
    incidents.set(incident.id, incident);
    for (const id of [...incidents.keys()].slice(0, -MOST_KEPT)) incidents.delete(id);
    changed();
    return incident;
  }

  const api = createPagerDutyApi({
    token,
    incidents: () => [...incidents.values()],
    note: (incident, text) => void put({ ...incident, notes: [...incident.notes, text] }),
    log,
  });

  /** What is said is signed as it leaves; who does not take it is told again for a while. */
  async function send(incident: PagerDutyIncident, step: IncidentStep, agent: Agent): Promise<void> {
    const body = JSON.stringify(webhookOf(incident, EVENTS[step], agent));
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    for (const waitMs of [0, ...RETRIES_MS]) {
      await pause(waitMs, null, { signal: stopped.signal });
      if (await deliver(body, `v1=${signature}`)) return;
    }
  }

  async function deliver(body: string, signature: string): Promise<boolean> {
    if (lost) return true;
    if (botUrl === null) return false;
    try {
      const answer = await fetch(`${botUrl}/webhooks/pagerduty`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-pagerduty-signature': signature },
        body,
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  return {
    /** Resolves with the API's address. */
    start: async () => ({ apiUrl: `http://127.0.0.1:${await api.start()}` }),
    talkTo(url: string | null): void {
      botUrl = url;
    },
    setFaults({ webhooksLost }: { webhooksLost: boolean }): void {
      lost = webhooksLost;
    },
    newest,
    /** Done by somebody in PagerDuty. Null, or why it cannot be done. */
    act(step: IncidentStep, agent: Agent): string | null {
      const last = newest();
      if (step !== 'open' && !(last && STEPS[step].from.includes(last.status)))
        return last ? `The incident #${last.number} is ${last.status}.` : 'There is no incident yet.';
      if (step === 'open' && last && last.status !== 'resolved')
        return `The incident #${last.number} is open already.`;
      const incident = put(step === 'open' || !last ? opened(last) : moved(last, STEPS[step].to, agent));
      void send(incident, step, agent).catch(() => {});
      return null;
    },
    async stop(): Promise<void> {
      stopped.abort();
      await api.stop();
    },
  };
}

export interface Agent {
  readonly name: string;
  readonly email: string;
}

function opened(last: PagerDutyIncident | undefined): PagerDutyIncident {
  const number = (last?.number ?? FIRST_NUMBER - 1) + 1;
  return {
    id: `Q${randomBytes(13).toString('hex').slice(0, 13).toUpperCase()}`,
    number,
    title: TITLES[(number - FIRST_NUMBER) % TITLES.length] ?? '',
    status: 'triggered',
    createdAt: new Date(),
    acknowledger: null,
    notes: [],
  };
}

function moved(incident: PagerDutyIncident, status: IncidentView['status'], agent: Agent): PagerDutyIncident {
  const acknowledger =
    status === 'acknowledged' ? agent : status === 'triggered' ? null : incident.acknowledger;
  return { ...incident, status, acknowledger };
}

/** https://developer.pagerduty.com/docs/webhooks-overview#webhook-payload */
function webhookOf(incident: PagerDutyIncident, type: string, agent: Agent) {
  return {
    event: {
      id: randomUUID(),
      event_type: type,
      resource_type: 'incident',
      occurred_at: new Date().toISOString(),
      agent: { type: 'user_reference', summary: agent.name },
      data: {
        id: incident.id,
        type: 'incident',
        number: incident.number,
        status: incident.status,
        created_at: incident.createdAt.toISOString(),
        title: incident.title,
        service: { type: 'service_reference', summary: 'payments-db' },
        priority: { type: 'priority_reference', summary: 'P1' },
        urgency: 'high',
        resolve_reason: null,
      },
    },
  };
}
