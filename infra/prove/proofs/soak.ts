import { answersOf, driveLedger, ledgerCalls } from '#lib/testing';
import { furnish } from '../metering/scene.js';
import { percentile, round, type Asked, type Outcome, type Proof } from '../proof.js';
import { startInstallation, type Installation } from '../series/installation.js';
import { WeighedEngine, type EngineWeight } from '../soak/weighed-engine.js';

/** What the committed result made; `--calls 1000000` makes the whole million. */
const CALLS = 50_000;
/** Between two looks at what the engine holds. */
const LOOKS = 40;
/** The share of the looks that are warm-up: pools, caches and compiled code grow to their size. */
const WARM_UP = 0.3;
const LANES = 16;
const SHARES = { cut: 0.05, failed: 0.05 };
const MIB = 1_048_576;

/** Issue "Metering", line 7 of its list. */
export const soak: Proof = {
  name: 'soak',
  shows: `${CALLS} calls of every protocol through one engine, one in ten cut off or failed: memory is flat after the warm-up, no socket is left, no rejection went unhandled`,
  promises: {
    calls: { atLeast: CALLS },
    cutByTheirClient: { atLeast: CALLS * SHARES.cut },
    failedByTheirVendor: { atLeast: CALLS * SHARES.failed },
    heapGrowthAfterWarmUpMiB: { atMost: 10 },
    socketsLeft: { is: 0 },
    connectionsLeftAtTheVendor: { is: 0 },
    unhandledRejections: { is: 0 },
    callsThatFailedOtherwise: { is: 0 },
  },
  async run(tell, asked) {
    const scene = await startInstallation({ engine: { NODE_OPTIONS: '--expose-gc' } });
    try {
      return await measure(scene, tell, asked);
    } finally {
      await scene.stop();
    }
  },
};

async function measure(
  scene: Installation,
  tell: (line: string) => void,
  { calls = CALLS }: Asked,
): Promise<Outcome> {
  const { target } = await furnish(scene, 'soak');
  // Only this one is loaded and weighed.
  const engine = await WeighedEngine.start(scene);
  const load = async (count: number) => {
    const batch = ledgerCalls(count, SHARES);
    scene.upstream.respond(answersOf(batch, 0));
    return driveLedger(batch, { ...target, urls: [engine.url] }, LANES);
  };
  await load(LANES * 10);
  const before = await engine.quiet();
  const looks: EngineWeight[] = [];
  const count = { made: 0, cut: 0, failed: 0, otherwise: 0 };
  const started = performance.now();
  const aLook = Math.ceil(calls / LOOKS);
  while (count.made < calls) {
    const made = await load(aLook);
    const ends = (...wanted: string[]) => made.filter(({ call }) => wanted.includes(call.end)).length;
    count.made += made.length;
    count.cut += ends('cut');
    count.failed += ends('refused', 'broken');
    count.otherwise += made.filter(({ call, trouble }) => call.end === 'whole' && trouble !== null).length;
    looks.push(await engine.weigh());
    if (looks.length % 8 === 0)
      tell(
        `${count.made} calls, heap ${round(looks.at(-1)!.heapBytes / MIB)} MiB, ${looks.at(-1)!.sockets} sockets`,
      );
  }
  const seconds = (performance.now() - started) / 1_000;
  const after = await engine.quiet();
  const steady = looks.slice(Math.floor(looks.length * WARM_UP));
  const [early, late] = [steady.slice(0, steady.length / 3), steady.slice(-steady.length / 3)];
  const middle = (list: EngineWeight[], of: 'heapBytes' | 'rssBytes') =>
    percentile(
      list.map((look) => look[of]),
      0.5,
    ) / MIB;
  return {
    faults: [],
    figures: {
      calls: count.made,
      callsASecond: round(count.made / seconds, 0),
      cutByTheirClient: count.cut,
      failedByTheirVendor: count.failed,
      callsThatFailedOtherwise: count.otherwise,
      heapAfterWarmUpMiB: round(middle(early, 'heapBytes')),
      heapGrowthAfterWarmUpMiB: round(middle(late, 'heapBytes') - middle(early, 'heapBytes')),
      rssAfterWarmUpMiB: round(middle(early, 'rssBytes')),
      rssGrowthAfterWarmUpMiB: round(middle(late, 'rssBytes') - middle(early, 'rssBytes')),
      heapMiBAtEachLook: looks.map(({ heapBytes }) => round(heapBytes / MIB)),
      socketsBefore: before.sockets,
      socketsLeft: Math.max(0, after.sockets - before.sockets),
      connectionsLeftAtTheVendor: await scene.upstream.connections(),
      unhandledRejections: after.unhandled,
    },
  };
}
