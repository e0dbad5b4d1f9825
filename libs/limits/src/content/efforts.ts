/**
 * What one pattern may cost in one call: units of text times instructions of its program, the most that the engine (RE2's algorithm)
 * has to do. Each costs 30 ns at worst, most of them a small part of it.
 */
export const EFFORT_MAX = 400_000_000;
/** What one pattern may cost until its next match or its end, where nothing can interrupt it. */
export const SEARCH_MAX = 1_000_000;
/** What one pattern may cost before others go on. */
export const TURN_MAX = 250_000;

/** What is left of each rule's effort, by its place in the list. */
export class Efforts {
  readonly #spent = new Map<number, number>();

  spend(ruleIndex: number, effort: number): void {
    this.#spent.set(ruleIndex, (this.#spent.get(ruleIndex) ?? 0) + effort);
  }

  isSpent(ruleIndex: number): boolean {
    return (this.#spent.get(ruleIndex) ?? 0) > EFFORT_MAX;
  }
}
