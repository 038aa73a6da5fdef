/** Block Kit's confirmation: a question before a button does its work. */
import { useId } from 'react';
import { unescaped } from '../words/mrkdwn.ts';
import type { ConfirmObject } from './block-types.ts';
import { Dialog } from './dialog.tsx';
import { Text } from './mrkdwn.tsx';

export function ConfirmDialog({
  confirm,
  onYes,
  onNo,
}: {
  confirm: ConfirmObject;
  onYes: () => void;
  onNo: () => void;
}) {
  const id = useId();
  return (
    <Dialog labelledBy={`${id}-title`} describedBy={`${id}-text`} className="dialog-small" onClose={onNo}>
      <h2 id={`${id}-title`} className="dialog-title">
        {unescaped(confirm.title.text)}
      </h2>
      <p id={`${id}-text`} className="dialog-body">
        <Text of={confirm.text} />
      </p>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onNo}>
          {unescaped(confirm.deny.text)}
        </button>
        <button type="button" className={`button button-${confirm.style ?? 'primary'}`} onClick={onYes}>
          {unescaped(confirm.confirm.text)}
        </button>
      </div>
    </Dialog>
  );
}
