import { setTimeout as delay } from 'node:timers/promises';
import type { AwsKmsConfig } from '#lib/config';
import { Opener } from '#lib/custody/opener';
import { Sealer } from '#lib/custody/sealer';
import { systemClock } from '#lib/kernel';
import { createKms } from '#lib/kms';
import { FakeKms, SealedStore, startTestDatabase, type KmsCall } from '#lib/testing';
import { Bars, percentile, round, type Outcome, type Proof } from '../proof.js';
import { OpenLoad } from '../rewrap/open-load.js';
import { WorkerProcess, type WorkerSettings } from '../rewrap/worker-process.js';

const ORGS = 20;
const EACH = 500;
const SECRETS = ORGS * EACH;
const LATENCY_MS = 20;
/** Rows moved before each kill. */
const KILLS_AFTER = [1_500, 4_000, 7_500];
const PATIENCE_MS = 15 * 60_000;
const facts = { env: 'test' } as const;

/** Issue "custody", line 2. */
export const rewrap: Proof = {
  name: 'rewrap',
  shows: `${SECRETS} secrets move to a new master key under load, over three kill -9 of the worker in the middle of a batch; the old master key is then denied`,
  async run(tell) {
    const database = await startTestDatabase();
    const wire = await FakeKms.start();
    const store = new SealedStore(database.superuserUrl);
    try {
      return await measure({ wire, store, workerUrl: database.workerUrl, tell });
    } finally {
      await store.close();
      await wire.stop();
      await database.stop();
    }
  },
};

interface Scene {
  wire: FakeKms;
  store: SealedStore;
  workerUrl: string;
  tell: (line: string) => void;
}

async function measure({ wire, store, workerUrl, tell }: Scene): Promise<Outcome> {
  const config: AwsKmsConfig = {
    adapter: 'aws',
    keyId: wire.keyArn,
    region: 'eu-central-1',
    endpoint: wire.url,
  };
  const [old, next] = [wire.keyArn, wire.createKey()];
  const opener = () => new Opener(createKms(config, 'open', facts), 'prove', systemClock, 'call');
  const secrets = await store.add(new Sealer(createKms(config, 'seal', facts), 'prove'), ORGS, EACH);
  const relic = await store.row(secrets[0]!);
  tell(`${secrets.length} secrets sealed under the old master key`);

  wire.latencyMs = LATENCY_MS;
  wire.policy = asIam;
  const load = new OpenLoad(store, opener(), secrets);
  const series = new KillSeries(
    wire,
    { databaseUrl: workerUrl, kmsEndpoint: wire.url, kmsKeyId: next },
    tell,
  );
  const started = performance.now();
  const moved = async () => (await store.byRef())[`aws:${next}`] ?? 0;
  const completed = await series.run(moved);
  const seconds = (performance.now() - started) / 1_000;

  // The engine uses no state older than 2 s: from then on nobody holds a wrapping of before.
  await delay(2_000);
  wire.policy = (call) => asIam(call) && !call.body.includes(old);
  await delay(5_000);
  await load.stop();
  const denied = await opener()
    .open(secrets[0]!, relic)
    .then(
      () => false,
      () => true,
    );
  tell('every secret is opened once more, by an engine that has nothing cached');
  const unreadable = await store.unreadable(opener(), secrets);

  const bars = new Bars();
  bars.hold(completed, 'the re-wrap did not complete by itself');
  bars.hold((await moved()) === SECRETS, 'not every data key is under the new master key');
  bars.hold(series.kills.length === KILLS_AFTER.length, 'the worker was not killed three times');
  bars.hold(
    series.kills.every((kill) => kill.lost > 0),
    'a kill hit no batch under way',
  );
  bars.hold(load.opened > 1_000, 'there was no load to speak of');
  bars.hold(load.failed === 0, `${load.failed} calls failed`);
  bars.hold(denied, 'the control: the old master key still opens');
  bars.hold(unreadable === 0, `${unreadable} secrets are unreadable`);
  return {
    faults: bars.faults,
    figures: {
      secrets: SECRETS,
      kmsLatencyMs: LATENCY_MS,
      kills: series.kills.length,
      movedAtEachKill: series.kills.map((kill) => kill.moved),
      rewrappedButNotCommittedAtEachKill: series.kills.map((kill) => kill.lost),
      rewrapSeconds: round(seconds),
      secretsPerSecond: round(SECRETS / seconds, 0),
      opensDuringAndAfter: load.opened,
      failedOpens: load.failed,
      openP50Ms: round(percentile(load.latenciesMs, 0.5)),
      openP99Ms: round(percentile(load.latenciesMs, 0.99)),
      oldMasterKeyDenied: denied,
      unreadable,
    },
  };
}

/** The policies of `infra/terraform/aws`, as far as they matter here: the worker moves data keys, nobody else does. */
function asIam({ operation, accessKeyId }: KmsCall): boolean {
  const moves = operation === 'ReEncrypt';
  return accessKeyId === 'AKIDWORKER' ? moves || operation === 'DescribeKey' : !moves;
}

/** Kills the worker while the KMS answers it, starts the next one as a supervisor does, and lets the last one finish. */
class KillSeries {
  readonly kills: { moved: number; lost: number }[] = [];

  constructor(
    private readonly wire: FakeKms,
    private readonly settings: WorkerSettings,
    private readonly tell: (line: string) => void,
  ) {}

  async run(moved: () => Promise<number>): Promise<boolean> {
    for (const killAfter of KILLS_AFTER) await this.killOne(killAfter, moved);
    this.wire.policy = asIam;
    const worker = new WorkerProcess(this.settings);
    const until = Date.now() + PATIENCE_MS;
    while (!worker.output.includes('the re-wrap is complete') && Date.now() < until) await delay(200);
    await worker.stop();
    return worker.output.includes('the re-wrap is complete');
  }

  private async killOne(killAfter: number, moved: () => Promise<number>): Promise<void> {
    const worker = new WorkerProcess(this.settings);
    const [asked, before] = [this.wire.count('ReEncrypt'), await moved()];
    let answered = 0;
    this.wire.policy = (call) => {
      if (call.operation === 'ReEncrypt') answered += 1;
      // 50 rows a batch after the first single one: 26 are answered, 10 more are on their way.
      if (before + answered >= killAfter && (answered - 1) % 50 === 26) worker.kill();
      return asIam(call);
    };
    await Promise.race([worker.ended, delay(PATIENCE_MS)]);
    // Postgres notices the lost connection and rolls the batch back.
    await delay(500);
    const now = await moved();
    this.kills.push({ moved: now, lost: this.wire.count('ReEncrypt') - asked - (now - before) });
    this.tell(`worker killed with ${now} moved`);
  }
}
