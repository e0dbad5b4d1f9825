import { randomRequest, randomWorld, referenceCounted, SeededRandom } from '#lib/testing';
import { asWireSees, judge, type Case } from './judge.js';
import { judgeModels, listsModels } from './models.js';
import { startResolutionStage } from './stage.js';
import { makeWorld, type MadeWorld } from './world-maker.js';

export interface ResolutionFigures {
  seed: number;
  worlds: number;
  /** Calls that a key served, by the vendor's log. */
  served: number;
  refused: number;
  /** Kinds of refusal that occurred. */
  codes: number;
  /** Answers of resolve, of the engine or of the vendor's log that are not the reference model's. */
  differences: number;
  /** Calls that reached the address of no key. */
  astray: number;
  modelsAsked: number;
  modelDifferences: number;
}

export interface ResolutionOptions {
  worlds: number;
  seed: number;
  /** The folder of the built code. */
  build?: string;
  tell(line: string): void;
}

const AT_ONCE = 6;
const LISTS = 40;

/** Makes random worlds real and compares what both planes and the vendor say with the reference model. Answers the first faults, too. */
export async function measureResolution({ worlds, seed, build, tell }: ResolutionOptions): Promise<{
  figures: ResolutionFigures;
  counts: Map<string, number>;
  faults: string[];
}> {
  const stage = await startResolutionStage(build);
  try {
    const random = new SeededRandom(seed);
    const options = { fixedVendors: true };
    const cases = Array.from({ length: worlds }, (_, index): Case => {
      const world = randomWorld(random, options);
      return { place: `w${index}`, world, request: randomRequest(random, world, options) };
    });
    const made = new Map<Case, MadeWorld>();
    await inTurns(cases, async (one) => void made.set(one, await makeWorld(stage, one.world, one.place)));
    await stage.switchOff();
    tell(`${worlds} worlds are made`);

    const faults: string[] = [];
    const counts = new Map<string, number>();
    const judged = async (one: Case) => {
      const due = referenceCounted(asWireSees(one.world), one.request);
      const kind = due.ok ? 'served' : due.code;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      faults.push(...(await judge(stage, one, made.get(one)!)));
    };
    await inTurns(
      cases.filter(({ world }) => world.stopped !== 'platform'),
      judged,
    );
    const listing = cases.filter(({ world }) => listsModels(world)).slice(0, LISTS);
    let modelsAsked = 0;
    const modelFaults: string[] = [];
    await inTurns(listing, async (one) => {
      const { asked, faults: wrong } = await judgeModels(stage, made.get(one)!);
      modelsAsked += asked;
      modelFaults.push(...wrong);
    });
    await stage.operator.ok('PUT', '/platform/kill-switch', { enabled: true, reason: 'maintenance' });
    await inTurns(
      cases.filter(({ world }) => world.stopped === 'platform'),
      judged,
    );

    tell([...counts].map(([kind, count]) => `${kind} ${count}`).join(', '));
    const served = counts.get('served') ?? 0;
    const astray = stage.vendor.arrivals.filter(({ path }) => path.startsWith('/nobody')).length;
    const figures = {
      ...{ seed, worlds, served, refused: worlds - served, codes: counts.size - 1 },
      ...{ differences: faults.length, astray, modelsAsked, modelDifferences: modelFaults.length },
    };
    return { figures, counts, faults: [...faults, ...modelFaults] };
  } finally {
    await stage.stop();
  }
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  // The first fault ends all of them, so that nothing goes on while the stage is taken down.
  const ended = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, () => worker().finally(() => (left.length = 0))),
  );
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
