import { loadEngineConfig } from '#lib/config';
import { ManualClock } from '#lib/kernel';
import { createApp } from '../../../apps/engine/src/create-app.js';

// The engine as its own main starts it, but with a clock that stands still until its parent moves it: by so many
// milliseconds as each message says.

const clock = new ManualClock(new Date());
process.on('message', (ms) => {
  clock.advance(Number(ms));
  process.send?.('moved');
});

const config = loadEngineConfig();
const app = await createApp(config, { clock });
await app.listen(config.port, config.host);
console.log(`engine listens {"port":${new URL(await app.getUrl()).port}}`);
