import { NEGATIVE_SORTS, negativeText } from './negatives.js';
import { POSITIVES, type PiiSample } from './positives.js';
import { SeededRandom } from './random.js';

export interface PiiCorpus {
  positives: PiiSample[];
  negatives: { sort: string; text: string }[];
}

/** `each` texts for every kind of personal data, and as many for every sort of text without. The same seed makes the same corpus. */
export function piiCorpus(seed: number, each: number): PiiCorpus {
  const random = new SeededRandom(seed);
  const positives = Object.entries(POSITIVES).flatMap(([kind, make]) =>
    Array.from({ length: each }, () => {
      const [lead, value, trail] = make(random);
      return { kind, text: lead + value + trail, start: lead.length, end: lead.length + value.length };
    }),
  );
  const negatives = NEGATIVE_SORTS.flatMap((sort) =>
    Array.from({ length: each }, () => ({ sort, text: negativeText(sort, random) })),
  );
  return { positives, negatives };
}
