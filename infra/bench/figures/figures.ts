import type { Found } from './bars.js';
import type { Samples } from './stats.js';

/** What is known beside the samples. */
export interface Circumstances {
  cores: number;
  isPinned: boolean;
  /** KB, by rounds. */
  memory: readonly { live: number; resident: number }[];
  /** Why Portkey is not among the measured, or null. */
  portkey: string | null;
}

const CORES_FOR_TWO = 4;

/** Every figure of the table, by its bar's id. */
export function figuresOf(samples: Samples, around: Circumstances): Record<string, Found> {
  const p50 = 'p50 ms at 300 rps';
  const missing = around.portkey === null ? {} : { remark: `not reached: ${around.portkey}` };
  const answered = samples.median('calls answered in the silence', 'engine');
  return {
    throughput: { value: samples.ratio('rps 1 KB', 'engine', 'bare') },
    cpuPerRequest: { value: samples.ratio('CPU µs 1 KB', 'engine', 'bare') },
    throughputToPortkey: { value: samples.ratio('rps 1 KB', 'engine', 'portkey'), ...missing },
    throughputToNaive: { value: samples.ratio('rps 1 KB', 'engine', 'naive') },
    addedP50: { value: samples.addedRatio(p50, 'engine', 'bare', 'direct') },
    addedP50ToPortkey: { value: samples.addedRatio(p50, 'engine', 'portkey', 'direct'), ...missing },
    firstByte: { value: samples.addedRatio('first byte ms', 'engine', 'bare', 'direct') },
    cpuPerChunk: { value: samples.ratio('CPU µs per chunk', 'engine', 'bare') },
    memoryPerStream: memoryFound(around.memory),
    largeBody: { value: samples.ratio('rps 64 KB', 'engine', 'bare') },
    coldMiss: {
      value: samples.addedRatio('cold p50 ms', 'engine', 'bare', 'direct'),
      remark: 'nothing injected; one at a time, bare’s at the same pace',
    },
    stampedeKms: { value: samples.median('stampede: KMS calls', 'engine') },
    stampedeQueries: { value: samples.median('stampede: state queries', 'engine') },
    warmAwaited: {
      value: samples.median('calls that waited', 'engine'),
      remark: `${answered} calls answered while database and KMS were silent`,
    },
    processes: processesFound(samples, around),
  };
}

function memoryFound(memory: Circumstances['memory']): Found {
  const worst = memory.reduce<{ live: number; resident: number } | null>(
    (most, one) => (most && most.live >= one.live ? most : one),
    null,
  );
  if (!worst) return { value: null };
  return { value: worst.live, remark: `heap and buffers; resident ${worst.resident.toFixed(0)} KB` };
}

/** With fewer cores the second process shares one with the load: the figure says something about the machine only. */
function processesFound(samples: Samples, { cores }: Circumstances): Found {
  const value = samples.ratio('rps of processes', 'two', 'one');
  if (cores >= CORES_FOR_TWO) return { value };
  return { value, isExempt: true, remark: `${cores} cores: the second process shares one with the load` };
}
