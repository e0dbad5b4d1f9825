import { z } from 'zod';
import type { Installation } from '../series/installation.js';
import type { RunningProcess } from '../series/processes.js';

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
}
