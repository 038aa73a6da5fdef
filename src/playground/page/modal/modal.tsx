/** A view that the bot has opened: a form, or something it says. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { ModalView } from '../../protocol.ts';
import { BlockList } from '../blocks/block-list.tsx';
import { asBlocks, inputsOf } from '../blocks/block-types.ts';
import { Dialog } from '../blocks/dialog.tsx';
import { Icon } from '../icon.tsx';
import type { Send } from '../live/act.ts';
import { unescaped } from '../words/mrkdwn.ts';
import { Field } from './field.tsx';
import { missing, type Typed, valuesOf } from './form-values.ts';
import type { LoadOptions } from './select-field.tsx';

interface Props {
  readonly view: ModalView;
  readonly send: Send;
  /** What went wrong with the last thing that was tried. */
  readonly problem: string | null;
}

export function Modal({ view, send, problem }: Props) {
  const scope = useId();
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState<Typed>({});
  const [empty, setEmpty] = useState<Readonly<Record<string, string>>>({});
  const [sending, setSending] = useState(false);
  const inputs = inputsOf(asBlocks(view.blocks));
  const errors = { ...view.errors, ...empty };
  const busy = sending || view.busy;
  const wrong = Object.keys(errors).join(' ');

  // Whoever submits hears what is wrong where it is wrong.
  useEffect(() => {
    if (wrong !== '' && !busy) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [wrong, busy]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const left = missing(inputs, typed);
    setEmpty(left);
    if (Object.keys(left).length > 0) return;
    setSending(true);
    await send({ do: 'submit', view: view.id, values: valuesOf(inputs, typed) }).finally(() =>
      setSending(false),
    );
  };
  const close = () => void send({ do: 'close-modal', view: view.id });
  const load =
    (blockId: string): LoadOptions =>
    async (actionId, words, signal) => {
      const answer = await send({ do: 'options', view: view.id, blockId, actionId, typed: words }, signal);
      return answer.ok ? (answer.options ?? []) : null;
    };

  return (
    <Dialog labelledBy={`${scope}-title`} onClose={close}>
      <form ref={form} className="modal" noValidate onSubmit={(event) => void submit(event)}>
        <div className="modal-head">
          <h2 id={`${scope}-title`} className="dialog-title">
            {unescaped(view.title)}
          </h2>
          <button type="button" className="modal-close" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <div className="modal-body">
          {problem ? (
            <p className="field-error" role="alert">
              {problem}
            </p>
          ) : null}
          <BlockList
            blocks={view.blocks}
            onPress={async (blockId, actionId) => {
              await send({ do: 'click', conversation: view.id, ts: null, blockId, actionId });
            }}
            drawInput={(block, note) => (
              <Field
                key={block.block_id}
                block={block}
                scope={scope}
                typed={typed}
                error={errors[block.block_id]}
                note={note}
                onValue={(value) => setTyped((before) => ({ ...before, [block.block_id]: value }))}
                load={load(block.block_id)}
              />
            )}
          />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={close}>
            {unescaped(view.close ?? 'Close')}
          </button>
          {view.submit ? (
            <button type="submit" className="button button-primary" aria-disabled={busy} aria-busy={busy}>
              {unescaped(view.submit)}
            </button>
          ) : null}
        </div>
      </form>
    </Dialog>
  );
}
