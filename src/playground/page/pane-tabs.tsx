/** On a small screen one pane at a time. */
import { Icon } from './icon.tsx';
import { Unread } from './people/people.tsx';

export type Pane = 'places' | 'chat' | 'truth';

const PANES = [
  { pane: 'places', label: 'Workspace', icon: 'people' },
  { pane: 'chat', label: 'Chat', icon: 'chat' },
  { pane: 'truth', label: 'The truth', icon: 'truth' },
] as const;

interface Props {
  readonly pane: Pane;
  /** Over all conversations of who looks. */
  readonly unread: number;
  readonly onPane: (pane: Pane) => void;
}

export function PaneTabs({ pane, unread, onPane }: Props) {
  return (
    <nav className="pane-tabs" aria-label="Panes">
      {PANES.map((each) => (
        <button
          key={each.pane}
          type="button"
          className={`pane-tab pane-tab-${each.pane}`}
          aria-current={each.pane === pane ? 'page' : undefined}
          onClick={() => onPane(each.pane)}
        >
          <Icon name={each.icon} />
          {each.label}
          {each.pane === 'places' && unread > 0 ? <Unread count={unread} /> : null}
        </button>
      ))}
    </nav>
  );
}
