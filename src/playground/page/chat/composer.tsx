/** Where people type: completes `/elevate` as they go. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '../icon.tsx';
import { OptionList, offerId, step } from '../option-list.tsx';
import { complete, type Known } from '../words/completion.ts';

interface Props {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** False where it could not be sent: then it stays here. */
  readonly onSend: (text: string) => Promise<boolean>;
  readonly known: Known;
  /** The field takes the focus when this changes. */
  readonly focus: number;
}

export function Composer({ label, text, onText, onSend, known, focus }: Props) {
  const listId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [active, setActive] = useState(-1);
  const [open, setOpen] = useState(true);
  const [busy, setBusy] = useState(false);
  const { suggestions, usage, unfinished } = complete(text, known);
  const offered = open && !busy ? suggestions : [];

  useEffect(() => {
    if (focus > 0) field.current?.focus();
  }, [focus]);

  const write = (next: string) => {
    onText(next);
    setActive(-1);
    setOpen(true);
  };
  const take = (index: number) => {
    const taken = offered[index];
    if (taken) write(taken.text);
    field.current?.focus();
  };
  const send = async () => {
    const said = text.trim();
    if (said === '' || busy) return;
    setBusy(true);
    const sent = await onSend(said).finally(() => setBusy(false));
    if (sent) write('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends the choice of a character (Chinese, Japanese ...) is not for us.
    if (event.nativeEvent.isComposing) return;
    const { key } = event;
    const isEnter = key === 'Enter' && !event.shiftKey;
    if (offered.length > 0) {
      if (key === 'ArrowDown') setActive(step(active, 1, offered.length));
      else if (key === 'ArrowUp') setActive(step(active, -1, offered.length));
      else if (key === 'Escape') setOpen(false);
      else if (key === 'Tab' && !event.shiftKey) take(Math.max(active, 0));
      else if (isEnter && (active >= 0 || unfinished)) take(Math.max(active, 0));
      else if (isEnter) void send();
      else return;
    } else if (isEnter) void send();
    else return;
    event.preventDefault();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p className="unseen" role="status">
        {offered.length > 0 && text !== ''
          ? `${offered.length} ${offered.length === 1 ? 'suggestion' : 'suggestions'}`
          : ''}
      </p>
      {offered.length > 0 ? (
        <div className="completion">
          <OptionList
            id={listId}
            label="What you can say"
            offers={offered.map((each) => ({ ...each, key: each.text }))}
            active={active}
            onPick={take}
          />
          <p className="completion-keys" aria-hidden="true">
            <kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Tab</kbd> take <kbd>Esc</kbd> close
          </p>
        </div>
      ) : null}
      <div className="composer-box">
        <textarea
          ref={field}
          className="composer-field"
          rows={1}
          value={text}
          placeholder={label}
          aria-label={label}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={offered.length > 0 ? listId : undefined}
          aria-activedescendant={offered.length > 0 && active >= 0 ? offerId(listId, active) : undefined}
          aria-describedby={`${listId}-usage`}
          maxLength={8000}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          className="composer-send"
          aria-label="Send"
          aria-disabled={busy || text.trim() === ''}
        >
          <Icon name="send" />
        </button>
      </div>
      <p className="composer-usage" id={`${listId}-usage`}>
        {usage ? `then ${usage}` : 'Enter sends, / shows what you can say'}
      </p>
    </form>
  );
}
