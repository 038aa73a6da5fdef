// One instance of Microsoft's Agents Playground: its own program, which listens on every network and lets
// anybody in, kept to this machine and to its own page, and ended together with whoever started it.
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';

const STREAM = /^\/_ws_conversation\//;

process.on('disconnect', () => process.exit());
// An interrupt at the keyboard reaches every process of the terminal; who started us says when to end.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => {});

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port, host: '127.0.0.1' }, ...rest);
};

const { createServer } = http;
http.createServer = (app) => {
  let port = 0;
  const server = createServer((request, response) => {
    if (isOurs(request, port)) app(request, response);
    else response.writeHead(403).end("Only the playground's own page and its bot may do this.\n");
  });
  const { emit } = server;
  server.emit = function (event, ...args) {
    if (event !== 'upgrade') return emit.call(this, event, ...args);
    const [request, socket] = args;
    if (!isOurs(request, port)) return socket.destroy();
    const open = () => emit.call(this, event, ...args);
    return STREAM.test(request.url) ? whenPageIsReady(server, open) : open();
  };
  // Its own work at that moment comes first: then everything is in place.
  server.on('listening', () => {
    port = server.address().port;
    setImmediate(() => process.send?.({ port }));
  });
  return server;
};

/**
 * The page asks for its messages before it knows its conversations, and drops what is of none that it knows.
 * When it knows them it adds the bot; a page that asks anew has done so before.
 */
function whenPageIsReady(server, open) {
  const over = () => {
    clearTimeout(patience);
    server.off('request', look);
    open();
  };
  const look = ({ url, headers }) => {
    if (headers['sec-fetch-site'] === 'same-origin' && url.endsWith('/installation')) over();
  };
  const patience = setTimeout(over, 3_000);
  server.on('request', look);
}

/** Pages of others say where they are from; a name that was made to point here is not ours. */
function isOurs({ headers, url, method }, port) {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return false;
  const { origin, 'sec-fetch-site': site = 'none' } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return false;
  // A link on another page may lead to this one.
  return ['same-origin', 'none'].includes(site) || (method === 'GET' && url === '/');
}

createRequire(import.meta.url)('@microsoft/m365agentsplayground/cli.js');
