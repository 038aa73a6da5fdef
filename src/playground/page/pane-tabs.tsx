/** On a small screen one pane at a time. */
import { Icon } from './icon.tsx';

export type Pane = 'places' | 'chat' | 'truth';

const PANES = [
  { pane: 'places', label: 'Workspace', icon: 'people' },
  { pane: 'chat', label: 'Chat', icon: 'chat' },
  { pane: 'truth', label: 'The truth', icon: 'truth' },
] as const;

export function PaneTabs({ pane, onPane }: { pane: Pane; onPane: (pane: Pane) => void }) {
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
        </button>
      ))}
    </nav>
  );
}
