/** A webhook receiver that answers as the test tells it, and a connector that speaks to it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect } from 'vitest';
import { webhookConnector } from '../../src/connectors/webhook/webhook-connector.ts';
import { listen, SECRET } from './webhook-world.ts';

export interface Question {
  readonly id: string;
  readonly attempt: string;
  readonly type: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

export type Answer = (question: Question, response: ServerResponse) => void | Promise<void>;

/** Call it at the top of a file or a `describe`: what it opens is closed after each test. */
export function answeringReceivers() {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  function connect(url: string, more: Record<string, unknown> = {}) {
    const settings = webhookConnector.config.parse({ kind: 'webhook', url, secret: SECRET, ...more });
    const connector = webhookConnector.create('billing', settings, ['acme.test']);
    cleanUps.unshift(() => connector.close());
    return connector;
  }

  /** A connector whose receiver answers as told. */
  async function answering(answer: Answer) {
    const server = await listen(async (request: IncomingMessage, response: ServerResponse) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const headers = request.headers as Record<string, string>;
      const { attempt, type } = JSON.parse(body) as { attempt: string; type: string };
      await answer({ id: headers['webhook-id'] ?? '', attempt, type, body, headers }, response);
    });
    cleanUps.push(server.close);
    return connect(`http://127.0.0.1:${server.port}/`);
  }

  return { cleanUps, connect, answering };
}

export function send(response: ServerResponse, id: string, body: unknown, status = 200, secret = SECRET) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const at = new Date();
  response.writeHead(status, {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, text),
  });
  response.end(text);
}

export const failureOf = async (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`should have failed, but gave ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
