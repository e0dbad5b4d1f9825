import { FakeKms, type KmsFault } from '#lib/testing';
import { denial, outage, type Stage } from '../kms-outage/cases.js';
import { makeKeys } from '../kms-outage/keys.js';
import { opensAtOnce, runsAtOnce } from '../kms-outage/misses.js';
import { round, type Figures, type Outcome, type Proof } from '../proof.js';
import { promisesOfEach, type Promises } from '../promises.js';
import { awsSettings } from '../series/aws-kms.js';
import { brokenEngine } from '../series/broken-build.js';
import { startInstallation } from '../series/installation.js';

const HOT = 10;
const COLD = 3;
const OUTAGES: Record<string, KmsFault> = {
  blackHole: 'hang',
  connectionsReset: 'reset',
  throttling: { type: 'ThrottlingException' },
  internalError: { type: 'KMSInternalException', status: 500 },
};
/** An engine that remembers for too long, asks the KMS for each caller, and takes no notice of a denial. */
const CACHE = 'libs/custody/src/dek-cache.js';
const BREAKS = [
  { file: CACHE, sound: 'staleMs: 600_000', broken: 'staleMs: 6_000_000' },
  { file: CACHE, sound: 'if (running)', broken: 'if (running && false)' },
  { file: CACHE, sound: "case 'denied':", broken: "case 'never':" },
];
const REFUSED = '503 kms_unavailable';

/** Issue "custody", line 4. */
export const kmsOutage: Proof = {
  name: 'kms-outage',
  shows:
    'an engine process over HTTP, with a clock of ours: while the KMS is down, hot keys serve for 5 minutes without an error and none past 600 s of age; cold ones are refused as 503; it recovers by itself; 1,000 misses at once make one KMS call, counted at the KMS; a denial ends use at its answer; an engine that is broken on purpose falls short of each',
  promises: {
    hotKeys: { is: HOT },
    ...promisesOfEach(Object.keys(OUTAGES), promisesOf),
    simultaneousMisses: { is: 1_000 },
    failedMisses: { is: 0 },
    kmsCallsForThem: { is: 1 },
    runsAtOnce: { atLeast: 50 },
    failedRunsAtOnce: { is: 0 },
    kmsCallsForTheRuns: { is: 1 },
    servedBeforeTheKmsIsAsked: { is: HOT },
    kmsCallsBeforeItsRefresh: { is: 0 },
    servedAfterItDenied: { is: 0 },
    servedWhenItAllowsAgain: { is: HOT },
    controlServedPast600s: { atLeast: 1 },
    controlKmsCallsForMisses: { atLeast: 2 },
    controlKmsCallsForTheRuns: { atLeast: 2 },
    controlServedAfterItDenied: { atLeast: 1 },
  },
  async run(tell): Promise<Outcome> {
    const wire = await FakeKms.start();
    const scene = await startInstallation(awsSettings(wire, wire.keyArn));
    try {
      const keys = await makeKeys(scene, HOT + COLD);
      return await measure({ scene, wire, hot: keys.slice(0, HOT), cold: keys.slice(HOT) }, tell);
    } finally {
      await scene.stop();
      await wire.stop();
    }
  },
};

function promisesOf(name: string): Promises {
  return {
    [`${name}ErrorsTo300s`]: { is: 0 },
    [`${name}ErrorsFrom300sTo600s`]: { is: 0 },
    [`${name}ServedPast600s`]: { is: 0 },
    [`${name}ColdServed`]: { is: 0 },
    [`${name}RefusedByAnotherName`]: { is: false },
    [`${name}SentWhileRefused`]: { is: 0 },
    [`${name}KmsCalls`]: { atLeast: 1 },
    // The engine's own bound is 2 s; what HTTP takes comes on top.
    [`${name}SlowestColdAnswerMs`]: { atMost: 2_200 },
    [`${name}Recovered`]: { is: HOT + COLD },
  };
}

async function measure(stage: Stage, tell: (line: string) => void): Promise<Outcome> {
  const figures: Figures = { hotKeys: HOT, coldKeys: COLD };
  for (const [name, fault] of Object.entries(OUTAGES)) {
    tell(`outage: ${name}`);
    const seen = await outage(stage, fault);
    Object.assign(figures, {
      [`${name}ErrorsTo300s`]: seen.errorsTo300s,
      [`${name}ServedFrom300sTo600s`]: seen.servedFrom300sTo600s,
      [`${name}ErrorsFrom300sTo600s`]: seen.calledFrom300sTo600s - seen.servedFrom300sTo600s,
      [`${name}ServedPast600s`]: seen.servedPast600s,
      [`${name}ColdServed`]: seen.coldServed,
      [`${name}RefusedByAnotherName`]: seen.refusals !== REFUSED,
      [`${name}SentWhileRefused`]: seen.sentWhileRefused,
      [`${name}KmsCalls`]: seen.kmsCallsMeanwhile,
      [`${name}SlowestAnswerMs`]: round(seen.slowestMs, 0),
      [`${name}SlowestColdAnswerMs`]: round(seen.slowestColdMs, 0),
      [`${name}Recovered`]: seen.recovered,
    });
  }
  tell('misses at once, and a denial');
  const together = await opensAtOnce(stage);
  const runs = await runsAtOnce(stage);
  const denied = await denial(stage);
  Object.assign(figures, {
    simultaneousMisses: together.misses,
    failedMisses: together.failed,
    kmsCallsForThem: together.kmsCalls,
    runsAtOnce: runs.runs,
    failedRunsAtOnce: runs.failed,
    kmsCallsForTheRuns: runs.kmsCalls,
    servedBeforeTheKmsIsAsked: denied.servedUnasked,
    kmsCallsBeforeItsRefresh: denied.askedBeforeTheRefresh,
    servedAfterItDenied: denied.servedAfterItDenied,
    servedWhenItAllowsAgain: denied.recovered,
  });
  tell('the same at an engine that is broken on purpose');
  Object.assign(figures, await controls(stage));
  return { figures, faults: [] };
}

async function controls(stage: Stage): Promise<Figures> {
  const { build, remove } = brokenEngine(BREAKS, ['infra/prove']);
  try {
    const broken = { ...stage, build };
    const { servedPast600s } = await outage(broken, { type: 'KMSInternalException', status: 500 });
    const { kmsCalls } = await opensAtOnce(broken);
    const runs = await runsAtOnce(broken);
    const { servedAfterItDenied } = await denial(broken);
    return {
      controlServedPast600s: servedPast600s,
      controlKmsCallsForMisses: kmsCalls,
      controlKmsCallsForTheRuns: runs.kmsCalls,
      controlServedAfterItDenied: servedAfterItDenied,
    };
  } finally {
    remove();
  }
}
