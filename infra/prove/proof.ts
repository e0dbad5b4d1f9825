import type { Figures } from './figures.js';
import type { Promises } from './promises.js';

export type { Figures };

/** One claim about the system, shown by a run that is too long for every commit. */
export interface Proof {
  name: string;
  /** What it shows, in a sentence. */
  shows: string;
  /** The figures that it stands for: the runner holds it to them, and a spec its committed result. */
  promises: Promises;
  /**
   * Measures; `tell` prints how far it is. A trial, of which nothing is written, may do less of it and so break promises about how
   * much. Throws only when it could not measure at all.
   */
  run(tell: (line: string) => void, asked: Asked): Promise<Outcome>;
}

/** What whoever starts a proof may ask for beside it. */
export interface Asked {
  isTrial: boolean;
  /** How many calls a proof makes whose length is free; its own number unless told. */
  calls?: number | undefined;
}

export interface Outcome {
  figures: Figures;
  /** Every bar that was not met, in words; empty: the claim holds. */
  faults: string[];
}

/** Collects the bars of a proof. */
export class Bars {
  readonly faults: string[] = [];

  /** Notes `what` as a fault unless it holds. */
  hold(holds: boolean, what: string): void {
    if (!holds) this.faults.push(what);
  }
}

/** The value that a share of the sorted values does not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Rounded to `digits` after the point, for figures that people read. */
export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
