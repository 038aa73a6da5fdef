/** App Home, as the bot published it for whoever looks. */
import type { Snapshot } from '../../protocol.ts';
import type { Press } from '../blocks/block-button.tsx';
import { BlockList } from '../blocks/block-list.tsx';

export function Home({ home, onPress }: { home: Snapshot['home']; onPress: Press }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to do so by keys
    <section className="home" aria-label="App Home" tabIndex={0}>
      {home ? (
        <BlockList blocks={home} level={2} onPress={onPress} />
      ) : (
        <div className="bones" aria-hidden="true">
          <span className="bone bone-button" />
          <span className="bone bone-title" />
          <span className="bone bone-line" />
          <span className="bone bone-title" />
          <span className="bone bone-line" />
        </div>
      )}
    </section>
  );
}
