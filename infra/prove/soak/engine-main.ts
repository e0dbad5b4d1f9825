import { loadEngineConfig } from '#lib/config';
import { createApp } from '../../../apps/engine/src/create-app.js';

// The engine as its own main starts it, which says on each message what it holds once its garbage is collected.

let unhandled = 0;
process.on('unhandledRejection', () => (unhandled += 1));
process.on('message', () => {
  // There by --expose-gc.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const isCollected = globalThis.gc !== undefined;
  process.send?.({ heapBytes: heapUsed + external, rssBytes: rss, sockets, unhandled, isCollected });
});

const config = loadEngineConfig();
const app = await createApp(config);
await app.listen(config.port, config.host);
console.log(`engine listens {"port":${new URL(await app.getUrl()).port}}`);
