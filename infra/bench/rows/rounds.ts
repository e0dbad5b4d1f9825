import type { Samples } from '../figures/stats.js';
import { median } from '../figures/stats.js';
import { requestBytes, type Outcome, type Target } from '../load/connection.js';
import { closedLoop, openLoop } from '../load/loops.js';
import { callBody, type StreamShape } from '../load/shapes.js';
import type { CpuUsage } from '../stage/contender.js';
import type { Asked, Name, Stage } from '../stage/stage.js';
import type { Plan } from './plan.js';

const CONNECTIONS = 64;
const RATE = 300;
/** Short streams, many of them, for what comes before the first byte; long ones for what a chunk costs. */
const SHORT: StreamShape = { chunks: 4, gapMs: 5 };
const LONG: StreamShape = { chunks: 100, gapMs: 5 };
const LONG_STREAMS = 32;

/** One measurement that is repeated for each of its contenders in each round. */
interface Slice {
  names: readonly Name[];
  measure(asked: Asked, plan: Plan, samples: Samples): Promise<void>;
}

const SLICES: readonly Slice[] = [
  {
    names: ['direct', 'bare', 'engine', 'naive', 'portkey'],
    measure: (asked, plan, samples) => full('1 KB', 1_024, asked, plan, samples),
  },
  {
    names: ['bare', 'engine'],
    measure: (asked, plan, samples) => full('64 KB', 65_536, asked, plan, samples),
  },
  {
    names: ['direct', 'bare', 'engine', 'portkey'],
    measure: async (asked, { leadMs, ms }, samples) => {
      const { target, name } = asked;
      const bytes = requestBytes(target, callBody(1_024));
      const calls = await openLoop({ target, bytes, perSecond: RATE, leadMs, ms });
      samples.add('p50 ms at 300 rps', name, median(calls.map(({ endAt, sentAt }) => endAt - sentAt)));
    },
  },
  {
    names: ['direct', 'bare', 'engine', 'portkey'],
    measure: async ({ target, name }, { leadMs, ms }, samples) => {
      const bytes = requestBytes(target, callBody(1_024, SHORT));
      const calls = await openLoop({ target, bytes, perSecond: RATE / 3, leadMs, ms });
      samples.add('first byte ms', name, median(calls.map(firstByteMs)));
    },
  },
  {
    names: ['bare', 'engine'],
    measure: async (asked, plan, samples) => {
      const { calls, cpuUs } = await cpuOf(asked, plan, LONG_STREAMS, callBody(1_024, LONG));
      samples.add('CPU µs per chunk', asked.name, cpuUs / (calls * LONG.chunks));
    },
  },
];

/** All rounds of what is compared with a reference: each measures every contender before the next one begins. */
export async function measureRounds(
  stage: Stage,
  plan: Plan,
  samples: Samples,
  tell: (line: string) => void,
): Promise<void> {
  for (let round = 1; round <= plan.rounds; round += 1) {
    tell(`round ${round} of ${plan.rounds} …`);
    for (const { names, measure } of SLICES) {
      // Who is first in one round is last in another.
      for (const name of turned(names, round)) {
        const asked = stage.asked.get(name);
        if (asked) await attempt(stage, asked, () => measure(asked, plan, samples));
      }
    }
  }
}

/** Each contender at full load until it has had both the time and the calls for its caches and its compiled code. */
export async function warm(stage: Stage, { warmMs, warmCalls }: Plan): Promise<void> {
  for (const asked of [...stage.asked.values()]) {
    const bytesFor = (target: Target) => requestBytes(target, callBody(1_024));
    const options = { targets: [asked.target], bytesFor, connections: CONNECTIONS, leadMs: 0, ms: warmMs };
    await attempt(stage, asked, async () => {
      let calls = 0;
      for (let times = 0; times < MOST_WARM && calls < warmCalls; times += 1)
        calls += (await closedLoop(options)).calls;
    });
  }
}

/** A slow one is not waited for any longer: a peer that needs three milliseconds for a call is warm by then. */
const MOST_WARM = 3;
const TIMES = 3;

/**
 * A measurement that breaks is made again, and the report says so: on a machine that others use, a process may be kept waiting too long.
 * One that breaks every time is missing from the report, which says that as well; the others are not lost with it.
 */
export async function repeating(
  stage: Stage,
  what: string,
  work: () => Promise<unknown>,
): Promise<'done' | 'given up'> {
  for (let time = 1; time <= TIMES; time += 1) {
    try {
      await work();
      return 'done';
    } catch (error) {
      const how = time < TIMES ? 'made again' : 'given up';
      stage.repeated.push(`${what}, ${how} (${oneLine(error)})`);
    }
  }
  return 'given up';
}

/** A peer that breaks is missing from then on. */
async function attempt(stage: Stage, { name }: Asked, work: () => Promise<unknown>): Promise<void> {
  const came = await repeating(stage, name, work);
  if (came === 'done' || name !== 'portkey') return;
  stage.missing.set(name, stage.repeated.at(-1) ?? '');
  stage.asked.delete(name);
}

function oneLine(error: unknown): string {
  return String(error).replace(/\s+/g, ' ').slice(0, 160);
}

async function full(row: string, size: number, asked: Asked, plan: Plan, samples: Samples): Promise<void> {
  const { calls, ms, cpuUs } = await cpuOf(asked, plan, CONNECTIONS, callBody(size));
  samples.add(`rps ${row}`, asked.name, (calls * 1_000) / ms);
  samples.add(`CPU µs ${row}`, asked.name, cpuUs / calls);
  samples.add(`core busy ${row}`, asked.name, cpuUs / (ms * 1_000));
}

async function cpuOf({ target, process }: Asked, plan: Plan, connections: number, body: string) {
  let [before, after]: CpuUsage[] = [];
  const done = await closedLoop({
    targets: [target],
    bytesFor: () => requestBytes(target, body),
    connections,
    leadMs: plan.leadMs,
    ms: plan.ms,
    onBegin: async () => void (before = await process.usage()),
    onEnd: async () => void (after = await process.usage()),
  });
  const total = (usage?: CpuUsage) => (usage ? usage.user + usage.system : 0);
  return { ...done, cpuUs: total(after) - total(before) };
}

function firstByteMs({ firstAt, sentAt }: Outcome): number {
  return firstAt - sentAt;
}

function turned<T>(names: readonly T[], by: number): T[] {
  return names.map((_, at) => names[(at + by) % names.length]!);
}
