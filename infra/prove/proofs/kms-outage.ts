import type { AwsKmsConfig } from '#lib/config';
import type { SealedSecret, SecretIdentity } from '#lib/custody';
import { Opener } from '#lib/custody/opener';
import { Sealer } from '#lib/custody/sealer';
import { ManualClock, newId, SecretBytes } from '#lib/kernel';
import { createKms } from '#lib/kms';
import { FakeKms, type KmsFault } from '#lib/testing';
import { Bars, round, type Figures, type Outcome, type Proof } from '../proof.js';

const HOT = 20;
const STEP_MS = 10_000;
const facts = { env: 'test' } as const;
const OUTAGES: Record<string, KmsFault> = {
  blackHole: 'hang',
  connectionsReset: 'reset',
  throttling: { type: 'ThrottlingException' },
  internalError: { type: 'KMSInternalException', status: 500 },
};

/** Issue "custody", line 4. */
export const kmsOutage: Proof = {
  name: 'kms-outage',
  shows:
    'while the KMS is down, hot keys serve for 5 minutes without an error and none past 600 s of age; cold ones are refused within 2 s; it recovers by itself, and a denial ends use',
  async run(tell) {
    const wire = await FakeKms.start();
    try {
      const bars = new Bars();
      const figures: Figures = { hotKeys: HOT };
      for (const [name, fault] of Object.entries(OUTAGES)) {
        tell(`outage: ${name}`);
        Object.assign(figures, await outage(wire, name, fault, bars));
      }
      tell('misses at once, and a denial');
      Object.assign(figures, await misses(wire, bars), await denial(wire, bars));
      return { figures, faults: bars.faults } satisfies Outcome;
    } finally {
      await wire.stop();
    }
  },
};

/** An engine with a clock of our own, and secrets that it can open, over the AWS wire. */
class Engine {
  readonly clock = new ManualClock();
  readonly #opener: Opener;
  readonly #sealer: Sealer;
  readonly #rows: { identity: SecretIdentity; sealed: SealedSecret }[] = [];
  slowestMs = 0;

  constructor(wire: FakeKms) {
    const config: AwsKmsConfig = {
      adapter: 'aws',
      keyId: wire.keyArn,
      region: 'eu-central-1',
      endpoint: wire.url,
    };
    this.#opener = new Opener(createKms(config, 'open', facts), 'prove', this.clock, 'call');
    this.#sealer = new Sealer(createKms(config, 'seal', facts), 'prove');
  }

  async seal(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const identity: SecretIdentity = {
        ...{ orgId: newId('org'), secretId: newId('sec'), version: 1 },
        ...{ purpose: 'call', origins: [] },
      };
      const sealed = await this.#sealer.seal(identity, SecretBytes.fromText(identity.secretId));
      this.#rows.push({ identity, sealed });
    }
  }

  /** Opens one: true when it gave the text that was sealed, false when it was refused as `kms_unavailable`. */
  async open(at: number): Promise<boolean> {
    const { identity, sealed } = this.#rows[at]!;
    const started = performance.now();
    try {
      const secret = await this.#opener.open(identity, sealed);
      return secret.useOnce((bytes) => bytes.toString() === identity.secretId);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'kms_unavailable') return false;
      throw error;
    } finally {
      this.slowestMs = Math.max(this.slowestMs, performance.now() - started);
    }
  }

  /** How many of the hot keys serve now. */
  async served(): Promise<number> {
    const results = await Promise.all(Array.from({ length: HOT }, (_, at) => this.open(at)));
    return results.filter(Boolean).length;
  }
}

/** Counts by the age of the cached data keys while `fault` lasts, then after it. */
async function outage(wire: FakeKms, name: string, fault: KmsFault, bars: Bars): Promise<Figures> {
  const engine = new Engine(wire);
  await engine.seal(HOT + 1);
  await engine.served();
  wire.fault = fault;
  const counts = { errorsTo300s: 0, servedTo600s: 0, servedPast600s: 0 };
  engine.slowestMs = 0;
  for (let age = STEP_MS; age <= 660_000; age += STEP_MS) {
    engine.clock.advance(STEP_MS);
    const served = await engine.served();
    if (age <= 300_000) counts.errorsTo300s += HOT - served;
    else if (age < 600_000) counts.servedTo600s += served;
    else counts.servedPast600s += served;
  }
  const coldServed = await engine.open(HOT);
  const slowestMs = engine.slowestMs;
  wire.fault = undefined;
  engine.clock.advance(STEP_MS);
  const recovered = await engine.served();
  bars.hold(counts.errorsTo300s === 0, `${name}: ${counts.errorsTo300s} errors in the first 5 minutes`);
  bars.hold(counts.servedTo600s === HOT * 29, `${name}: not every call between 300 s and 600 s was served`);
  bars.hold(counts.servedPast600s === 0, `${name}: ${counts.servedPast600s} calls served past 600 s`);
  bars.hold(!coldServed && slowestMs < 2_000, `${name}: the slowest answer took ${slowestMs} ms`);
  bars.hold(recovered === HOT, `${name}: ${HOT - recovered} keys did not recover`);
  return {
    [`${name}ErrorsTo300s`]: counts.errorsTo300s,
    [`${name}ServedFrom300sTo600s`]: counts.servedTo600s,
    [`${name}ServedPast600s`]: counts.servedPast600s,
    [`${name}SlowestAnswerMs`]: round(slowestMs, 0),
    [`${name}Recovered`]: recovered,
  };
}

async function misses(wire: FakeKms, bars: Bars): Promise<Figures> {
  const engine = new Engine(wire);
  await engine.seal(1);
  const before = wire.count('Decrypt');
  const results = await Promise.all(Array.from({ length: 1_000 }, () => engine.open(0)));
  const kmsCalls = wire.count('Decrypt') - before;
  bars.hold(results.every(Boolean) && kmsCalls === 1, `1,000 misses made ${kmsCalls} KMS calls`);
  return { simultaneousMisses: results.length, kmsCallsForThem: kmsCalls };
}

/** A key that the KMS denies serves until the KMS is next asked, and not once after its answer. */
async function denial(wire: FakeKms, bars: Bars): Promise<Figures> {
  const engine = new Engine(wire);
  await engine.seal(HOT);
  await engine.served();
  wire.fault = { type: 'AccessDeniedException' };
  engine.clock.advance(149_000);
  const servedUnasked = await engine.served();
  engine.clock.advance(1_000);
  const asked = wire.count('Decrypt');
  await engine.served();
  while (wire.count('Decrypt') === asked) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const servedAfterDenial = await engine.served();
  wire.fault = undefined;
  bars.hold(servedUnasked === HOT, 'a key stopped before the KMS was asked');
  bars.hold(servedAfterDenial === 0, `${servedAfterDenial} calls were served after the KMS had denied`);
  return { servedBeforeTheKmsIsAsked: servedUnasked, servedAfterItDenied: servedAfterDenial };
}
