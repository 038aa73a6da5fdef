/** Who holds what, and for how much longer. */
import type { TruthView } from '../../protocol.ts';
import { countdown } from '../words/time.ts';
import { Dial } from './dial.tsx';
import { Section } from './section.tsx';

export function Grants({ grants, now }: { grants: TruthView['grants']; now: number }) {
  return (
    <Section title="Live grants" className="fact-grants">
      {grants.length === 0 ? <p className="quiet">Nobody holds anything.</p> : null}
      <ul className="grants">
        {grants.map((grant) => (
          <Grant key={grant.id} grant={grant} left={Date.parse(grant.endsAt) - now} />
        ))}
      </ul>
    </Section>
  );
}

function Grant({
  grant: { id, who, role, state, note },
  left,
}: {
  grant: TruthView['grants'][number];
  left: number;
}) {
  const runs = state === 'live';
  return (
    <li className="grant">
      <Dial key={String(runs)} left={runs ? left : 0} />
      <p className="grant-what">
        <strong>{who}</strong> <span className="grant-role">{role}</span>
        <span className="grant-id">
          {id} · {note ?? state}
        </span>
      </p>
      <span className={runs ? 'grant-left' : 'grant-left grant-state'} role="timer">
        {runs ? countdown(left) : state}
      </span>
    </li>
  );
}
