import { appendFileSync, chmodSync } from 'node:fs';
import { startFakeUpstream } from '#lib/testing';

// The fake vendors of the demo: node upstream-main.js <port> <log file>. Each answered call is one line of the log, with
// auth headers as SHA-256 and the run's id where the engine sent one.
const [port = '0', logFile = 'upstream.jsonl'] = process.argv.slice(2);
appendFileSync(logFile, '', { mode: 0o600 });
chmodSync(logFile, 0o600);
const upstream = await startFakeUpstream({
  port: Number(port),
  demo: true,
  onRequest: (entry) => appendFileSync(logFile, `${JSON.stringify(entry)}\n`),
});
process.stdout.write(
  `${JSON.stringify({ level: 'info', process: 'upstream', port: upstream.port, msg: 'listens' })}\n`,
);
const stop = () => void upstream.stop().then(() => process.exit(0));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
