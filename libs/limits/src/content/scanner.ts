import type { Candidate } from './findings.js';

/**
 * How many units at the end of a growing text the built-in detectors keep back at most; also the longest match for which a pattern
 * is streamed by length.
 */
export const HOLD_MAX = 512;

/** How many units before its start a finding may depend on ("born on", a word boundary). They stay in the window. */
export const CONTEXT = 64;

/** The part of a text that is still of interest. Positions in it are offsets in the original minus `base`. */
export interface TextWindow {
  text: string;
  base: number;
  /** Nothing will follow. */
  ended: boolean;
}

/**
 * Looks at a growing text. What it tells of a start below the answered offset is final, whatever follows: so the findings of a text
 * do not depend on how it was cut.
 */
export interface Scanner {
  /** Tells what starts below the answered offset (of the original) and was not told yet. */
  scan(window: TextWindow, tell: (candidate: Candidate) => void): number;
  /** The offset from which on this scanner will look again. */
  readonly position: number;
  /** Whether it stopped before its time, so that others may go on: it is asked again. */
  readonly paused?: boolean;
}
