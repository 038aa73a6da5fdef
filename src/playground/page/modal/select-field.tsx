/** A select: offers options as somebody types; those of an `external_select` come from the bot. */
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import type { Option } from '../../protocol.ts';
import type { ExternalSelectElement, StaticSelectElement } from '../blocks/block-types.ts';
import { OptionList, offerId, step } from '../option-list.tsx';
import { unescaped } from '../words/mrkdwn.ts';

const PAUSE_MS = 150;

/** Null: could not be had. */
export type LoadOptions = (
  actionId: string,
  typed: string,
  signal: AbortSignal,
) => Promise<readonly Option[] | null>;

type Element = ExternalSelectElement | StaticSelectElement;

interface Props {
  readonly id: string;
  readonly element: Element;
  readonly value: Option | null;
  readonly required: boolean;
  readonly invalid: boolean;
  readonly describedBy: string | undefined;
  readonly onValue: (value: Option | null) => void;
  readonly load: LoadOptions;
}

export function SelectField({ id, element, value, required, invalid, describedBy, onValue, load }: Props) {
  const listId = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const { options, failed } = useOptions(typed, element, load);
  const open = typed !== null;

  const close = () => setTyped(null);
  const pick = (index: number) => {
    const option = options?.[index];
    if (option) onValue(option);
    close();
  };
  const type = (text: string) => {
    setTyped(text);
    setActive(-1);
    if (value) onValue(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = options?.length ?? 0;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (open) setActive(step(active, event.key === 'ArrowDown' ? 1 : -1, count));
      else setTyped('');
    } else if (open && event.key === 'Escape') close();
    else if (open && event.key === 'Enter') pick(active < 0 ? 0 : active);
    else return;
    // Esc is for the list, not for the dialog; Enter picks and does not submit.
    event.preventDefault();
  };
  const said = failed
    ? 'The options cannot be had just now.'
    : options === null
      ? 'Looking …'
      : 'Nothing fits that.';
  return (
    <div className="select">
      <input
        id={id}
        type="text"
        className="field-input"
        role="combobox"
        autoComplete="off"
        value={typed ?? (value ? unescaped(value.text.text) : '')}
        placeholder={element.placeholder ? unescaped(element.placeholder.text) : undefined}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={open && options?.length ? listId : undefined}
        aria-activedescendant={open && active >= 0 ? offerId(listId, active) : undefined}
        aria-required={required}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        onClick={() => setTyped(typed ?? '')}
        onChange={(event) => type(event.target.value)}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      <p className="unseen" role="status">
        {open && options ? `${options.length} to choose from` : ''}
      </p>
      {open ? (
        <div className="select-list">
          {options && options.length > 0 ? (
            <OptionList
              id={listId}
              label="Options"
              offers={options.map(asOffer)}
              active={active}
              onPick={pick}
            />
          ) : (
            <p className="select-empty">{said}</p>
          )}
        </div>
      ) : null}
    </div>
  );
}

function asOffer({ value, text, description }: Option) {
  return { key: value, label: unescaped(text.text), detail: description ? unescaped(description.text) : '' };
}

/** The newest answer only; the ones before stay in sight until it is there. */
function useOptions(typed: string | null, element: Element, load: LoadOptions) {
  const [options, setOptions] = useState<readonly Option[] | null>(null);
  const [failed, setFailed] = useState(false);
  const least = element.type === 'static_select' ? 0 : (element.min_query_length ?? 3);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is new whenever the page is drawn
  useEffect(() => {
    if (typed === null || typed.length < least) return;
    const abort = new AbortController();
    const ask = async () => {
      const found = await load(element.action_id, typed, abort.signal);
      if (abort.signal.aborted) return;
      setOptions(found);
      setFailed(found === null);
    };
    const timer = window.setTimeout(() => void ask(), typed === '' ? 0 : PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [typed, element.action_id, least]);
  return { options, failed };
}
