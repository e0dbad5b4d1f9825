/** Random choices that a seed repeats (mulberry32, Tommy Ettinger). For made-up data, never for secrets. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.int(0, items.length - 1)] ?? items[0];
  }

  /** One of the words of a text. */
  word(words: string): string {
    const [first = '', ...others] = words.split(' ');
    return this.pick([first, ...others]);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  digits(count: number): string {
    return this.from('0123456789', count);
  }

  from(alphabet: string, count: number): string {
    return Array.from({ length: count }, () => alphabet.charAt(this.int(0, alphabet.length - 1))).join('');
  }

  /** Fills a form: `#` any digit, `N` 2 to 9, `@` a capital letter, `x` a hexadecimal digit; anything else stands for itself. */
  fill(form: string): string {
    return form.replace(/[#N@x]/g, (place) => {
      if (place === '#') return this.digits(1);
      if (place === 'N') return this.from('23456789', 1);
      return place === '@' ? this.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 1) : this.from('0123456789abcdef', 1);
    });
  }
}
