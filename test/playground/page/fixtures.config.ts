/**
 * The playground's page over fixtures instead of a server, to see how it looks:
 * `npx vite -c test/playground/page/fixtures.config.ts src/playground/page`, then `/?as=ana` and, for
 * another scene, a POST to `/scene/live`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { defineConfig } from 'vite';
import type { Act, ActAnswer, Snapshot } from '../../../src/playground/protocol.ts';
import { OPTIONS } from './fixture-views.ts';
import { SCENES, type Scene, snapshotOf } from './fixtures.ts';

const isHandle = (name: string | null): name is Snapshot['you'] =>
  ['ana', 'omar', 'lea', 'mia', 'sam'].includes(name ?? '');

function createFixtureServer() {
  let scene: Scene = 'start';
  let changes: Partial<Snapshot> = {};
  const windows = new Map<ServerResponse, Snapshot['you']>();
  const push = (to: ServerResponse, you: Snapshot['you']) => {
    to.write(`data: ${JSON.stringify({ ...snapshotOf(scene, you, Date.now()), ...changes })}\n\n`);
  };
  const pushAll = () => {
    for (const [to, you] of windows) push(to, you);
  };

  function answer(act: Act): ActAnswer {
    if (act.do === 'options') {
      const typed = act.typed.toLowerCase();
      return { ok: true, options: OPTIONS.filter(({ text }) => text.text.toLowerCase().includes(typed)) };
    }
    if (act.do === 'say' && !act.text.startsWith('/'))
      return { ok: false, error: 'Slack does not answer just now.' };
    if (act.do === 'say') scene = 'pending';
    if (act.do === 'click' && act.actionId.startsWith('curfew:approve:')) scene = 'live';
    if (act.do === 'click' && act.actionId.startsWith('curfew:new-request:')) scene = 'form';
    if (act.do === 'submit') scene = 'faulty-form';
    if (act.do === 'advance') scene = 'ended';
    if (act.do === 'close-modal') changes = { modals: [] };
    if (act.do === 'dismiss-hint') changes = { ...changes, hint: null };
    if (act.do === 'fault') {
      const { faults } = { ...snapshotOf(scene, 'ana', 0), ...changes };
      changes = { ...changes, faults: { ...faults, [act.fault]: act.on } };
    }
    return { ok: true };
  }

  return async function serve(request: IncomingMessage, response: ServerResponse, next: () => void) {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const as = url.searchParams.get('as');
    const asked = SCENES.find((each) => url.pathname === `/scene/${each}`);
    if (asked) {
      scene = asked;
      changes = {};
      pushAll();
      response.end();
    } else if (url.pathname === '/live' && isHandle(as)) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      windows.set(response, as);
      response.on('close', () => windows.delete(response));
      push(response, as);
    } else if (url.pathname === '/act') {
      const act = JSON.parse(await text(request)) as Act;
      response.setHeader('content-type', 'application/json');
      setTimeout(() => {
        response.end(JSON.stringify(answer(act)));
        pushAll();
      }, 300);
    } else next();
  };
}

const serve = createFixtureServer();
const onServer = ({ middlewares }: { middlewares: { use: (handler: typeof serve) => unknown } }) => {
  middlewares.use(serve);
};

export default defineConfig({
  build: { outDir: '../../../dist-playground/page' },
  plugins: [{ name: 'fixtures', configureServer: onServer, configurePreviewServer: onServer }],
});
