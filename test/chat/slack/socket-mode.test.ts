/** With an app token, the same handlers are reached by Slack's WebSocket instead of HTTP. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import type { Inbound } from '../../../commands/command.ts';
import { createSlackApp, type SlackApp } from '../../../src/chat/slack/app.ts';
import { createRecordingLog } from '../../support/recording-log.ts';

let app: SlackApp;
let server: Server;
afterEach(async () => {
  await app.stop();
  server.closeAllConnections();
  server.close();
});

test('a command that comes by Socket Mode is dispatched, and answered in its envelope', async () => {
  const { apiUrl, socket } = await startSocketMode();
  const seen: Inbound[] = [];
  const none = async () => {};
  app = createSlackApp({
    appRefused() {},
    appToken: 'xapp-1',
    botToken: 'xoxb-1',
    apiUrl,
    dispatch: async (inbound) => {
      seen.push(inbound);
      return { kind: 'text', line: ['Noted.'] };
    },
    listRoles: () => [],
    home: async () => ({ sections: [], actions: [] }),
    memberChanged: none,
    port: {
      direct: async () => 'D1',
      post: async () => ({ conversation: 'D1', message: '1.1' }),
      publishHome: none,
      forget: () => {},
    },
    log: createRecordingLog(),
  });
  await Promise.all([app.start(), socket.then((open) => send(open, { type: 'hello' }))]);

  const open = await socket;
  const payload = { command: '/elevate', team_id: 'T1', user_id: 'U1', trigger_id: 't.1', text: 'mine' };
  send(open, { type: 'slash_commands', envelope_id: 'e-1', accepts_response_payload: true, payload });
  const answer = await nextMessage(open);
  expect(answer).toMatchObject({
    envelope_id: 'e-1',
    payload: { response_type: 'ephemeral', text: 'Noted.' },
  });
  expect(seen).toMatchObject([{ kind: 'words', key: 'slack:t.1', text: 'mine' }]);
});

/** Just enough of RFC 6455: one connection, unfragmented text frames of up to 64 KB. */
async function startSocketMode(): Promise<{ apiUrl: string; socket: Promise<Duplex> }> {
  server = createServer((_request, response) => {
    const { port } = server.address() as AddressInfo;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/link` }));
  });
  const socket = new Promise<Duplex>((resolve) => {
    server.on('upgrade', (request, connection: Duplex) => {
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      connection.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      connection.on('error', () => {});
      resolve(connection);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`, socket };
}

function send(socket: Duplex, message: object): void {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(126, 1);
  head.writeUInt16BE(body.length, 2);
  socket.write(Buffer.concat([head, body]));
}

const TEXT = 1;

/** Pings come in between; the first text frame counts. */
async function nextMessage(socket: Duplex): Promise<unknown> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    while (bytes.length >= 2) {
      const short = bytes.readUInt8(1) & 0x7f;
      const offset = short === 126 ? 4 : 2;
      const length =
        short === 126 ? (bytes.length < 4 ? Number.POSITIVE_INFINITY : bytes.readUInt16BE(2)) : short;
      if (bytes.length < offset + 4 + length) break;
      const mask = bytes.subarray(offset, offset + 4);
      const body = bytes
        .subarray(offset + 4, offset + 4 + length)
        .map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      const kind = bytes.readUInt8(0) & 0x0f;
      bytes = bytes.subarray(offset + 4 + length);
      if (kind === TEXT) return JSON.parse(Buffer.from(body).toString());
    }
  }
  throw new Error('the connection ended without an answer');
}
