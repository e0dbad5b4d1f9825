import type { Figures } from './figures.js';

/** What a figure has to be, for the claim to hold. */
export type Bar = { is: number | boolean } | { atLeast: number } | { atMost: number };

/** The figures that a proof stands for, by name. Whoever reads a written result can judge it by these alone. */
export type Promises = Readonly<Record<string, Bar>>;

/** The promises of several parts of a proof, which say each their own. */
export function promisesOfEach(names: readonly string[], of: (name: string) => Promises): Promises {
  return Object.fromEntries(names.flatMap((name) => Object.entries(of(name))));
}

/** Each promise that these figures do not keep, in words; a figure that is not there keeps none. */
export function brokenPromises(promises: Promises, figures: Figures): string[] {
  return Object.entries(promises)
    .filter(([name, bar]) => !keeps(bar, figures[name]))
    .map(([name, bar]) => `${name} is ${String(figures[name] ?? 'not there')} and should be ${said(bar)}`);
}

function keeps(bar: Bar, figure: Figures[string] | undefined): boolean {
  if ('is' in bar) return figure === bar.is;
  if (typeof figure !== 'number' || Number.isNaN(figure)) return false;
  return 'atLeast' in bar ? figure >= bar.atLeast : figure <= bar.atMost;
}

function said(bar: Bar): string {
  if ('is' in bar) return String(bar.is);
  return 'atLeast' in bar ? `${bar.atLeast} at least` : `${bar.atMost} at most`;
}
