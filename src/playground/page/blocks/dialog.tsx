/** A modal dialog by the browser's own: focus stays within, Esc closes, focus goes back to where it was. */
import { type ReactNode, useLayoutEffect, useRef } from 'react';

export function Dialog({
  labelledBy,
  describedBy,
  className = '',
  onClose,
  children,
}: {
  labelledBy: string;
  describedBy?: string;
  className?: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      const back = opener instanceof HTMLElement && opener.isConnected ? opener : null;
      (back ?? document.querySelector<HTMLElement>('.chat'))?.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog ${className}`}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      onCancel={(event) => {
        // It goes when the state says so, not by itself.
        event.preventDefault();
        onClose();
      }}
      onClose={({ currentTarget }) => {
        // A second Esc closes it without asking.
        if (currentTarget.isConnected && !currentTarget.open) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
