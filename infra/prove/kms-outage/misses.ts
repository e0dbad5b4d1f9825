import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SecretIdentity } from '#lib/custody';
import { Sealer } from '#lib/custody/sealer';
import { newId, SecretBytes, systemClock } from '#lib/kernel';
import { createKms } from '#lib/kms';
import { BUILD } from '../series/processes.js';
import { DEPLOYMENT } from '../series/aws-kms.js';
import type { Stage } from './cases.js';
import { ClockedEngine } from './clocked-engine.js';

const OPENS = 1_000;
/** More runs at once would be a question to the database's connections rather than to the KMS. */
const RUNS = 50;
/** While the one answer is on its way, the others come. */
const SLOW_KMS_MS = 1_000;
const facts = { env: 'test' } as const;

/** One secret that nobody has opened yet, wanted a thousand times within one turn of the loop. */
export async function opensAtOnce({ wire, build = BUILD }: Stage) {
  const config = { adapter: 'aws', keyId: wire.keyArn, region: 'eu-central-1', endpoint: wire.url } as const;
  const identity: SecretIdentity = {
    ...{ orgId: newId('org'), secretId: newId('sec'), version: 1, purpose: 'call', origins: [] },
  };
  const sealer = new Sealer(createKms(config, 'seal', facts), DEPLOYMENT);
  const sealed = await sealer.seal(identity, SecretBytes.fromText(identity.secretId));
  const { Opener } = await openerOf(build);
  const opener = new Opener(createKms(config, 'open', facts), DEPLOYMENT, systemClock, 'call');
  const before = wire.count('Decrypt');
  const opens = Array.from({ length: OPENS }, async () => {
    const secret = await opener.open(identity, sealed);
    return secret.useOnce((bytes) => bytes.toString() === identity.secretId);
  });
  const outcomes = await Promise.allSettled(opens);
  const good = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value).length;
  return { misses: OPENS, failed: OPENS - good, kmsCalls: wire.count('Decrypt') - before };
}

async function openerOf(build: string): Promise<typeof import('#lib/custody/opener')> {
  const module: unknown = await import(pathToFileURL(join(build, 'libs/custody/src/opener.js')).href);
  return module as typeof import('#lib/custody/opener');
}

/** The same through an engine process: runs of one cold key, while the KMS takes its time. */
export async function runsAtOnce({ scene, wire, hot, build }: Stage) {
  const engine = await ClockedEngine.start(scene, build);
  const before = wire.count('Decrypt');
  wire.latencyMs = SLOW_KMS_MS;
  try {
    const served = await engine.served(Array.from({ length: RUNS }, () => hot[0]!));
    return { runs: RUNS, failed: RUNS - served, kmsCalls: wire.count('Decrypt') - before };
  } finally {
    wire.latencyMs = 0;
    await engine.stop();
  }
}
