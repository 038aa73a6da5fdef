/** Right: what is so, whatever anybody says. */
import type { Snapshot } from '../../protocol.ts';
import type { Send } from '../live/act.ts';
import { useLedgerNow } from '../live/use-ledger-now.ts';
import { Audit } from './audit.tsx';
import { Clock } from './clock.tsx';
import { Faults } from './faults.tsx';
import { Grants } from './grants.tsx';
import { Incident } from './incident.tsx';
import { Next } from './next.tsx';
import { Target } from './target.tsx';

export function Truth({
  snapshot: { truth, people, faults, bot },
  send,
}: {
  snapshot: Snapshot;
  send: Send;
}) {
  const now = useLedgerNow(truth);
  return (
    <>
      <Clock truth={truth} now={now} send={send} />
      <Target target={truth.target} />
      <Grants grants={truth.grants} now={now} />
      <Incident incident={truth.incident} webhooksLost={faults.webhooksLost} send={send} />
      <Next next={truth.next} now={now} />
      <Audit audit={truth.audit} people={people} />
      <Faults faults={faults} bot={bot} send={send} />
    </>
  );
}

/** As tall as what will be here, so that nothing jumps. */
export function TruthBones() {
  return (
    <div className="bones truth-bones" aria-hidden="true">
      <span className="bone bone-clock" />
      <span className="bone bone-fact" />
      <span className="bone bone-fact" />
      <span className="bone bone-fact" />
      <span className="bone bone-fact" />
      <span className="bone bone-rest" />
    </div>
  );
}
