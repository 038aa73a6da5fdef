/** Somebody with the page open: sees every snapshot, and acts by the same requests as the page. */
import type { Act, ActAnswer, Handle, MessageView, Snapshot } from '../../src/playground/protocol.ts';
import { PATIENCE_MS } from '../support/patience.ts';

export interface Visitor {
  readonly seen: () => Snapshot;
  act(act: Act): Promise<ActAnswer>;
  /** Says it in the conversation of that name. */
  say(conversation: string, text: string): Promise<ActAnswer>;
  /** Presses the button with these words, on the newest message that has one. */
  press(conversation: string, words: string): Promise<ActAnswer>;
  /** Resolves with the first snapshot that fits; rejects when none comes within 20 s. */
  until(what: string, fits: (snapshot: Snapshot) => boolean): Promise<Snapshot>;
  leave(): void;
}

export async function visit(url: string, handle: Handle): Promise<Visitor> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/live?as=${handle}`, { signal: leaving.signal });
  if (!response.body) throw new Error(`no events: ${response.status}`);
  let latest: Snapshot | null = null;
  const waiting = new Set<() => void>();
  void follow(response.body).catch(() => {});

  async function follow(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        if (!event.startsWith('data: ')) continue;
        latest = JSON.parse(event.slice('data: '.length)) as Snapshot;
        for (const look of waiting) look();
      }
    }
  }

  async function act(what: Act): Promise<ActAnswer> {
    const answer = await fetch(`${url}/act?as=${handle}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify(what),
    });
    return (await answer.json()) as ActAnswer;
  }

  function until(what: string, fits: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!latest || !fits(latest)) return;
        clearTimeout(patience);
        waiting.delete(look);
        resolve(latest);
      };
      const patience = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`${what} did not come; last seen: ${JSON.stringify(latest?.truth, null, 1)}`));
      }, PATIENCE_MS);
      waiting.add(look);
      look();
    });
  }

  const first = await until('a first snapshot', () => true);
  const seen = () => latest ?? first;
  const conversation = (name: string) => {
    const found = seen().conversations.find((each) => each.name === name);
    if (!found) throw new Error(`${handle} sees no ${name}`);
    return found;
  };
  return {
    seen,
    act,
    until,
    say: (name, text) => act({ do: 'say', conversation: conversation(name).id, text }),
    async press(name, words) {
      const { id, messages } = conversation(name);
      for (const message of messages.toReversed()) {
        const button = buttonsOf(message).find((each) => each.words === words);
        if (button) {
          const { blockId, actionId } = button;
          return act({ do: 'click', conversation: id, ts: message.ts, blockId, actionId });
        }
      }
      throw new Error(`${handle} sees no button "${words}" in ${name}`);
    },
    leave: () => leaving.abort(),
  };
}

export function buttonsOf({ blocks }: MessageView): { words: string; blockId: string; actionId: string }[] {
  return blocks.flatMap((block) => {
    const {
      block_id: blockId,
      elements,
      accessory,
    } = block as {
      block_id?: string;
      elements?: Element[];
      accessory?: Element;
    };
    return [...(Array.isArray(elements) ? elements : []), ...(accessory ? [accessory] : [])].flatMap(
      (each) =>
        each.type === 'button' && each.action_id
          ? [{ words: each.text?.text ?? '', blockId: blockId ?? '', actionId: each.action_id }]
          : [],
    );
  });
}

interface Element {
  readonly type?: string;
  readonly action_id?: string;
  readonly text?: { readonly text?: string };
}

/** All that is written in a conversation, blocks included. */
export function textOf(snapshot: Snapshot, name: string): string {
  return JSON.stringify(snapshot.conversations.find((each) => each.name === name)?.messages ?? []);
}
