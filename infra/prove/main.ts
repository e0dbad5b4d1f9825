import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commitOf, machineClass } from './machine.js';
import type { Proof } from './proof.js';
import { interleaving } from './proofs/interleaving.js';
import { kmsOutage } from './proofs/kms-outage.js';
import { revocation } from './proofs/revocation.js';
import { rewrap } from './proofs/rewrap.js';
import { rotation } from './proofs/rotation.js';

/** Every proof, in the order in which they run. A new one is a file under `proofs` and a line here. */
const PROOFS: readonly Proof[] = [kmsOutage, rewrap, rotation, revocation, interleaving];

const root = resolve(import.meta.dirname, '../../..');
const results = join(root, 'infra/prove/results');

/** Runs a proof and writes down what it measured. Answers whether the claim held. */
async function prove(proof: Proof): Promise<boolean> {
  console.log(`\n── ${proof.name}: ${proof.shows}`);
  const [startedAt, commit] = [new Date(), commitOf(root)];
  const started = performance.now();
  const { figures, faults } = await proof.run((line) => console.log(`   ${line}`));
  const record = {
    name: proof.name,
    shows: proof.shows,
    holds: faults.length === 0,
    faults,
    figures,
    commit,
    machine: machineClass(),
    startedAt: startedAt.toISOString(),
    seconds: Math.round((performance.now() - started) / 1_000),
  };
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${proof.name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  for (const [name, value] of Object.entries(figures)) console.log(`   ${name}: ${String(value)}`);
  for (const fault of faults) console.log(`   FELL SHORT: ${fault}`);
  console.log(`   ${record.holds ? 'holds' : 'does not hold'} (${record.seconds} s)`);
  return record.holds;
}

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const wanted = PROOFS.filter(({ name }) => !values.only || values.only.includes(name));
if (wanted.length === 0) {
  console.error(`No such proof. One of: ${PROOFS.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
let held = 0;
for (const proof of wanted) if (await prove(proof)) held += 1;
console.log(`\n${held} of ${wanted.length} proofs hold`);
process.exit(held === wanted.length ? 0 : 1);
