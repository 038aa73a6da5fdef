/**
 * From what was said, pressed or submitted to the operation behind it, and back as a reply. The one door
 * for every chat platform. A form opens for anybody: what it may do is asked when it is sent in.
 */
import { offerIncidents, requestForm } from '../src/chat/cards/forms.ts';
import { auditStranger } from '../src/operations/audit-refusal.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { identifySpeaker } from '../src/operations/identify-speaker.ts';
import { within } from '../src/within.ts';
import { actions } from './actions.ts';
import { submitApproveLess } from './approve.ts';
import {
  type Caller,
  type Command,
  type Inbound,
  type Reply,
  refuse,
  type Speaker,
  text,
} from './command.ts';
import { submitDeny } from './deny.ts';
import { submitExtend } from './extend.ts';
import { type GrammarContext, parseUtterance, type Utterance } from './grammar.ts';
import { openIncidentOptions } from './open-incident-options.ts';
import { registry } from './registry.ts';
import { parseRequestForm, problemsOf, request } from './request.ts';
import { revokeById } from './revoke.ts';

/** Of the three seconds within which a form has to open. */
const DIRECTORY_WITHIN_MS = 1_000;

type Of<K extends Inbound['kind']> = Extract<Inbound, { kind: K }>;

export function createDispatch(ctx: OperationContext) {
  return async function dispatch(inbound: Inbound): Promise<Reply> {
    switch (inbound.kind) {
      case 'words':
        return offering(await words(inbound), inbound.speaker);
      case 'action':
        return offering(await action(inbound), inbound.speaker);
      case 'form':
        return form(inbound);
    }
  };

  /** Whatever brought the form up, it offers the incidents that the ledger knows to be open. */
  async function offering(reply: Reply, speaker: Speaker): Promise<Reply> {
    if (reply.kind !== 'form' || reply.form.id !== 'request') return reply;
    return { kind: 'form', form: offerIncidents(reply.form, await openIncidentOptions(ctx, speaker)) };
  }

  async function words(inbound: Of<'words'>): Promise<Reply> {
    // Nothing said opens the form, which waits for nothing.
    const context = inbound.text.trim() === '' ? null : await grammarContext(inbound.speaker);
    const said = parseUtterance(inbound.text, context ?? { now: ctx.clocks.now(), timeZone: null });
    if (said.kind === 'nothing') return { kind: 'form', form: requestForm() };
    if (said.kind === 'misused') return text(said.why);
    const command = registry[said.kind] as Command<Utterance['kind']>;
    const opened = command.open?.(ctx, said, inbound.speaker.platform) ?? null;
    if (!opened) return asCaller(inbound, (caller) => command.run(ctx, caller, said));
    // What was asked wrongly is on record as well, but the form does not wait for that.
    if (said.kind === 'request') {
      void asCaller(inbound, (caller) => command.run(ctx, caller, said)).catch((err: unknown) =>
        ctx.log.warn({ err }, 'a refused request could not be put on record'),
      );
    }
    return opened;
  }

  async function action({ verb, id, ...inbound }: Of<'action'>): Promise<Reply> {
    const button = actions[verb];
    if ('open' in button) return button.open(id);
    return asCaller(inbound, (caller) => button.run(ctx, caller, id));
  }

  async function form(inbound: Of<'form'>): Promise<Reply> {
    const context = await grammarContext(inbound.speaker);
    const { values, about } = inbound;
    return asCaller(inbound, async (caller) => {
      switch (inbound.form) {
        case 'request': {
          const said = parseRequestForm(values, context);
          const errors = problemsOf(ctx, said.role, said);
          // What was asked wrongly is put on record by `run`.
          const reply = await request.run(ctx, caller, said);
          if (Object.keys(errors).length === 0) return reply;
          return { kind: 'form-errors', errors, incidents: await openIncidentOptions(ctx, inbound.speaker) };
        }
        case 'approve-less':
          return submitApproveLess(ctx, caller, about ?? '', values, context);
        case 'deny':
          return submitDeny(ctx, caller, about ?? '', values);
        case 'extend':
          return submitExtend(ctx, caller, about ?? '', values, context);
        case 'revoke':
          return revokeById(ctx, caller, about ?? '', values.reason?.trim() || null);
      }
    });
  }

  async function asCaller(
    inbound: { speaker: Speaker; key: string },
    run: (caller: Caller) => Promise<Reply>,
  ): Promise<Reply> {
    const identified = await identifySpeaker(ctx, inbound.speaker);
    if (!identified.ok) {
      await auditStranger(ctx, inbound.speaker, identified.refusal);
      return refuse(identified.refusal);
    }
    return run({ principal: identified.principal, deliveryKey: inbound.key });
  }

  /** Those that were opened by hand are written like tickets, which every reference may be. */
  function knowsReference(word: string): boolean {
    return [...ctx.incidents.values()].some((source) => source.recognises(word) !== null);
  }

  /** The speaker's time zone, for `until 18:00`. A directory that does not answer in time costs only that. */
  async function grammarContext(speaker: Speaker): Promise<GrammarContext> {
    const port = ctx.ports.get(speaker.platform);
    const profile = port
      ? await within(DIRECTORY_WITHIN_MS, port.profile(speaker.userId)).catch(() => null)
      : null;
    return { now: ctx.clocks.now(), timeZone: profile?.timeZone ?? null, knowsReference };
  }
}
