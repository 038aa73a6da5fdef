/** The guided first minute: what to do next, and a button that does it. */
import type { ReactNode } from 'react';
import type { Handle, Snapshot } from '../../protocol.ts';
import { Icon } from '../icon.tsx';
import { addressOf } from '../live/use-place.ts';

export const FIRST_WORDS = '/elevate prod-dba 5m INC-1042 failing over the primary';

interface Props {
  readonly snapshot: Pick<Snapshot, 'you' | 'hint'>;
  /** The card that waits is in sight. */
  readonly sees: boolean;
  readonly onFill: (text: string) => void;
  readonly onBecome: (handle: Handle) => void;
  readonly onFind: () => void;
  readonly onAdvance: () => void;
  readonly onDismiss: () => void;
}

export function Hint(props: Props) {
  const { snapshot, onDismiss } = props;
  if (snapshot.hint === null) return null;
  const { title, text, action } = steps(props)[snapshot.hint];
  return (
    <section className="hint" aria-label="Your first minute">
      <ol className="hint-steps" aria-label={`Step ${snapshot.hint} of 3`}>
        {[1, 2, 3].map((step) => (
          <li
            key={step}
            className={step < (snapshot.hint ?? 0) ? 'hint-step hint-past' : 'hint-step'}
            aria-current={step === snapshot.hint ? 'step' : undefined}
          >
            {step < (snapshot.hint ?? 0) ? <Icon name="seal" /> : step}
          </li>
        ))}
      </ol>
      <p className="hint-text">
        <strong>{title}</strong> {text}
      </p>
      <div className="hint-do">{action}</div>
      <button type="button" className="hint-close" aria-label="Hide these hints" onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </section>
  );
}

interface Step {
  readonly title: string;
  readonly text: ReactNode;
  readonly action: ReactNode;
}

const IN_ANOTHER_WINDOW = (
  <>
    He owns the role, so he may approve what Ana asks for. Be him here, or{' '}
    <a href={addressOf({ as: 'omar', at: '' })} target="_blank" rel="noopener">
      in another window
    </a>
    .
  </>
);

function steps(props: Props): Record<1 | 2 | 3, Step> {
  const { snapshot, sees, onFill, onBecome, onFind, onAdvance } = props;
  const doIt = (label: string, onClick: () => void) => (
    <button type="button" className="button button-lamp" onClick={onClick}>
      {label}
    </button>
  );
  return {
    1: {
      title: 'The primary is failing, and Ana is on call.',
      text: (
        <>
          She needs the database for five minutes: <code>{FIRST_WORDS}</code>
        </>
      ),
      action:
        snapshot.you === 'ana'
          ? doIt('Type it for me', () => onFill(FIRST_WORDS))
          : doIt('Be Ana', () => onBecome('ana')),
    },
    2: {
      title: 'Now Omar decides.',
      text:
        snapshot.you !== 'omar'
          ? IN_ANOTHER_WINDOW
          : sees
            ? 'You own the role. Read the card, then click Approve.'
            : 'You own the role. The card waits in another conversation.',
      action:
        snapshot.you !== 'omar'
          ? doIt('Be Omar', () => onBecome('omar'))
          : sees
            ? null
            : doIt('Show the card', onFind),
    },
    3: {
      title: 'Ana really is in PostgreSQL now.',
      text: 'Nobody has to remember to take that away. Move the clock, and watch it go by itself.',
      action: doIt('Move it by 5 minutes', onAdvance),
    },
  };
}
