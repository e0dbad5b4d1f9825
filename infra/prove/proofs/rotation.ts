import { Bars, type Proof } from '../proof.js';
import { rotateInPlace } from '../rotation/in-place.js';
import { addReassignRemove, replaceAtOnce } from '../rotation/reassign.js';
import { Vendor } from '../rotation/vendor.js';
import { startInstallation } from '../series/installation.js';

const ROUNDS = 24;
/** Replacements without the overlap: not asked for, but told in the figures. */
const AT_ONCE = 5;

/** Issue "custody", line 3. */
export const rotation: Proof = {
  name: 'rotation',
  shows: `${ROUNDS} rotations in place and ${ROUNDS} replacements (add → reassign → remove) under load over two engines fail no call; a bad new key is refused at its test and never used; replaced versions drain, are destroyed, and nobody misses them`,
  promises: {
    engines: { is: 2 },
    rotations: { atLeast: 20 },
    rotationRuns: { atLeast: 500 },
    rotationFailedRuns: { is: 0 },
    replacements: { atLeast: 20 },
    replacementRuns: { atLeast: 500 },
    replacementFailedRuns: { is: 0 },
    removedKeyLastSentMsAfterCommitMax: { atMost: 2_000 },
    badKeysRefusedAtTheirTest: { atLeast: 5 },
    versionsShredded: { atLeast: ROUNDS },
    runsAfterTheVendorRefusedEveryOldValue: { atLeast: 50 },
  },
  async run(tell) {
    const scene = await startInstallation();
    try {
      const bars = new Bars();
      const vendor = new Vendor();
      scene.upstream.respond(vendor.answer);
      tell('in place');
      const inPlace = await rotateInPlace(scene, vendor, ROUNDS, bars);
      tell('add → reassign → remove');
      const replaced = await addReassignRemove(scene, vendor, ROUNDS, bars);
      const atOnce = await replaceAtOnce(scene, vendor, AT_ONCE);
      const figures = { engines: scene.engines.length, ...inPlace, ...replaced, ...atOnce };
      return { figures, faults: bars.faults };
    } finally {
      await scene.stop();
    }
  },
};
