import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Installation } from '../series/installation.js';
import type { RunningProcess } from '../series/processes.js';

const LOOK_MS = 1_000;
/** Longer than a server keeps an idle connection. */
const STILL_MS = 80_000;
const MAIN = 'infra/prove/soak/engine-main.js';

const Weight = z.object({
  heapBytes: z.number(),
  rssBytes: z.number(),
  sockets: z.number(),
  unhandled: z.number(),
  isCollected: z.literal(true),
});
export type EngineWeight = z.infer<typeof Weight>;

/** An engine process that says what it holds. */
export class WeighedEngine {
  private constructor(private readonly engine: RunningProcess) {}

  static async start(scene: Installation): Promise<WeighedEngine> {
    return new WeighedEngine(await scene.startEngine(undefined, MAIN));
  }

  get url(): string {
    return this.engine.url;
  }

  async weigh(): Promise<EngineWeight> {
    return Weight.parse(await this.engine.ask(0));
  }

  /** What it holds when nothing is asked of it: pools and keep-alive have ended what they do not need. */
  async quiet(): Promise<EngineWeight> {
    let [least, stillMs] = [await this.weigh(), 0];
    while (stillMs < STILL_MS) {
      await delay(LOOK_MS);
      const now = await this.weigh();
      stillMs = now.sockets < least.sockets ? 0 : stillMs + LOOK_MS;
      if (now.sockets <= least.sockets) least = now;
    }
    return least;
  }
}
