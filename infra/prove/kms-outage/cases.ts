import { setTimeout as delay } from 'node:timers/promises';
import type { FakeKms, KmsFault } from '#lib/testing';
import type { Installation } from '../series/installation.js';
import { ClockedEngine } from './clocked-engine.js';
import type { OutageKey } from './keys.js';

const STEP_MS = 15_000;
const MINUTE = 60_000;

export interface Stage {
  scene: Installation;
  wire: FakeKms;
  hot: readonly OutageKey[];
  cold: readonly OutageKey[];
  /** Another build than the product's, for controls. */
  build?: string;
}

/** Calls while the KMS is as `fault` has it, by the age of what the engine remembers, and after it. */
export async function outage({ scene, wire, hot, cold, build }: Stage, fault: KmsFault) {
  const engine = await ClockedEngine.start(scene, build);
  try {
    await engine.served(hot);
    const sentBefore = scene.arrivals.total;
    wire.fault = fault;
    const asked = wire.count('Decrypt');
    const counts = { errorsTo300s: 0, calledFrom300sTo600s: 0, servedFrom300sTo600s: 0, servedPast600s: 0 };
    let served = 0;
    for (let age = STEP_MS; age <= 11 * MINUTE; age += STEP_MS) {
      await engine.advance(STEP_MS);
      const now = await engine.served(hot);
      served += now;
      if (age <= 5 * MINUTE) counts.errorsTo300s += hot.length - now;
      else if (age >= 10 * MINUTE) counts.servedPast600s += now;
      else {
        counts.calledFrom300sTo600s += hot.length;
        counts.servedFrom300sTo600s += now;
      }
    }
    const slowestMs = engine.slowestMs;
    engine.slowestMs = 0;
    let coldServed = 0;
    // One after another: nothing but the engine's own wait is to be seen in their time.
    for (const key of cold) coldServed += await engine.served([key]);
    const slowestColdMs = engine.slowestMs;
    const kmsCallsMeanwhile = wire.count('Decrypt') - asked;
    const sentWhileRefused = scene.arrivals.total - sentBefore - served - coldServed;
    const refusals = [...engine.refusals.keys()].join(', ');
    wire.fault = undefined;
    await engine.advance(STEP_MS);
    const recovered = (await engine.served(hot)) + (await engine.served(cold));
    const times = { slowestMs, slowestColdMs };
    return { ...counts, ...times, coldServed, kmsCallsMeanwhile, sentWhileRefused, refusals, recovered };
  } finally {
    wire.fault = undefined;
    await engine.stop();
  }
}

/** A key that the KMS denies serves until the KMS is next asked, and not once after its answer; given back, it serves again. */
export async function denial({ scene, wire, hot, build }: Stage) {
  const engine = await ClockedEngine.start(scene, build);
  try {
    await engine.served(hot);
    wire.fault = { type: 'AccessDeniedException' };
    const asked = wire.count('Decrypt');
    await engine.advance(149_000);
    const servedUnasked = await engine.served(hot);
    const askedBeforeTheRefresh = wire.count('Decrypt') - asked;
    await engine.advance(1_000);
    await engine.served(hot);
    for (let waited = 0; wire.count('Decrypt') === asked && waited < 5_000; waited += 10) await delay(10);
    await delay(300);
    const servedAfterItDenied = await engine.served(hot);
    const refusals = [...engine.refusals.keys()].join(', ');
    wire.fault = undefined;
    const recovered = await engine.served(hot);
    return { servedUnasked, askedBeforeTheRefresh, servedAfterItDenied, refusals, recovered };
  } finally {
    wire.fault = undefined;
    await engine.stop();
  }
}
