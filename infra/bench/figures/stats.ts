/** The value in the middle; of an even number of values the mean of the two. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** What each round measured of each contender: `row`, then the name. Rounds are in order, so that they can be compared one by one. */
export class Samples {
  readonly #values = new Map<string, number[]>();

  add(row: string, name: string, value: number): void {
    const key = `${row} ${name}`;
    this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
  }

  of(row: string, name: string): readonly number[] {
    return this.#values.get(`${row} ${name}`) ?? [];
  }

  median(row: string, name: string): number {
    return median(this.of(row, name));
  }

  /** The median of the rounds' own ratios: what slows the machine down for one round slows both sides of it down. Null: not measured. */
  ratio(row: string, name: string, by: string): number | null {
    return this.#compared(row, [name, by], ([own = 0, other = 0]) => own / other);
  }

  /** As `ratio`, of what each adds to `floor`. */
  addedRatio(row: string, name: string, by: string, floor: string): number | null {
    return this.#compared(
      row,
      [name, by, floor],
      ([own = 0, other = 0, base = 0]) => (own - base) / (other - base),
    );
  }

  /** Everything, rounded, by row and name. */
  all(): Record<string, number[]> {
    return Object.fromEntries([...this.#values].map(([key, values]) => [key, values.map(rounded)]));
  }

  #compared(row: string, names: string[], compare: (values: number[]) => number): number | null {
    const series = names.map((name) => this.of(row, name));
    const rounds = Math.min(...series.map(({ length }) => length));
    if (rounds === 0) return null;
    return median(
      Array.from({ length: rounds }, (_, at) => compare(series.map((values) => values[at] ?? 0))),
    );
  }
}

/** Four digits say all that such a measurement knows. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
