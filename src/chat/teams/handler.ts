/** Which of Teams' activities is which: botbuilder tells them apart, and `parse.ts` reads each one. */
import {
  type Activity,
  type InvokeResponse,
  type MessagingExtensionActionResponse,
  type TaskModuleResponse,
  TeamsActivityHandler,
  type TurnContext,
} from 'botbuilder';
import { type Connect, TeamsAdapter } from './adapter.ts';
import type { HttpAnswer } from './listener.ts';

/** What Curfew has something to do with. botbuilder's own reading of some of the others throws on what they lack. */
const TAKEN: readonly string[] = ['message', 'invoke', 'installationUpdate', 'conversationUpdate'];
const DIALOGS: readonly (string | undefined)[] = [
  'task/fetch',
  'task/submit',
  'composeExtension/fetchTask',
  'composeExtension/submitAction',
];

type Handle = (activity: unknown) => Promise<HttpAnswer>;

/**
 * One turn. What Curfew answered is kept in `answer`, for botbuilder has no answer to a message, and makes a
 * card's own status the status of HTTP, where Teams wants 200.
 */
class TeamsTurn extends TeamsActivityHandler {
  answer: HttpAnswer = { status: 200 };
  readonly #handle: Handle;

  constructor(handle: Handle) {
    super();
    this.#handle = handle;
  }

  protected override async onTurnActivity(context: TurnContext): Promise<void> {
    if (TAKEN.includes(context.activity.type)) await super.onTurnActivity(context);
  }

  protected override async onMessageActivity(context: TurnContext): Promise<void> {
    await this.#take(context);
  }

  protected override async onInstallationUpdateActivity(context: TurnContext): Promise<void> {
    await this.#take(context);
  }

  /** Not botbuilder's own, which asks Teams about each new member, one after the other. */
  protected override async onConversationUpdateActivity(context: TurnContext): Promise<void> {
    await this.#take(context);
  }

  /** Cards and searches are read by us alone: botbuilder throws on a card without an action. */
  protected override async onInvokeActivity(context: TurnContext): Promise<InvokeResponse> {
    if (DIALOGS.includes(context.activity.name)) return super.onInvokeActivity(context);
    return this.#take(context);
  }

  protected override handleTeamsTaskModuleFetch(context: TurnContext): Promise<TaskModuleResponse> {
    return this.#bodyOf(context);
  }

  protected override handleTeamsTaskModuleSubmit(context: TurnContext): Promise<TaskModuleResponse> {
    return this.#bodyOf(context);
  }

  protected override handleTeamsMessagingExtensionFetchTask(
    context: TurnContext,
  ): Promise<MessagingExtensionActionResponse> {
    return this.#bodyOf(context);
  }

  protected override handleTeamsMessagingExtensionSubmitActionDispatch(
    context: TurnContext,
  ): Promise<MessagingExtensionActionResponse> {
    return this.#bodyOf(context);
  }

  async #take(context: TurnContext): Promise<HttpAnswer> {
    this.answer = await this.#handle(context.activity);
    return this.answer;
  }

  async #bodyOf(context: TurnContext): Promise<object> {
    const { body } = await this.#take(context);
    return body ?? {};
  }
}

/**
 * Runs `handle` in a turn of botbuilder's; the answer is `handle`'s.
 *
 * @param connect what botbuilder calls Teams with, if anything in a turn ever does
 */
export function createTurnRunner(options: { appId: string; connect: Connect; handle: Handle }): Handle {
  const { appId, connect, handle } = options;
  const adapter = new TeamsAdapter({ appId, connect });
  return async (genuine) => {
    const turn = new TeamsTurn(handle);
    await adapter.turn(genuine as Activity, (context) => turn.run(context));
    return turn.answer;
  };
}
