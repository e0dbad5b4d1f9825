import type { Installation } from '../series/installation.js';
import type { RunningProcess } from '../series/processes.js';
import { runOnce } from '../series/runs.js';
import type { OutageKey } from './keys.js';

const MAIN = 'infra/prove/kms-outage/engine-main.js';

/** An engine process whose clock is ours, and what it answered. */
export class ClockedEngine {
  /** The slowest answer, in ms of the wall's clock. */
  slowestMs = 0;
  /** Refusals by name, other failures too. */
  readonly refusals = new Map<string, number>();

  private constructor(private readonly engine: RunningProcess) {}

  static async start(scene: Installation, build?: string): Promise<ClockedEngine> {
    return new ClockedEngine(await scene.startEngine(build, MAIN));
  }

  get url(): string {
    return this.engine.url;
  }

  advance(ms: number): Promise<void> {
    return this.engine.send(ms);
  }

  /** How many of these keys serve now: each called once, over HTTP, all at once. */
  async served(keys: readonly OutageKey[]): Promise<number> {
    const results = await Promise.all(keys.map((key) => this.call(key)));
    return results.filter(Boolean).length;
  }

  /** True when the call went well. */
  async call({ workspaceId, headers }: OutageKey): Promise<boolean> {
    const started = performance.now();
    const { status, code } = await runOnce({ engine: this.engine.url, workspaceId, headers });
    this.slowestMs = Math.max(this.slowestMs, performance.now() - started);
    if (status === 200) return true;
    const name = `${status} ${code ?? ''}`;
    this.refusals.set(name, (this.refusals.get(name) ?? 0) + 1);
    return false;
  }

  stop(): Promise<void> {
    return this.engine.stop();
  }
}
