import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CountSeries, SpreadSeries } from './series.js';

/** One answered request. */
export interface HttpRequestSample {
  method: string;
  /** The router's own pattern (`/api/v1/tokens/:id`), never the path that was asked for. */
  route: string;
  status: number;
  seconds: number;
}

/** A value at the moment of a scrape. */
export interface GaugeSample {
  labels: Record<string, string>;
  value: number;
}

export interface GaugeDefinition {
  name: string;
  help: string;
  labels: string[];
  /** Asked at each scrape. When it rejects, the metric is missing from that scrape: an old value would be a lie. */
  read: () => Promise<GaugeSample[]>;
}

const CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
/** From a cached answer to an agent that works for minutes. */
const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/**
 * The metrics of one process. Every label is one of a small set of words that we or the operator chose: no organization, key,
 * person, run or path ever is one, since whoever may scrape may not know whose calls these are.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: SpreadSeries;
  readonly #runs: CountSeries;
  readonly #calls: CountSeries;
  readonly #callSeconds: SpreadSeries;
  readonly #answers: SpreadSeries;
  readonly #kms: Histogram<'operation' | 'outcome'>;
  readonly #spans: Counter<'outcome'>;

  /** @param plane the process, a label of every metric */
  constructor(readonly plane: 'api' | 'engine' | 'worker') {
    const registers = [this.#registry];
    this.#registry.setDefaultLabels({ plane });
    collectDefaultMetrics({ register: this.#registry });
    this.#memory();
    this.#requests = new SpreadSeries({
      name: 'claviger_http_request_duration_seconds',
      help: 'Answered requests: from the first byte of the request to the last of the answer, streams included.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.#runs = new CountSeries({
      name: 'claviger_agent_runs_total',
      help: 'Agent runs that ended here, by how: a status, or the code of the error.',
      labelNames: ['outcome'],
      registers,
    });
    this.#calls = new CountSeries({
      name: 'claviger_upstream_calls_total',
      help: 'Calls of agent runs to a vendor that left this process: ok, failed, refused (the key was), aborted.',
      labelNames: ['provider', 'outcome'],
      registers,
    });
    this.#callSeconds = new SpreadSeries({
      name: 'claviger_upstream_call_duration_seconds',
      help: 'Calls to a vendor: from asking it to the end of its answer, by what came of it.',
      labelNames: ['provider', 'outcome'],
      buckets: SECONDS,
      registers,
    });
    this.#spans = new Counter({
      name: 'claviger_spans_total',
      help: 'Spans that were recorded, and what became of them: exported, or lost since the collector did not take them.',
      labelNames: ['outcome'],
      registers,
    });
    this.#answers = new SpreadSeries({
      name: 'claviger_upstream_answer_seconds',
      help: 'Calls of agent runs: from asking a vendor to the first bytes of its answer, whatever it said.',
      labelNames: ['provider'],
      buckets: SECONDS,
      registers,
    });
    this.#kms = new Histogram({
      name: 'claviger_kms_call_duration_seconds',
      help: 'Calls to the key service, by operation and outcome (ok, or the kind of the failure).',
      labelNames: ['operation', 'outcome'],
      buckets: SECONDS,
      registers,
    });
  }

  httpRequest({ method, route, status, seconds }: HttpRequestSample): void {
    const known = METHODS.includes(method) ? method : 'other';
    this.#requests.add(seconds, known, route, CLASSES[Math.trunc(status / 100)] ?? 'other');
  }

  agentRun(outcome: string, count = 1): void {
    this.#runs.add(count, outcome);
  }

  /** @param seconds until all of the answer was there; undefined where that is not known */
  upstreamCall(provider: string, outcome: string, seconds?: number): void {
    this.#calls.add(1, provider, outcome);
    if (seconds !== undefined) this.#callSeconds.add(seconds, provider, outcome);
  }

  spans(outcome: 'recorded' | 'exported' | 'lost', count: number): void {
    this.#spans.inc({ outcome }, count);
  }

  upstreamAnswer(provider: string, seconds: number): void {
    this.#answers.add(seconds, provider);
  }

  kmsCall(operation: string, outcome: string, seconds: number): void {
    this.#kms.observe({ operation, outcome }, seconds);
  }

  /** Adds a value that is read at each scrape. */
  gauge({ name, help, labels, read }: GaugeDefinition): void {
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
      async collect() {
        this.reset();
        const samples = await read().catch(() => []);
        for (const sample of samples) this.set(sample.labels, sample.value);
      },
    });
  }

  /** The library reads the memory out of /proc, which a process behind Node's permission model cannot (ADR 0005). */
  #memory(): void {
    for (const name of ['virtual_memory', 'resident_memory', 'heap'])
      this.#registry.removeSingleMetric(`process_${name}_bytes`);
    const read = async (): Promise<GaugeSample[]> => [{ labels: {}, value: process.memoryUsage.rss() }];
    this.gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory size in bytes.',
      labels: [],
      read,
    });
  }

  /** Everything as plain values, for `gatherMetrics`. */
  samples(): Promise<unknown> {
    return this.#registry.getMetricsAsJSON();
  }

  /** Everything in the text format of Prometheus. */
  async print(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
