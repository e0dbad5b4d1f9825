import type { CheckpointReader } from '../checkpoints/checkpoint-reader.js';
import type { EpochMemory } from './epoch-memory.js';
import { judge, type Evidence, type RestoreFactsOfDatabase, type Verdict } from './judge.js';
import type { RestoreStore } from './restore-store.js';

/** Where a process sees epochs outside of the database. */
export interface Witnesses {
  checkpoints: Pick<CheckpointReader, 'read'> | null;
  memory: Pick<EpochMemory, 'recall'> | null;
}

export interface Comparison {
  verdict: Verdict;
  database: RestoreFactsOfDatabase;
  evidence: Evidence;
}

/** Compares the database with what was seen elsewhere. Throws when the one or the other cannot be read. */
export async function compareEpochs(
  store: Pick<RestoreStore, 'facts'>,
  witnesses: Witnesses,
): Promise<Comparison> {
  const first = await compareOnce(store, witnesses);
  // The file may have been begun between the two readings.
  return first.verdict.kind === 'no_checkpoints' ? compareOnce(store, witnesses) : first;
}

async function compareOnce(
  store: Pick<RestoreStore, 'facts'>,
  { checkpoints, memory }: Witnesses,
): Promise<Comparison> {
  // What is outside first: a checkpoint that is made meanwhile is in the database before it is anywhere else.
  const evidence = { file: await checkpoints?.read(), memory: (await memory?.recall()) ?? null };
  const seen = [evidence.file?.epoch, evidence.memory?.database.epoch].filter((epoch) => epoch !== undefined);
  const database = await store.facts(seen);
  return { verdict: judge(database, evidence), database, evidence };
}
