import { gatherMetrics, Metrics } from '#lib/telemetry';
import type { Supervisor } from './supervisor.js';

/** The metrics of all processes of an engine in one answer: each sample says by `process` which one it is of. */
export class FleetMetrics {
  readonly #own = new Metrics('engine');

  constructor(private readonly fleet: Pick<Supervisor, 'serving' | 'leaving' | 'starts'>) {
    this.#own.gauge({
      name: 'claviger_engine_processes',
      help: 'Processes of this engine: serving, or replaced and ending what they have under way.',
      labels: ['state'],
      read: async () => [
        { labels: { state: 'serving' }, value: this.fleet.serving.length },
        { labels: { state: 'leaving' }, value: this.fleet.leaving.length },
      ],
    });
    this.#own.gauge({
      name: 'claviger_engine_process_starts',
      help: 'Processes that were begun since the engine was, by why: boot, restart (asked for), crash (the one before had ended by itself).',
      labels: ['reason'],
      read: async () =>
        Object.entries(this.fleet.starts).map(([reason, value]) => ({ labels: { reason }, value })),
    });
  }

  async print(): Promise<{ contentType: string; text: string }> {
    const { serving, leaving } = this.fleet;
    const children = [...serving, ...leaving].map(async ({ number, child }) => ({
      process: String(number),
      samples: await child.metrics(),
    }));
    const own = { process: 'primary', samples: await this.#own.samples() };
    return gatherMetrics([own, ...(await Promise.all(children))]);
  }
}
