/** Where to go next: `waitMs` before, if its vendor asked for a pause; `forced`: though its circuit is open. */
export interface Stop {
  index: number;
  waitMs: number;
  forced: boolean;
}

type Place = { kind: 'fresh' | 'spent' | 'open' } | { kind: 'limited'; atMs: number };

/**
 * The targets of a run in their order. First each one that was not tried; then, of those that only limited their rate, the one that is free
 * first. One whose circuit is open is passed over, unless nothing else was tried: then the first of them is asked all the same, as
 * what one process remembers of a place is a guess.
 */
export class Itinerary {
  readonly #places: Place[];
  readonly #times = new Map<number, number>();
  #tried = 0;

  constructor(targets: number) {
    this.#places = Array.from({ length: targets }, () => ({ kind: 'fresh' }));
  }

  next(nowMs: number): Stop | null {
    const fresh = this.#places.findIndex(({ kind }) => kind === 'fresh');
    if (fresh >= 0) return { index: fresh, waitMs: 0, forced: false };
    const limited = this.#places
      .flatMap((place, index) => (place.kind === 'limited' ? [{ index, atMs: place.atMs }] : []))
      .sort((a, b) => a.atMs - b.atMs)[0];
    if (limited) return { index: limited.index, waitMs: Math.max(0, limited.atMs - nowMs), forced: false };
    const open = this.#places.findIndex(({ kind }) => kind === 'open');
    return this.#tried === 0 && open >= 0 ? { index: open, waitMs: 0, forced: true } : null;
  }

  /** Targets that were not tried yet, `index` not counted. */
  freshBeside(index: number): number {
    return this.#places.filter(({ kind }, at) => kind === 'fresh' && at !== index).length;
  }

  passedOver(index: number): void {
    this.#places[index] = { kind: 'open' };
  }

  /** It will not be asked again: it failed, or may not be used. */
  spent(index: number): void {
    this.#places[index] = { kind: 'spent' };
  }

  /** It takes requests again from `atMs` on. */
  limited(index: number, atMs: number): void {
    this.#places[index] = { kind: 'limited', atMs };
  }

  /** How often this target has limited its rate, this time included. */
  timesLimited(index: number): number {
    const times = (this.#times.get(index) ?? 0) + 1;
    this.#times.set(index, times);
    return times;
  }

  tried(): void {
    this.#tried += 1;
  }

  get attempts(): number {
    return this.#tried;
  }
}
