// Loaded into each process before its own code (`--import`): when the launcher is gone, however it went, the channel to it
// closes and the process ends as if asked to. So not even kill -9 of `npm start` leaves a process or an open port. The
// database ended with the launcher, so there is little left to wait for.
process.on('disconnect', end);
process.channel?.unref();
// The launcher may have gone while this was being loaded: nobody is told of that any more.
if (process.connected === false) end();

function end(): void {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 5_000).unref();
}
