import { Counter, Histogram, type CounterConfiguration, type HistogramConfiguration } from 'prom-client';

/*
 * What happens with every call is counted in a map and handed to the library at a scrape: the library makes an object and a text of the
 * labels for each value, which costs as much as deciding the call does.
 */

/** What is kept for each combination of labels, by their values in the order of their names. */
class ByLabels<T> {
  readonly #known = new Map<string, { values: readonly string[]; kept: T }>();

  constructor(
    private readonly names: readonly string[],
    private readonly fresh: () => T,
  ) {}

  of(values: readonly string[]): T {
    const key = values.length === 1 ? (values[0] ?? '') : values.join('\n');
    let known = this.#known.get(key);
    if (!known) this.#known.set(key, (known = { values, kept: this.fresh() }));
    return known.kept;
  }

  all(): { labels: Record<string, string>; kept: T }[] {
    return [...this.#known.values()].map(({ values, kept }) => ({
      labels: Object.fromEntries(this.names.map((name, at) => [name, values[at] ?? ''])),
      kept,
    }));
  }
}

export class CountSeries extends Counter {
  readonly #counts: ByLabels<{ waiting: number }>;

  constructor(config: CounterConfiguration<string>) {
    super({ ...config, collect: () => this.#handOver() });
    this.#counts = new ByLabels(config.labelNames ?? [], () => ({ waiting: 0 }));
  }

  /** @param values of the labels, in the order of their names */
  add(count: number, ...values: string[]): void {
    this.#counts.of(values).waiting += count;
  }

  #handOver(): void {
    for (const { labels, kept } of this.#counts.all()) {
      this.inc(labels, kept.waiting);
      kept.waiting = 0;
    }
  }
}

interface Spread {
  /** By upper bound, each value in the first that holds it; the last one has no bound. */
  counts: number[];
  sum: number;
}

export class SpreadSeries extends Histogram {
  readonly #spreads: ByLabels<Spread>;
  readonly #bounds: readonly number[];

  constructor(private readonly config: HistogramConfiguration<string>) {
    super(config);
    const bounds = config.buckets ?? [];
    this.#bounds = bounds;
    const fresh = () => ({ counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 });
    this.#spreads = new ByLabels(config.labelNames ?? [], fresh);
  }

  /** @param values of the labels, in the order of their names */
  add(value: number, ...values: string[]): void {
    const spread = this.#spreads.of(values);
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
    spread.counts[at] = (spread.counts[at] ?? 0) + 1;
    spread.sum += value;
  }

  /** What the library asks for where it prints, and where it makes plain values. */
  getForPromString(): Promise<object> {
    const { name, help } = this.config;
    const values = this.#spreads.all().flatMap(({ labels, kept }) => this.#samplesOf(labels, kept));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }

  #samplesOf(sharedLabels: Record<string, string>, { counts, sum }: Spread): object[] {
    const { name } = this.config;
    let total = 0;
    const buckets = counts.map((count, at) => {
      total += count;
      const labels = { le: this.#bounds[at] ?? '+Inf' };
      return { metricName: `${name}_bucket`, labels, sharedLabels, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: total },
    ];
  }
}
