/** Forms in the playground open, fill, fail and close as Slack's do. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FieldValue } from '../../../src/playground/protocol.ts';
import { createStage, form, header, plain, type Stage, withButton } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const code = (error: string) => ({ data: expect.objectContaining({ error }) });
const open = (trigger_id: string, title = 'Form') =>
  stage.client.views.open({ trigger_id, view: form(title) });
const words = (value: string): FieldValue => ({ type: 'plain_text_input', value });
const submits = (reason: string, view = stage.modal('ana').id) =>
  stage.workspace.act('ana', { do: 'submit', view, values: { reason: { words: words(reason) } } });
/** The payloads of one type that the bot has heard. */
const heard = (type: string) =>
  stage.bot.heard.map(({ payload }) => payload).filter((payload) => payload.type === type);

describe('a trigger', () => {
  it('opens one form, for the person who did something', async () => {
    const trigger = await stage.trigger();
    await open(trigger);
    await expect(open(trigger)).rejects.toMatchObject(code('exchanged_trigger_id'));
    expect(stage.workspace.view('ana').modals).toHaveLength(1);
    expect(stage.workspace.view('omar').modals).toEqual([]);
  });

  it('is good for three seconds', async () => {
    const [early, late] = [await stage.trigger(), await stage.trigger()];
    stage.pass(3);
    await open(early, 'In time');
    stage.pass(0.001);
    await expect(open(late)).rejects.toMatchObject(code('expired_trigger_id'));
    await expect(open('1.2.made-up')).rejects.toMatchObject(code('invalid_trigger_id'));
    expect(stage.workspace.view('ana').modals.map(({ title }) => title)).toEqual(['In time']);
  });

  it('comes with a click as well, and with a form that is sent, on which two more can stand', async () => {
    const posted = await stage.client.chat.postMessage({ channel: stage.id('dba'), ...withButton('x') });
    const on = { conversation: stage.id('dba'), ts: posted.ts ?? '', blockId: 'buttons', actionId: 'go' };
    expect(await stage.workspace.act('ana', { do: 'click', ...on })).toEqual({ ok: true });
    expect(heard('block_actions')).toMatchObject([
      {
        actions: [{ action_id: 'go', block_id: 'buttons', value: 'R-1' }],
        container: { message_ts: posted.ts },
      },
    ]);
    await open(String(heard('block_actions')[0]?.trigger_id), 'One');
    stage.bot.answers(() => ({ json: { response_action: 'errors', errors: { reason: 'no' } } }));
    const push = async (title: string) => {
      await submits('because');
      const trigger_id = String(heard('view_submission').at(-1)?.trigger_id);
      return stage.client.views.push({ trigger_id, view: form(title) });
    };
    await push('Two');
    await push('Three');
    await expect(push('Four')).rejects.toMatchObject(code('push_limit_reached'));
    expect(stage.workspace.view('ana').modals.map(({ title }) => title)).toEqual(['One', 'Two', 'Three']);
    stage.bot.answers(() => ({ json: { response_action: 'clear' } }));
    await submits('because');
    expect(stage.workspace.view('ana').modals).toEqual([]);
  });
});

describe('a form that is sent', () => {
  beforeEach(async () => void (await open(await stage.trigger())));

  it('carries what was filled in, by block and action, and closes', async () => {
    expect(await submits('because')).toEqual({ ok: true });
    expect(heard('view_submission')).toMatchObject([
      {
        user: { id: stage.person('ana') },
        view: {
          callback_id: 'form',
          private_metadata: 'meta',
          hash: expect.any(String),
          state: {
            values: {
              role: { find: { type: 'external_select', selected_option: null } },
              reason: { words: { type: 'plain_text_input', value: 'because' } },
            },
          },
        },
      },
    ]);
    expect(stage.workspace.view('ana').modals).toEqual([]);
  });

  it('stays where a field is missing or too long, and the bot does not hear of it', async () => {
    expect(await submits('')).toMatchObject({ ok: false });
    expect(stage.modal('ana').errors).toEqual({ reason: 'Please complete this required field.' });
    expect(await submits('x'.repeat(21))).toMatchObject({ ok: false });
    expect(stage.modal('ana').errors.reason).toContain('At most 20');
    expect(heard('view_submission')).toEqual([]);
  });

  it('shows what the bot finds wrong beside the field', async () => {
    stage.bot.answers(() => ({ json: { response_action: 'errors', errors: { reason: 'Say more.' } } }));
    await submits('because');
    expect(stage.modal('ana')).toMatchObject({ errors: { reason: 'Say more.' }, busy: false });
    expect(stage.workspace.violations()).toEqual([]);
    stage.bot.answers(() => ({ json: { response_action: 'errors', errors: { nowhere: 'Lost.' } } }));
    await submits('because');
    expect(stage.workspace.violations()).toEqual([expect.stringContaining('no field nowhere')]);
  });

  it('can turn into another, or have another on top', async () => {
    stage.bot.answers(() => ({ json: { response_action: 'push', view: form('On top') } }));
    await submits('because');
    expect(stage.workspace.view('ana').modals.map(({ title }) => title)).toEqual(['Form', 'On top']);
    const notice = { type: 'modal', callback_id: 'n', title: plain('Noted'), blocks: [header('Noted')] };
    stage.bot.answers(() => ({ json: { response_action: 'update', view: notice } }));
    await submits('because');
    expect(stage.modal('ana')).toMatchObject({ title: 'Noted', submit: null, errors: {} });
  });

  it('stays as it is when the answer is none that Slack takes', async () => {
    stage.bot.answers(() => ({ json: { response_action: 'update', view: form('x'.repeat(25)) } }));
    expect(await submits('because')).toMatchObject({ ok: false });
    expect(stage.modal('ana')).toMatchObject({ title: 'Form', busy: false });
    expect(stage.workspace.violations()).toEqual([expect.stringContaining('the answer to a form')]);
  });

  it('waits three seconds, busy, and then says that it did not get through', async () => {
    stage.bot.answers(() => 'nothing');
    const sent = submits('because');
    await stage.bot.hears(2);
    expect(stage.modal('ana').busy).toBe(true);
    expect(await submits('because')).toMatchObject({
      ok: false,
      error: expect.stringContaining('on its way'),
    });
    stage.timers.ring(3000);
    expect(await sent).toMatchObject({ ok: false, error: expect.stringContaining('operation_timeout') });
    expect(stage.modal('ana').busy).toBe(false);
  });

  it('is nobody else’s to fill in or to close', async () => {
    const { id: view } = stage.modal('ana');
    expect(await stage.workspace.act('omar', { do: 'submit', view, values: {} })).toMatchObject({
      ok: false,
    });
    expect(await stage.workspace.act('omar', { do: 'close-modal', view })).toMatchObject({ ok: false });
    expect(stage.modal('ana').id).toBe(view);
  });
});

