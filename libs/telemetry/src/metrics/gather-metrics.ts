import { AggregatorRegistry } from 'prom-client';

/** The metrics of one of several processes, as `Metrics.samples` gave them; whatever else it is, is left out. */
export interface ProcessSamples {
  /** Which one: the value of the label `process`. */
  process: string;
  samples: unknown;
}

interface Sample {
  labels?: Record<string, string | number>;
}

/** The metrics of several processes as one text in the format of Prometheus, each sample with the process that it is of. */
export async function gatherMetrics(
  parts: readonly ProcessSamples[],
): Promise<{ contentType: string; text: string }> {
  const metrics = parts.map(({ process, samples }) =>
    metricsIn(samples).map((metric) => labelled(metric, process)),
  );
  const registry = AggregatorRegistry.aggregate(metrics);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

interface MetricSamples {
  name: string;
  values: Sample[];
}

function labelled(metric: MetricSamples, process: string): MetricSamples {
  const samples = metric.values.filter((sample) => typeof sample === 'object' && sample !== null);
  const values = samples.map((sample) => ({ ...sample, labels: { ...sample.labels, process } }));
  // By process nothing has to be averaged or left out.
  return { ...metric, values, ...{ aggregator: 'sum' } };
}

function metricsIn(samples: unknown): MetricSamples[] {
  return Array.isArray(samples) ? samples.filter(isMetric) : [];
}

function isMetric(value: unknown): value is MetricSamples {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'values' in value &&
    Array.isArray(value.values)
  );
}
