import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';

/** Which spans are recorded, in the words of `OTEL_TRACES_SAMPLER`. */
export interface SamplerSettings {
  /** Whether the caller's own decision comes first. */
  parentBased: boolean;
  root: 'always_on' | 'always_off' | 'traceidratio';
  /** Of traces, from 0 to 1; for `traceidratio`. */
  ratio: number;
}

export function samplerOf({ parentBased, root, ratio }: SamplerSettings): Sampler {
  const own = rootOf(root, ratio);
  return parentBased ? new ParentBasedSampler({ root: own }) : own;
}

function rootOf(root: SamplerSettings['root'], ratio: number): Sampler {
  switch (root) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
  }
}
