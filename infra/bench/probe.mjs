// Preloaded into every process that is measured, ours and the references alike: answers over the channel what it has used.
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const answers = {
  usage: async () => process.cpuUsage(),
  memory: async () => {
    for (let times = 0; times < 3; times += 1) {
      globalThis.gc?.();
      await sleep(20);
    }
    return process.memoryUsage();
  },
  profile: async ({ ms }) => {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    await sleep(ms);
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  },
};

process.on('message', (question) => {
  answers[question.ask]?.(question).then((answer) => process.send({ id: question.id, answer }));
});
// Whoever measures is gone: so is what it measured.
process.once('disconnect', () => process.exit());
process.channel?.unref();
