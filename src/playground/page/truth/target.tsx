/** The target itself, read now: who is a member of what. */
import type { TruthView } from '../../protocol.ts';
import { Section } from './section.tsx';

export function Target({ target: { reachable, roles } }: { target: TruthView['target'] }) {
  return (
    <Section
      title="What PostgreSQL says"
      aside={
        <span className={reachable ? 'state state-good' : 'state state-alarm'}>
          {reachable ? 'answers' : 'does not answer'}
        </span>
      }
    >
      <table className={reachable ? 'members' : 'members members-unknown'}>
        <thead>
          <tr>
            <th scope="col">role</th>
            <th scope="col">members</th>
          </tr>
        </thead>
        <tbody>
          {roles.map(({ role, members }) => (
            <tr key={role}>
              <th scope="row">{role}</th>
              <td>
                {members.length === 0 ? (
                  <span className="nobody">{reachable ? 'nobody' : 'unknown'}</span>
                ) : null}
                {members.map((member) => (
                  <span key={member} className="member">
                    {member}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
