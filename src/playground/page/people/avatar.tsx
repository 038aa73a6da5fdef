import type { MessageView, PersonView } from '../../protocol.ts';
import { Moon } from '../icon.tsx';

/** Beside a name, never instead of one. */
export function Avatar({ of, name }: { of: MessageView['from'] | PersonView['handle']; name: string }) {
  return (
    <span className={`avatar avatar-${of}`} aria-hidden="true">
      {of === 'curfew' ? <Moon /> : name.charAt(0).toUpperCase()}
    </span>
  );
}
