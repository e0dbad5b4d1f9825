import type { Proof } from './proof.js';
import { budgets } from './proofs/budgets.js';
import { interleaving } from './proofs/interleaving.js';
import { kmsOutage } from './proofs/kms-outage.js';
import { metering } from './proofs/metering.js';
import { resolution } from './proofs/resolution.js';
import { revocation } from './proofs/revocation.js';
import { rewrap } from './proofs/rewrap.js';
import { rotation } from './proofs/rotation.js';
import { runs } from './proofs/runs.js';

/** Every proof, in the order in which they run. A new one is a file under `proofs` and a line here. */
export const PROOFS: readonly Proof[] = [
  ...[kmsOutage, rewrap, rotation, revocation],
  ...[interleaving, budgets, metering, resolution, runs],
];
