/** Slack's requests, by HTTP or Socket Mode, verified by Bolt → parse → dispatch → answer. */
import { App, HTTPReceiver, SocketModeReceiver, UnknownError, type ViewResponseAction } from '@slack/bolt';
import type { Inbound, ListRoles, Reply, Speaker } from '../../../commands/command.ts';
import { describeError } from '../../observability/describe-error.ts';
import { CHECKING, sayable } from '../answers.ts';
import type { Home } from '../card.ts';
import type { AppRefusal, LeftAs, Profile } from '../port.ts';
import { createSlackAnswers, ephemeral, FORM_DID_NOT_OPEN } from './answer.ts';
import { createWebClient, type SlackPort } from './client.ts';
import { appRefused, toChatError } from './errors.ts';
import { createListener, ENDPOINT, type Listener, MAX_BODY_BYTES } from './listener.ts';
import { createSlackLogger, type Log } from './log.ts';
import { type Parsed, parsePayload } from './parse.ts';
import { renderReply } from './render.ts';
import { renderForm, renderFormErrors, renderNotice, renderOptions } from './render-form.ts';

/** Slack waits for three seconds, and then shows a failure. */
const SLACK_WAITS_MS = 3000;
const ANSWER_WITHIN_MS = 2500;
/** A trigger lives 3 s: after that, an answer to `views.open` is of no use. */
const OPEN_FORM_WITHIN_MS = 2900;
const RESPOND_WITHIN_MS = 5000;
const DRAIN_WITHIN_MS = 10_000;

export interface SlackAppOptions {
  /** One of the two: requests by HTTP are signed with this … */
  readonly signingSecret?: string;
  /** … or Socket Mode. */
  readonly appToken?: string;
  readonly botToken: string;
  /** Another Web API root than Slack's, for tests. */
  readonly apiUrl?: string;
  readonly dispatch: (inbound: Inbound) => Promise<Reply>;
  readonly listRoles: ListRoles;
  readonly home: (speaker: Speaker) => Promise<Home>;
  /** Resolves when it is recorded; until then Slack is not told that it arrived, and sends it again. */
  readonly memberChanged: (change: {
    speaker: Speaker & Pick<Profile, 'alsoOf'>;
    deliveryKey: string;
    left: LeftAs;
  }) => Promise<void>;
  /** Slack said that the app is not let in any more. */
  readonly appRefused: (refusal: AppRefusal) => void;
  readonly port: Pick<SlackPort, 'direct' | 'post' | 'publishHome' | 'forget'>;
  readonly log: Log;
  readonly answerWithinMs?: number;
}

export interface SlackApp {
  /** For `POST /slack/events`; answers 404 under Socket Mode. */
  readonly listener: Listener;
  start(): Promise<void>;
  /** No new work, and what is under way is finished, or given up after 10 s. */
  stop(): Promise<void>;
}

