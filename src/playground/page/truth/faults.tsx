/** What can be broken, to see what Curfew does about it. */
import { useState } from 'react';
import type { FaultsView, Snapshot } from '../../protocol.ts';
import type { Send } from '../live/act.ts';
import { Section } from './section.tsx';

const FAULTS: readonly { readonly fault: keyof FaultsView; readonly label: string }[] = [
  { fault: 'targetDown', label: 'PostgreSQL down' },
  { fault: 'targetSlow', label: 'PostgreSQL slow' },
  { fault: 'slackDown', label: 'Slack down' },
  { fault: 'flakyNetwork', label: 'Flaky network' },
  { fault: 'webhooksLost', label: 'PagerDuty’s webhooks are lost' },
];
const BOT: Readonly<Record<Snapshot['bot'], { readonly words: string; readonly tone: string }>> = {
  running: { words: 'Curfew runs', tone: 'good' },
  starting: { words: 'Curfew is starting', tone: 'working' },
  down: { words: 'Curfew is down', tone: 'alarm' },
};

interface Props {
  readonly faults: FaultsView;
  readonly bot: Snapshot['bot'];
  readonly send: Send;
}

export function Faults({ faults, bot, send }: Props) {
  const [killing, setKilling] = useState(false);
  const kill = async () => {
    if (killing) return;
    setKilling(true);
    await send({ do: 'kill-bot' }).finally(() => setKilling(false));
  };
  return (
    <Section
      title="Break something"
      className="fact-faults"
      aside={<span className={`state state-${BOT[bot].tone}`}>{BOT[bot].words}</span>}
    >
      <div className="faults">
        {FAULTS.map(({ fault, label }) => (
          <button
            key={fault}
            type="button"
            className="switch"
            role="switch"
            aria-checked={faults[fault]}
            onClick={() => void send({ do: 'fault', fault, on: !faults[fault] })}
          >
            <span className="switch-mark" aria-hidden="true" />
            {label}
          </button>
        ))}
      </div>
      <button
        type="button"
        className="button faults-kill"
        aria-disabled={killing || bot !== 'running'}
        onClick={() => void kill()}
      >
        Kill and restart the bot
      </button>
    </Section>
  );
}
