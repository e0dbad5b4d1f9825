import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machineClass } from './machine.js';
import { brokenPromises } from './promises.js';
import type { Proof } from './proof.js';
import { PROOFS } from './registry.js';
import type { Result } from './result.js';
import { notMeasurable, treeOf } from './tree.js';

const root = resolve(import.meta.dirname, '../../..');
const results = join(root, 'infra/prove/results');
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    trial: { type: 'boolean', default: false },
    calls: { type: 'string' },
  },
});

/** Runs a proof and writes down what it measured, of a trial nothing. Answers whether the claim held. */
async function prove(proof: Proof, commit: string): Promise<boolean> {
  console.log(`\n── ${proof.name}: ${proof.shows}`);
  const startedAt = new Date();
  const started = performance.now();
  const { figures, faults: found } = await proof.run((line) => console.log(`   ${line}`), {
    isTrial: values.trial,
    calls: values.calls === undefined ? undefined : Number(values.calls),
  });
  const faults = [...found, ...brokenPromises(proof.promises, figures)];
  const result: Result = {
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
  for (const [name, value] of Object.entries(figures)) console.log(`   ${name}: ${String(value)}`);
  for (const fault of faults) console.log(`   FELL SHORT: ${fault}`);
  console.log(`   ${result.holds ? 'holds' : 'does not hold'} (${result.seconds} s)`);
  return write(result) && result.holds;
}

/** Answers whether the result could be written: a tree that was changed meanwhile is not the one that was measured. */
function write(result: Result): boolean {
  if (values.trial) return true;
  const now = treeOf(root);
  const reason =
    notMeasurable(now) ?? (now?.commit === result.commit ? null : 'another commit is checked out by now');
  if (reason !== null) {
    console.error(`   NOT WRITTEN: ${reason}`);
    return false;
  }
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  return true;
}

const wanted = PROOFS.filter(({ name }) => !values.only || values.only.includes(name));
if (wanted.length === 0) {
  console.error(`No such proof. One of: ${PROOFS.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
const tree = treeOf(root);
const reason = notMeasurable(tree);
if (reason !== null && !values.trial) {
  console.error(`Nothing is measured: ${reason}. Commit first, or give --trial, which writes no result.`);
  process.exit(1);
}
if (values.trial) console.log('A trial: nothing is written.');
let held = 0;
for (const proof of wanted) if (await prove(proof, tree?.commit ?? 'none')) held += 1;
console.log(`\n${held} of ${wanted.length} proofs hold`);
process.exit(held === wanted.length ? 0 : 1);
