import { exact, EXACT_PROMISES } from '../metering/exact.js';
import { killedEngine, KILLED_PROMISES } from '../metering/killed-engine.js';
import { killedWorker, WORKER_PROMISES } from '../metering/killed-worker.js';
import { Bars, type Proof } from '../proof.js';
import { startInstallation } from '../series/installation.js';

/** Issue "Metering", line 5 of its list; the rule is in infra/docs/metering.md. */
export const metering: Proof = {
  name: 'metering',
  shows:
    'of 1,000 streams over two engines, 30 % cut by their client and 5 % failed by their vendor, the ledger is what the vendors reported, to the token; a kill -9 of an engine loses nothing that was reserved and nothing else beyond the stated bound; a kill -9 of workers adds every receipt up once',
  promises: { ...EXACT_PROMISES, ...KILLED_PROMISES, ...WORKER_PROMISES },
  async run(tell) {
    const scene = await startInstallation();
    const bars = new Bars();
    try {
      const figures = await exact(scene, bars);
      tell('every receipt is beside its call');
      Object.assign(figures, await killedEngine(scene, tell), await killedWorker(scene, tell));
      return { figures, faults: bars.faults };
    } finally {
      await scene.stop();
    }
  },
};
