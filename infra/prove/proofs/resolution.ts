import { randomInt } from 'node:crypto';
import type { Outcome, Proof } from '../proof.js';
import { measureResolution } from '../resolution/measure.js';

const WORLDS = 500;

/** PRODUCT, beyond A. */
export const resolution: Proof = {
  name: 'resolution',
  shows: `on ${WORLDS} random states that are made real, resolve, a run and the vendor's log say what an independent reference model says: which key and which model, or which refusal, and that nothing was sent; and the list of models is what runs get`,
  promises: {
    worlds: { is: WORLDS },
    served: { atLeast: 100 },
    refused: { atLeast: 200 },
    codes: { atLeast: 11 },
    differences: { is: 0 },
    astray: { is: 0 },
    modelsAsked: { atLeast: 100 },
    modelDifferences: { is: 0 },
  },
  async run(tell): Promise<Outcome> {
    const { figures, faults } = await measureResolution({ worlds: WORLDS, seed: randomInt(2 ** 32), tell });
    return { figures: { ...figures }, faults: faults.slice(0, 10) };
  },
};
