import { setTimeout as delay } from 'node:timers/promises';
import { originOf } from '#lib/catalog';
import type { AwsKmsConfig } from '#lib/config';
import { Opener } from '#lib/custody/opener';
import { Sealer } from '#lib/custody/sealer';
import { systemClock } from '#lib/kernel';
import { createKms } from '#lib/kms';
import { FakeKms, SealedStore } from '#lib/testing';
import { Bars, percentile, round, type Outcome, type Proof } from '../proof.js';
import { callEveryTenant, CallLoad, type CallTally } from '../rewrap/call-load.js';
import { iamOver } from '../rewrap/iam.js';
import { KillSeries } from '../rewrap/kill-series.js';
import { makeTenants, sealedText, type AssignedKey } from '../rewrap/tenants.js';
import { Vendor } from '../rewrap/vendor.js';
import { awsSettings, DEPLOYMENT } from '../series/aws-kms.js';
import { startInstallation, type Installation } from '../series/installation.js';

const ORGS = 20;
const EACH = 500;
const SECRETS = ORGS * EACH;
const LATENCY_MS = 20;
/** Keys of each organization that every engine is called with when the old master key is denied. */
const CALLED_AFTERWARDS = 5;
const facts = { env: 'test' } as const;

/** Issue "custody", line 2. */
export const rewrap: Proof = {
  name: 'rewrap',
  shows: `${SECRETS} secrets move to a new master key while two engines are called over HTTP with all of them, over three kill -9 of the worker in the middle of a batch; the old master key is then denied, and no call fails, before or after`,
  promises: {
    secrets: { is: SECRETS },
    engines: { is: 2 },
    kmsLatencyMs: { is: LATENCY_MS },
    kills: { is: 3 },
    leastLostByAKill: { atLeast: 1 },
    resumedByItself: { is: true },
    calls: { atLeast: 3_000 },
    failedCalls: { is: 0 },
    callsWithTheWrongKey: { is: 0 },
    callsThatTheVendorMissed: { is: 0 },
    oldMasterKeyDenied: { is: true },
    controlCallUnderTheOldMasterKeyRefused: { is: true },
    tenantsServedAfterTheDenial: { is: ORGS },
    failedCallsAfterTheDenial: { is: 0 },
    unreadable: { is: 0 },
  },
  async run(tell) {
    const wire = await FakeKms.start();
    const next = wire.createKey();
    const settings = awsSettings(wire, next);
    const scene = await startInstallation({
      ...settings,
      worker: { ...settings.worker, CLAVIGER_REWRAP_FROM: 'all' },
    });
    const origins = [originOf(scene.upstream.baseUrls.openai) ?? ''];
    const store = new SealedStore(scene.superuserUrl, { origins, textOf: sealedText });
    try {
      return await new Measurement(wire, scene, store, next, tell).run();
    } finally {
      await store.close();
      await scene.stop();
      await wire.stop();
    }
  },
};

class Measurement {
  readonly #old: string;
  readonly #vendor = new Vendor();
  readonly #config: AwsKmsConfig;

  constructor(
    private readonly wire: FakeKms,
    private readonly scene: Installation,
    private readonly store: SealedStore,
    private readonly next: string,
    private readonly tell: (line: string) => void,
  ) {
    this.#old = wire.keyArn;
    this.#config = { adapter: 'aws', keyId: this.#old, region: 'eu-central-1', endpoint: wire.url };
    wire.policy = iamOver([this.#old, next]);
    scene.upstream.respond(this.#vendor.answer);
  }

  async run(): Promise<Outcome> {
    const { wire, scene, store, next, tell } = this;
    const sealer = new Sealer(createKms(this.#config, 'seal', facts), DEPLOYMENT);
    const keys = await makeTenants(scene, store, sealer, { orgs: ORGS, each: EACH });
    this.#vendor.register(keys.map(({ identity }) => identity.secretId));
    const relic = await store.row(keys[0]!.identity);
    tell(`${keys.length} secrets of ${ORGS} organizations, sealed under the old master key`);

    wire.latencyMs = LATENCY_MS;
    const engines = scene.engines.map(({ url }) => url);
    const load = new CallLoad(engines, keys);
    const moved = async () => (await store.byRef())[`aws:${next}`] ?? 0;
    const series = new KillSeries(wire, wire.policy, () => scene.startWorker(), moved, tell);
    const started = performance.now();
    const resumedByItself = await series.run();
    const seconds = (performance.now() - started) / 1_000;

    // The engine uses no state older than 2 s: from then on nobody holds a wrapping of before.
    await delay(2_000);
    wire.policy = iamOver([next]);
    tell('the old master key is denied');
    // One more that has nothing in memory: whatever it serves, it was given after the denial.
    const fresh = (await scene.startEngine()).url;
    const after = await callEveryTenant([...engines, fresh], keys, CALLED_AFTERWARDS);
    const during = await load.stop();
    wire.latencyMs = 0;
    tell(`${during.calls + after.calls} calls; every secret is opened once more, with nothing in memory`);
    const identities = keys.map(({ identity }) => identity);
    const unreadable = await store.unreadable(this.#opener(), identities);
    const calls = during.calls + after.calls;
    const failed = [...during.failed, ...after.failed];

    const bars = new Bars();
    bars.hold((await moved()) === SECRETS, 'not every data key is under the new master key');
    bars.hold(failed.length === 0, `calls failed: ${[...new Set(failed)].slice(0, 5).join(', ')}`);
    return {
      faults: bars.faults,
      figures: {
        secrets: keys.length,
        organizations: ORGS,
        engines: engines.length,
        kmsLatencyMs: LATENCY_MS,
        kills: series.kills.length,
        movedAtEachKill: series.kills.map((kill) => kill.moved),
        rewrappedButNotCommittedAtEachKill: series.kills.map((kill) => kill.lost),
        leastLostByAKill: Math.min(...series.kills.map((kill) => kill.lost)),
        resumedByItself,
        rewrapSeconds: round(seconds),
        secretsPerSecond: round(SECRETS / seconds, 0),
        ...callFigures(during),
        failedCalls: failed.length,
        callsWithTheWrongKey: this.#vendor.wrongKeys,
        callsThatTheVendorMissed: calls - this.#vendor.calls,
        keysThatTheVendorSaw: this.#vendor.seen.size,
        callsAfterTheDenial: after.calls,
        failedCallsAfterTheDenial: after.failed.length,
        tenantsServedAfterTheDenial: after.orgs.size,
        unreadable,
        ...(await this.#controls(fresh, keys[0]!, relic)),
      },
    };
  }

  #opener(): Opener {
    return new Opener(createKms(this.#config, 'open', facts), DEPLOYMENT, systemClock, 'call');
  }

  /** The denial is a real one: what is under the old master key opens to nobody, and a call that needs it is refused by name. */
  async #controls(engine: string, key: AssignedKey, relic: Awaited<ReturnType<SealedStore['row']>>) {
    const opened = this.#opener().open(key.identity, relic);
    const oldMasterKeyDenied = await opened.then(
      () => false,
      () => true,
    );
    await this.store.rewrap(key.identity, relic);
    await delay(2_500);
    const { failed } = await callEveryTenant([engine], [key], 1);
    const controlCallUnderTheOldMasterKeyRefused = failed[0] === '503 kms_unavailable';
    return { oldMasterKeyDenied, controlCallUnderTheOldMasterKeyRefused };
  }
}

function callFigures({ calls, latenciesMs }: CallTally) {
  return {
    calls,
    callP50Ms: round(percentile(latenciesMs, 0.5)),
    callP99Ms: round(percentile(latenciesMs, 0.99)),
  };
}
