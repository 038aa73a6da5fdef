// A process that holds the embedded ledger of its working directory, and answers the command line.
import { createLedgerService } from '../../dist/src/control/serve-ledger.js';
import { createControlServer } from '../../dist/src/control/server.js';
import { homeIn } from '../../dist/src/home/home.js';
import { openLedger } from '../../dist/src/home/open-ledger.js';

const home = homeIn(process.cwd());
const { ledger } = await openLedger({ databaseUrl: null, home });
const clocks = { now: () => new Date(), real: () => new Date() };
const service = createLedgerService({ ledger, clocks, nudge() {} });
const log = { info() {}, warn: console.error, error: console.error };
await createControlServer({ path: home.socket, service, log }).start();
process.once('disconnect', () => process.exit());
process.send('ready');