export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { log, port } = options;
  const answers = createSlackAnswers({
    ...options,
    answerWithinMs: options.answerWithinMs ?? ANSWER_WITHIN_MS,
  });
  const forms = createWebClient({ ...options, timeoutMs: OPEN_FORM_WITHIN_MS });
  const receiver = createReceiver(options);
  const app = createBoltApp(options, receiver);

  /** Forms open here, while their trigger lives; all other replies go on as they are. */
  async function performAndOpen(parsed: Extract<Parsed, { kind: 'inbound' }>): Promise<Reply> {
    const reply = await answers.perform(parsed.inbound);
    if (reply.kind !== 'form' || !parsed.trigger) return sayable(reply);
    try {
      await forms.views.open({ trigger_id: parsed.trigger, view: renderForm(reply.form) });
      return { kind: 'none' };
    } catch (error) {
      log.warn({ code: toChatError(error, 'views.open').code }, 'Slack did not open a form.');
      return FORM_DID_NOT_OPEN;
    }
  }

  function roleOptions({ speaker, typed }: { speaker: Speaker; typed: string }) {
    try {
      return renderOptions(options.listRoles(speaker, typed));
    } catch (error) {
      log.error(describeError(error), 'Roles could not be listed.');
      return [];
    }
  }

  async function showHome(speaker: Speaker): Promise<void> {
    await port.publishHome(speaker.userId, await options.home(speaker));
  }

  app.command(/[\s\S]*/, async ({ body, ack, respond }) => {
    const parsed = parsePayload(body);
    if (parsed.kind !== 'inbound') return ack();
    const work = performAndOpen(parsed);
    const reply = await answers.inTime(work);
    const message = renderReply(reply ?? CHECKING);
    await ack(message ? ephemeral(message) : undefined);
    const to = { inbound: parsed.inbound, respond };
    if (!reply) answers.later(work.then((late) => answers.tellOutcome(to, late)));
  });

  app.action(/[\s\S]*/, async ({ body, ack, respond }) => {
    const parsed = parsePayload(body);
    if (parsed.kind !== 'inbound') return ack();
    const work = performAndOpen(parsed);
    const reply = await answers.inTime(work);
    await ack();
    const to = { inbound: parsed.inbound, respond };
    const told = reply
      ? answers.tell(to, reply)
      : answers.tell(to, CHECKING).then(async () => answers.tellOutcome(to, await work));
    // The home page shows what was true when it was opened: what was pressed there changes it.
    const onHome = 'view' in body && body.view?.type === 'home';
    answers.later(onHome ? told.then(() => showHome(parsed.inbound.speaker)) : told);
  });

  app.view(/[\s\S]*/, async ({ body, ack }) => {
    const parsed = parsePayload(body);
    if (parsed.kind !== 'inbound') return ack();
    const work = answers.perform(parsed.inbound);
    const reply = await answers.inTime(work);
    await ack(viewAnswer(reply ?? CHECKING));
    const to = { inbound: parsed.inbound };
    if (!reply) answers.later(work.then((late) => answers.tellOutcome(to, late)));
  });

  app.options(/[\s\S]*/, async ({ body, ack }) => {
    const parsed = parsePayload(body);
    await ack({ options: parsed.kind === 'role-query' ? roleOptions(parsed) : [] });
  });

  app.event('app_home_opened', async ({ body }) => {
    const parsed = parsePayload(body);
    if (parsed.kind !== 'home-opened') return;
    answers.later(showHome(parsed.speaker));
  });

  app.event(/^(app_uninstalled|tokens_revoked)$/, async ({ body }) => {
    const parsed = parsePayload(body);
    if (parsed.kind === 'app-refused') options.appRefused(appRefused(parsed.code));
  });

  app.event('user_change', async ({ body }) => {
    const parsed = parsePayload(body);
    if (parsed.kind !== 'member-changed') return;
    const { speaker, deliveryKey, left } = parsed;
    port.forget(speaker.userId);
    if (left !== null) await options.memberChanged({ speaker, deliveryKey, left });
  });

  return {
    listener:
      receiver instanceof HTTPReceiver && options.signingSecret
        ? createListener({ signingSecret: options.signingSecret, receiver, log })
        : (_request, response) => void response.writeHead(404).end(),
    async start() {
      if (receiver instanceof SocketModeReceiver) await app.start();
    },
    async stop() {
      if (receiver instanceof SocketModeReceiver) await app.stop();
      await answers.drain(DRAIN_WITHIN_MS);
    },
  };
}

function viewAnswer(reply: Reply): ViewResponseAction {
  switch (reply.kind) {
    case 'form-errors':
      return { response_action: 'errors', errors: renderFormErrors(reply.errors) };
    case 'form':
      return { response_action: 'update', view: renderForm(reply.form) };
    case 'text':
      return { response_action: 'update', view: renderNotice({ line: reply.line }) };
    case 'card':
      return { response_action: 'update', view: renderNotice({ card: reply.card }) };
    case 'none':
      return { response_action: 'clear' };
  }
}

function createReceiver(options: SlackAppOptions) {
  const { signingSecret, appToken, apiUrl, log, answerWithinMs = ANSWER_WITHIN_MS } = options;
  const logger = createSlackLogger(log, 'slack bolt');
  if (appToken) {
    const clientOptions = apiUrl ? { slackApiUrl: apiUrl.replace(/\/?$/, '/') } : {};
    return new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions } });
  }
  if (!signingSecret) throw new Error('Slack needs a signing secret, or an app token for Socket Mode.');
  return new HTTPReceiver({
    signingSecret,
    endpoints: [ENDPOINT],
    bodyLimit: MAX_BODY_BYTES,
    // The answer waits for the handler, so that an event that was not recorded is not reported as taken.
    processBeforeResponse: true,
    unhandledRequestTimeoutMillis: Math.max(SLACK_WAITS_MS, answerWithinMs) + 1,
    logger,
    processEventErrorHandler: async ({ error, response }) => {
      // What a handler throws arrives as an error of Bolt's; a bare TypeError is Bolt's own, at a shape
      // that it did not expect.
      const malformed = error instanceof TypeError;
      const cause = error instanceof UnknownError ? error.original : error;
      log.error(describeError(cause), 'A request from Slack was not recorded.');
      if (!response.headersSent) response.writeHead(malformed ? 400 : 503).end();
      return true;
    },
  });
}

function createBoltApp(options: SlackAppOptions, receiver: HTTPReceiver | SocketModeReceiver): App {
  return new App({
    receiver,
    // Bolt would ask Slack who the bot is at once, and end the process when Slack is down just then.
    authorize: async () => ({ botToken: options.botToken }),
    convoStore: false,
    logger: createSlackLogger(options.log, 'slack bolt'),
    clientOptions: {
      retryConfig: { retries: 0 },
      // `respond` uses it too, which has no time limit of its own.
      fetch: (url, init) =>
        fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(RESPOND_WITHIN_MS) }),
    },
  });
}
