/** A figure of PERFORMANCE.md and what it must reach there. */
export interface Bar {
  id: string;
  figure: string;
  /** Whether more is better. */
  atLeast: boolean;
  must: number;
  stretch: number;
  unit?: string;
}

const ratio = (id: string, figure: string, must: number, stretch: number, atLeast = false): Bar => ({
  ...{ id, figure, must, stretch, atLeast },
});

/** The table of PERFORMANCE.md, line for line. */
export const BARS: readonly Bar[] = [
  ratio('throughput', 'requests/s, 1 KB body, 64 connections ÷ bare', 0.6, 0.75, true),
  ratio('cpuPerRequest', 'CPU per request ÷ bare', 1.5, 1.3),
  ratio('throughputToPortkey', 'requests/s ÷ Portkey', 12, 20, true),
  ratio('throughputToNaive', 'requests/s ÷ naive', 10, 15, true),
  ratio('addedP50', 'added p50 at 300 rps ÷ bare’s added p50', 1.4, 1.2),
  ratio('addedP50ToPortkey', 'added p50 ÷ Portkey’s', 0.25, 0.2),
  ratio('firstByte', 'streaming: added time to first byte ÷ bare’s', 1.8, 1.3),
  ratio('cpuPerChunk', 'CPU per SSE chunk ÷ bare', 1.2, 1.1),
  { ...ratio('memoryPerStream', 'memory per open stream (500 streams)', 40, 20), unit: 'KB' },
  ratio('largeBody', '64 KB body: requests/s ÷ bare', 0.6, 0.75, true),
  ratio('coldMiss', 'cold miss: added p50 ÷ bare’s (injected KMS delay excluded)', 5, 3),
  ratio('stampedeKms', 'cold stampede of 100: KMS calls', 1, 1),
  ratio('stampedeQueries', 'cold stampede of 100: state queries', 1, 1),
  ratio('warmAwaited', 'warm path: queries, Redis round trips and KMS calls awaited', 0, 0),
  ratio('processes', '2 processes ÷ 1', 1.7, 1.7, true),
];

export type Verdict = 'stretch' | 'reached' | 'missed' | 'not measured' | 'no bar here';

/** What a run found of one bar. */
export interface Found {
  /** Null: it could not be measured, and `remark` says why. */
  value: number | null;
  remark?: string;
  /** Where the machine cannot show it: printed, and held against nobody. */
  isExempt?: boolean;
}

export function verdictOf(bar: Bar, { value, isExempt }: Found): Verdict {
  if (isExempt) return 'no bar here';
  if (value === null || Number.isNaN(value)) return 'not measured';
  const reaches = (limit: number): boolean => (bar.atLeast ? value >= limit : value <= limit);
  return reaches(bar.stretch) ? 'stretch' : reaches(bar.must) ? 'reached' : 'missed';
}

/** 0 when every bar that has one is reached. What was not measured was not reached. */
export function exitCode(verdicts: readonly Verdict[]): 0 | 1 {
  return verdicts.some((verdict) => verdict === 'missed' || verdict === 'not measured') ? 1 : 0;
}
