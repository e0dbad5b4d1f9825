import { setTimeout as delay } from 'node:timers/promises';
import type { FakeKms, KmsPolicy } from '#lib/testing';
import type { RunningProcess } from '../series/processes.js';

/** Rows moved before each kill. */
const KILLS_AFTER = [1_500, 4_000, 7_500];
const PATIENCE_MS = 6 * 60_000;
const COMPLETE = 'the re-wrap is complete';

export interface Kill {
  /** Rows under the new master key when the database had rolled the batch back. */
  moved: number;
  /** Data keys that the KMS had moved and that nobody saved. */
  lost: number;
}

/** Kills the worker while the KMS answers it, starts the next one as a supervisor does, and lets the last one finish. */
export class KillSeries {
  readonly kills: Kill[] = [];

  constructor(
    private readonly wire: FakeKms,
    private readonly iam: KmsPolicy,
    private readonly startWorker: () => Promise<RunningProcess>,
    private readonly moved: () => Promise<number>,
    private readonly tell: (line: string) => void,
  ) {}

  /** Answers whether the last worker said that nothing is left to do. */
  async run(): Promise<boolean> {
    for (const killAfter of KILLS_AFTER) await this.#killOne(killAfter);
    this.wire.policy = this.iam;
    const worker = await this.startWorker();
    const until = Date.now() + PATIENCE_MS;
    while (!worker.log().includes(COMPLETE) && Date.now() < until) await delay(200);
    await worker.stop();
    return worker.log().includes(COMPLETE);
  }

  async #killOne(killAfter: number): Promise<void> {
    const [asked, before] = [this.wire.count('ReEncrypt'), await this.moved()];
    const running: { worker?: RunningProcess } = {};
    let answered = 0;
    this.wire.policy = (call) => {
      if (call.operation === 'ReEncrypt') answered += 1;
      // 50 rows a batch after the first single one: 26 are answered, 10 more are on their way.
      if (before + answered >= killAfter && (answered - 1) % 50 === 26) running.worker?.kill();
      return this.iam(call);
    };
    running.worker = await this.startWorker();
    await Promise.race([running.worker.ended, delay(PATIENCE_MS)]);
    // Postgres notices the lost connection and rolls the batch back.
    await delay(500);
    const now = await this.moved();
    this.kills.push({ moved: now, lost: this.wire.count('ReEncrypt') - asked - (now - before) });
    this.tell(`worker killed with ${now} moved`);
  }
}
