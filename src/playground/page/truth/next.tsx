/** What will happen by itself, soonest first. */
import type { TruthView } from '../../protocol.ts';
import { clockTime, countdown } from '../words/time.ts';
import { Section } from './section.tsx';

const SHOWN = 2;

export function Next({ next, now }: { next: TruthView['next']; now: number }) {
  return (
    <Section title="What happens next" className="fact-next">
      {next.length === 0 ? <p className="quiet">Nothing is due.</p> : null}
      <ol className="next">
        {next.slice(0, SHOWN).map(({ at, what }) => (
          <li key={`${at} ${what}`} title={`${clockTime(Date.parse(at))} ${what}`}>
            <span className="next-what">{what}</span>
            <time className="next-in" dateTime={at}>
              {countdown(Date.parse(at) - now)}
            </time>
          </li>
        ))}
      </ol>
      {next.length > SHOWN ? <p className="next-more">and {next.length - SHOWN} more after that</p> : null}
    </Section>
  );
}
