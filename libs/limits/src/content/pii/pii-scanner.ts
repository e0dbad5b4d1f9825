import type { Candidate } from '../findings.js';
import type { ContentAction, PiiKind } from '../rules.js';
import type { Scanner, TextWindow } from '../scanner.js';
import type { Detector } from './detector.js';
import { detectorsOf } from './detectors.js';
import { fold } from './fold.js';
import { holdFrom } from './hold.js';

/** A rule that asks for some kinds. */
export interface KindsWanted {
  ruleIndex: number;
  kinds: readonly PiiKind[];
  action: ContentAction;
}

/** The candidates that a place gives: one for each rule that wants its kind. */
export function candidatesFor(wanted: KindsWanted[], kind: PiiKind, start: number, end: number): Candidate[] {
  return wanted
    .filter(({ kinds }) => kinds.includes(kind))
    .map(({ ruleIndex, action }) => ({ ruleIndex, kind, start, end, action, open: false }));
}

/** Runs the detectors of all kinds that some rule wants, each once, whatever the number of rules. */
export class PiiScanner implements Scanner {
  position = 0;
  readonly #lanes: { detector: Detector; free: number }[];

  constructor(private readonly wanted: KindsWanted[]) {
    this.#lanes = detectorsOf(wanted.flatMap(({ kinds }) => kinds)).map((detector) => ({
      detector,
      free: 0,
    }));
  }

  scan({ text, base, ended }: TextWindow, tell: (candidate: Candidate) => void): number {
    const folded = fold(text);
    const hold = ended ? text.length : folded.toOriginal(holdFrom(folded.text));
    const until = Math.max(hold, this.position - base);
    if (base + until === this.position) return this.position;
    const last = folded.fromOriginal(until);
    for (const lane of this.#lanes) {
      const { detector } = lane;
      const from = folded.fromOriginal(Math.max(this.position, lane.free) - base);
      if (from >= last) continue;
      detector.find(folded.text, from, last, (foldedStart, foldedEnd) => {
        const start = base + folded.toOriginal(foldedStart);
        lane.free = base + folded.toOriginal(foldedEnd);
        candidatesFor(this.wanted, detector.kind, start, lane.free).forEach(tell);
      });
    }
    this.position = base + until;
    return this.position;
  }
}
