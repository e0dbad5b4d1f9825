/** How much of each is measured. */
export interface Plan {
  rounds: number;
  warmMs: number;
  /** At least so many calls, too, as far as three times that long is enough for them. */
  warmCalls: number;
  /** Before each measurement, unmeasured. */
  leadMs: number;
  ms: number;
  /** Of calls with a token and a key that no process has seen, in each round. */
  coldCalls: number;
  stampedes: number;
  streams: number;
  memoryRounds: number;
}

export const FULL: Plan = {
  ...{ rounds: 5, warmMs: 4_000, warmCalls: 10_000, leadMs: 400, ms: 2_600 },
  ...{ coldCalls: 15, stampedes: 5, streams: 500, memoryRounds: 2 },
};

/** Fewer and shorter rounds: to see that all is well, not to quote. */
export const QUICK: Plan = {
  ...{ rounds: 2, warmMs: 1_500, warmCalls: 2_000, leadMs: 200, ms: 800 },
  ...{ coldCalls: 8, stampedes: 1, streams: 500, memoryRounds: 1 },
};
