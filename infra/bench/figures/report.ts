import type { MachineClass } from '../../prove/machine.js';
import { exitCode, BARS, verdictOf, type Found } from './bars.js';
import { rounded, type Samples } from './stats.js';
import { figuresTable, markdown } from './table.js';

/** A run as it is written to `infra/bench/results`. */
export interface Report {
  isQuick: boolean;
  commit: string | null;
  startedAt: string;
  seconds: number;
  machine: MachineClass;
  /** Whether each gateway had a core of its own (`taskset`). */
  isPinned: boolean;
  /** Of the machine over the last minute when the run began: others that worked on it. */
  loadBefore: number;
  versions: Record<string, string>;
  rounds: number;
  /** Measurements that broke: made again, or given up. */
  repeated: string[];
  figures: Record<string, Found>;
  samples: Record<string, number[]>;
}

const SHOWN = ['direct', 'bare', 'engine', 'naive', 'portkey'];
const ROWS = [
  ...['rps 1 KB', 'CPU µs 1 KB', 'core busy 1 KB', 'rps 64 KB', 'CPU µs 64 KB', 'p50 ms at 300 rps'],
  ...['first byte ms', 'CPU µs per chunk', 'cold p50 ms'],
];

export function exitCodeOf({ figures }: Pick<Report, 'figures'>): 0 | 1 {
  return exitCode(BARS.map((bar) => verdictOf(bar, figures[bar.id] ?? { value: null })));
}

/** The run for people: figures first, then the medians that they were made of. */
export function reportText(report: Report, samples: Samples): string {
  const { machine, isPinned, isQuick, rounds, commit, startedAt, loadBefore, versions } = report;
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const notes = [
    ...(isQuick ? ['**A quick run: too few and too short rounds to be quoted.**'] : []),
    `${rounds} interleaved rounds, medians of the rounds’ ratios; ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}; ` +
      `Node ${machine.node}; ${made.join(', ')}; commit ${commit ?? 'none'}; ${startedAt}; load of the machine before it began: ${loadBefore}.`,
    isPinned
      ? 'Each gateway was pinned to one core; load, upstream, KMS and database had the others.'
      : 'Nothing was pinned: there is no `taskset` here, or one core only.',
    'Portkey’s gateway runs with a shim for streams (`references/portkey-sse.mjs`), which answer 500 without it.',
    ...report.repeated.map((what) => `Broken: ${what}.`),
  ];
  const medians = ROWS.map((row) => [row, ...SHOWN.map((name) => shown(samples.median(row, name)))]);
  return [
    ...['# Bench', ...notes, figuresTable(report.figures), 'Medians of the rounds:'],
    markdown(['', ...SHOWN], medians),
  ].join('\n\n');
}

function shown(value: number): string {
  return Number.isNaN(value) ? '–' : String(rounded(value));
}
