// A process that takes and gives back a lock when it is told to, and says how that went.
import { LockHeld, takeLock } from '../../dist/src/home/lock.js';

let lock = null;
process.on('message', async ({ take, release }) => {
  try {
    if (take) lock = await takeLock(take);
    if (release) await lock?.release();
    process.send({ ok: true });
  } catch (error) {
    process.send({
      ok: false,
      held: error instanceof LockHeld,
      by: error.holder?.pid,
      message: error.message,
    });
  }
});
process.once('disconnect', () => process.exit());
process.send('ready');