describe('options', () => {
  const option = { text: plain('Prod DBA'), value: 'prod-dba' };
  const look = (typed: string) =>
    stage.workspace.act('ana', {
      do: 'options',
      view: stage.modal('ana').id,
      blockId: 'role',
      actionId: 'find',
      typed,
    });
  const choose = (value: string) =>
    stage.workspace.act('ana', {
      do: 'submit',
      view: stage.modal('ana').id,
      values: {
        role: { find: { type: 'external_select', selected_option: { ...option, value } } },
        reason: { words: words('because') },
      },
    });

  beforeEach(async () => {
    await open(await stage.trigger());
    stage.bot.answers(({ type }) => (type === 'block_suggestion' ? { json: { options: [option] } } : {}));
  });

  it('are asked for as people type, and only what was offered can be chosen', async () => {
    expect(await look('dba')).toEqual({ ok: true, options: [option] });
    expect(heard('block_suggestion')).toMatchObject([{ value: 'dba', action_id: 'find', block_id: 'role' }]);
    await choose('prod-dba');
    const chosen = { view: { state: { values: { role: { find: { selected_option: option } } } } } };
    expect(heard('view_submission')).toMatchObject([chosen]);
  });

  it('that were never offered are not sent', async () => {
    await choose('root');
    const none = { view: { state: { values: { role: { find: { selected_option: null } } } } } };
    expect(heard('view_submission')).toMatchObject([none]);
  });

  it('of more than a hundred are not shown, and remembered as refused', async () => {
    const many = Array.from({ length: 101 }, (_, n) => ({ ...option, value: `r${n}` }));
    stage.bot.answers(() => ({ json: { options: many } }));
    expect(await look('')).toMatchObject({ ok: false });
    expect(stage.workspace.violations()).toEqual([expect.stringContaining('options')]);
  });
});

describe('views.update', () => {
  it('changes the form that is open, unless it has changed since, or is closed', async () => {
    const { view } = await open(await stage.trigger());
    const { id: view_id = '', hash = '' } = view ?? {};
    await stage.client.views.update({ view_id, hash, view: form('Second') });
    expect(stage.modal('ana')).toMatchObject({ id: view_id, title: 'Second' });
    const stale = stage.client.views.update({ view_id, hash, view: form('Third') });
    await expect(stale).rejects.toMatchObject(code('hash_conflict'));
    expect(await stage.workspace.act('ana', { do: 'close-modal', view: view_id })).toEqual({ ok: true });
    const gone = stage.client.views.update({ view_id, view: form('Third') });
    await expect(gone).rejects.toMatchObject(code('not_found'));
  });
});

describe('closing', () => {
  it.each([
    [true, 1],
    [false, 0],
  ])('is told to the bot where it asked for it: %s', async (notify_on_close, times) => {
    const view = form('Form', { notify_on_close });
    await stage.client.views.open({ trigger_id: await stage.trigger(), view });
    await stage.workspace.act('ana', { do: 'close-modal', view: stage.modal('ana').id });
    expect(heard('view_closed')).toHaveLength(times);
    expect(stage.workspace.view('ana').modals).toEqual([]);
  });
});

describe('the home page', () => {
  it('is asked for when it is opened, shown when it is published, and has buttons that work', async () => {
    expect(await stage.workspace.act('ana', { do: 'open-home' })).toEqual({ ok: true });
    const opened = { type: 'app_home_opened', user: stage.person('ana'), tab: 'home' };
    expect(heard('event_callback')).toMatchObject([
      { event: opened, event_id: expect.stringMatching(/^Ev/) },
    ]);
    expect(stage.workspace.view('ana').home).toBe(null);
    const { blocks } = withButton('Home');
    await stage.client.views.publish({ user_id: stage.person('ana'), view: { type: 'home', blocks } });
    expect(stage.workspace.view('ana').home).toMatchObject(blocks);
    const press = { do: 'click', conversation: 'home', ts: null, blockId: 'buttons' } as const;
    expect(await stage.workspace.act('ana', { ...press, actionId: 'go' })).toEqual({ ok: true });
    expect(heard('block_actions')).toMatchObject([{ view: { type: 'home' }, actions: [{ value: 'R-1' }] }]);
    expect(await stage.workspace.act('ana', { ...press, actionId: 'gone' })).toMatchObject({ ok: false });
    expect(await stage.workspace.act('omar', { ...press, actionId: 'go' })).toMatchObject({ ok: false });
  });
});
