/** Modals that stand open, the uppermost last, and home pages, as Slack keeps them. */
import type { Blocks, Handle, ModalView, Option } from '../protocol.ts';
import { withBlockIds } from './blocks.ts';
import { APP, BOT, freshId, TEAM } from './ids.ts';
import { isRecord, type Json } from './json.ts';
import type { Person } from './people.ts';

export interface View {
  readonly id: string;
  readonly person: Person;
  readonly hash: string;
  /** As the app sent it. */
  readonly payload: Json;
  readonly blocks: Blocks;
  /** The lowest view of its stack, and the one below it. */
  readonly root: string;
  readonly previous: string | null;
  readonly errors: Readonly<Record<string, string>>;
  readonly busy: boolean;
  /** What its select fields were offered to choose from, by `blockId value`. */
  readonly offered: ReadonlyMap<string, Option>;
}

/** https://docs.slack.dev/surfaces/modals: at most three views in a stack. */
const STACK = 3;
/** Stacks that one person leaves open; older ones are closed. */
const MAX_OPEN = 30;
const MAX_OFFERED = 2000;

export function createViews(options: { timestamp: () => string }) {
  const modals = new Map<string, View>();
  const homes = new Map<Handle, View>();

  const openBy = (handle: Handle) => [...modals.values()].filter(({ person }) => person.handle === handle);
  const put = (view: View) => void modals.set(view.id, view);

  function fresh(person: Person, payload: Json, below: View | null): View {
    const id = freshId('V');
    return {
      id,
      person,
      hash: options.timestamp(),
      payload,
      blocks: withBlockIds(payload.blocks),
      root: below?.root ?? id,
      previous: below?.id ?? null,
      errors: {},
      busy: false,
      offered: new Map(),
    };
  }

  return {
    modal: (id: string) => modals.get(id),
    modals: openBy,
    home: (handle: Handle) => homes.get(handle),

    /** Over `below`, or as the first of a new stack; null when the stack is full. */
    open(person: Person, payload: Json, below: View | null = null): View | null {
      if (below && openBy(person.handle).filter(({ root }) => root === below.root).length >= STACK)
        return null;
      const view = fresh(person, payload, below);
      put(view);
      for (const old of openBy(person.handle).slice(0, -MAX_OPEN)) modals.delete(old.id);
      return view;
    },

    update(view: View, payload: Json): View {
      const { id, root, previous } = view;
      const updated = { ...fresh(view.person, payload, null), id, root, previous };
      put(updated);
      return updated;
    },

    publish(person: Person, payload: Json): View {
      const before = homes.get(person.handle);
      const made = fresh(person, payload, null);
      const view = before ? { ...made, id: before.id, root: before.root } : made;
      homes.set(person.handle, view);
      return view;
    },

    /** Nothing, where it was closed in the meantime. */
    note(id: string, over: Partial<Pick<View, 'errors' | 'busy'>>): void {
      const view = modals.get(id);
      if (view) put({ ...view, ...over });
    },

    offer(id: string, blockId: string, offered: readonly Option[]): void {
      const view = modals.get(id);
      if (!view) return;
      const known = [...view.offered, ...offered.map((each) => [`${blockId} ${each.value}`, each] as const)];
      put({ ...view, offered: new Map(known.slice(-MAX_OFFERED)) });
    },

    close: (view: View) => void modals.delete(view.id),
    closeStack(root: string): void {
      for (const view of modals.values()) if (view.root === root) modals.delete(view.id);
    },
  };
}

export type Views = ReturnType<typeof createViews>;

/** https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export function viewObject(view: View): Json {
  const { payload } = view;
  return {
    id: view.id,
    team_id: TEAM.id,
    app_id: APP,
    app_installed_team_id: TEAM.id,
    bot_id: BOT.id,
    type: payload.type,
    callback_id: payload.callback_id ?? '',
    private_metadata: payload.private_metadata ?? '',
    external_id: payload.external_id ?? '',
    title: payload.title ?? null,
    submit: payload.submit ?? null,
    close: payload.close ?? null,
    clear_on_close: payload.clear_on_close ?? false,
    notify_on_close: payload.notify_on_close ?? false,
    blocks: view.blocks,
    hash: view.hash,
    root_view_id: view.root,
    previous_view_id: view.previous,
    state: { values: {} },
  };
}

export function modalView(view: View): ModalView {
  const words = (value: unknown) => (isRecord(value) && typeof value.text === 'string' ? value.text : null);
  return {
    id: view.id,
    title: words(view.payload.title) ?? '',
    submit: words(view.payload.submit),
    close: words(view.payload.close),
    blocks: view.blocks,
    errors: view.errors,
    busy: view.busy,
  };
}
