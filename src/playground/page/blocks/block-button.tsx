/** A button of a message: asks first where the bot wants that, and cannot be pressed twice at once. */
import { useState } from 'react';
import { unescaped } from '../words/mrkdwn.ts';
import type { ButtonElement } from './block-types.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** Resolves when the bot has answered. */
export type Press = (blockId: string, actionId: string) => Promise<void>;

export function BlockButton({
  blockId,
  button,
  onPress,
}: {
  blockId: string;
  button: ButtonElement;
  onPress: Press;
}) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const press = async () => {
    setAsking(false);
    setBusy(true);
    await onPress(blockId, button.action_id).finally(() => setBusy(false));
  };
  const start = () => {
    if (busy) return;
    if (button.confirm) setAsking(true);
    else void press();
  };
  return (
    <>
      {/* Not `disabled`: that would take the focus away from whoever pressed it. */}
      <button
        type="button"
        className={`button button-${button.style ?? 'plain'}`}
        aria-disabled={busy}
        aria-busy={busy}
        onClick={start}
      >
        {unescaped(button.text.text)}
      </button>
      {asking && button.confirm ? (
        <ConfirmDialog confirm={button.confirm} onYes={() => void press()} onNo={() => setAsking(false)} />
      ) : null}
    </>
  );
}
