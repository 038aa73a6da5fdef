/** What a field offers while somebody types: a listbox that the field moves through with the arrow keys. */
import { useEffect, useRef } from 'react';

export interface Offer {
  readonly key: string;
  readonly label: string;
  readonly detail: string;
}

interface Props {
  readonly id: string;
  readonly label: string;
  readonly offers: readonly Offer[];
  /** Index, or -1. */
  readonly active: number;
  readonly onPick: (index: number) => void;
}

export const offerId = (listId: string, index: number) => `${listId}-${index}`;

/** Round and round; -1 is "none yet". */
export function step(active: number, by: 1 | -1, count: number): number {
  if (count === 0) return -1;
  if (active < 0) return by === 1 ? 0 : count - 1;
  return (active + by + count) % count;
}

export function OptionList({ id, label, offers, active, onPick }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div ref={ref} id={id} className="offers" role="listbox" aria-label={label}>
      {offers.map((offer, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and the keys
        <div
          key={offer.key}
          id={offerId(id, index)}
          className="offer"
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          // Before the field loses the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(index)}
        >
          <span className="offer-label">{offer.label}</span>
          <span className="offer-detail">{offer.detail}</span>
        </div>
      ))}
    </div>
  );
}
