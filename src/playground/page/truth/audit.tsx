/** The audit log as it grows, newest first, with its seal. */
import { memo, useState } from 'react';
import type { PersonView, TruthView } from '../../protocol.ts';
import { Icon } from '../icon.tsx';
import { actorName } from '../words/actor-name.ts';
import { logTime } from '../words/time.ts';
import { Section } from './section.tsx';

const HASH_SHOWN = 7;

interface Props {
  readonly audit: TruthView['audit'];
  readonly people: readonly PersonView[];
}

export const Audit = memo(function Audit({ audit, people }: Props) {
  // What was there when the page opened is not news.
  const [old] = useState(audit.events[0]?.seq ?? 0);
  return (
    <Section title="Audit log" aside={<Seal audit={audit} />} className="fact-audit">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to do so by keys */}
      <section className="audit" aria-label="Audit events" tabIndex={0}>
        <table>
          <colgroup>
            <col className="audit-seq" />
            <col className="audit-at" />
            <col />
            <col className="audit-hash" />
          </colgroup>
          <thead className="unseen">
            <tr>
              <th scope="col">Number</th>
              <th scope="col">Time</th>
              <th scope="col">What</th>
              <th scope="col">Hash</th>
            </tr>
          </thead>
          <tbody>
            {audit.events.map(({ seq, at, actor, action, hash }) => (
              <tr key={seq} className={seq > old ? 'audit-new' : undefined}>
                <td>{seq}</td>
                <td>
                  <time dateTime={at}>{logTime(Date.parse(at))}</time>
                </td>
                <td className="audit-what">
                  <strong>{action}</strong> <span title={actor}>{actorName(actor, people)}</span>
                </td>
                <td>{hash.slice(0, HASH_SHOWN)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {audit.events.length === 0 ? <p className="quiet">Nothing has happened yet.</p> : null}
      </section>
    </Section>
  );
});

function Seal({ audit: { verified, unsealed } }: { audit: TruthView['audit'] }) {
  if (!verified) return <span className="state state-alarm">the chain is broken</span>;
  return (
    <span className="state state-good">
      <Icon name="seal" />
      {unsealed === 0 ? 'sealed and verified' : `verified, ${unsealed} not yet sealed`}
    </span>
  );
}
