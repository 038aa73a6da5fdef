/** The newest incident as PagerDuty has it, and what can be done with it there. */
import type { IncidentStep, IncidentView } from '../../protocol.ts';
import type { Send } from '../live/act.ts';
import { Section } from './section.tsx';

const STEPS: readonly { readonly what: IncidentStep; readonly label: string }[] = [
  { what: 'open', label: 'Open sev1' },
  { what: 'acknowledge', label: 'Acknowledge' },
  { what: 'resolve', label: 'Resolve' },
  { what: 'reopen', label: 'Reopen' },
];
const POSSIBLE: Readonly<Record<IncidentView['status'] | 'none', readonly IncidentStep[]>> = {
  none: ['open'],
  triggered: ['acknowledge', 'resolve'],
  acknowledged: ['resolve'],
  resolved: ['open', 'reopen'],
};
const TONES = { triggered: 'alarm', acknowledged: 'working', resolved: 'good' } as const;

interface Props {
  readonly incident: IncidentView | null;
  readonly webhooksLost: boolean;
  readonly send: Send;
}

export function Incident({ incident, webhooksLost, send }: Props) {
  const possible = POSSIBLE[incident?.status ?? 'none'];
  return (
    <Section
      title="What PagerDuty says"
      className="fact-incident"
      aside={
        incident ? (
          <span className={`state state-${TONES[incident.status]}`}>{incident.status}</span>
        ) : (
          <span className="state state-good">no incident</span>
        )
      }
    >
      <p className="incident-what">
        {incident ? (
          <>
            <strong>#{incident.number}</strong> {incident.title}
          </>
        ) : (
          'Nothing is wrong.'
        )}
      </p>
      <p className="incident-known">{knownWords(incident, webhooksLost)}</p>
      <div className="incident-steps">
        {STEPS.map(({ what, label }) => (
          <button
            key={what}
            type="button"
            className="button"
            aria-disabled={!possible.includes(what)}
            onClick={() => {
              if (possible.includes(what)) void send({ do: 'incident', what });
            }}
          >
            {label}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to do so by keys */}
      <section className="incident-note" aria-label="Note on the incident" tabIndex={0}>
        {incident?.note ?? 'Once it is resolved, Curfew notes here who held what.'}
      </section>
    </Section>
  );
}

/** What Curfew has heard, where that is not what is so. */
function knownWords(incident: IncidentView | null, webhooksLost: boolean): string {
  if (!incident) return 'Access can be asked for because of an incident.';
  const { known, status, acknowledgedBy } = incident;
  if (known !== (status === 'resolved' ? 'closed' : 'open')) {
    const what = known === null ? 'has not heard of it' : `knows it as ${known}`;
    return `Curfew ${what}${webhooksLost ? ' and asks within 5 minutes' : ''}.`;
  }
  const whose = status === 'acknowledged' && acknowledgedBy ? `, ${acknowledgedBy} has it` : '';
  return `Curfew knows it as ${known}${whose}.`;
}
