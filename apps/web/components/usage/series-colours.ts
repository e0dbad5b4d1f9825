/** How many colours the theme draws for series (`--cv-series-0` and on), in both schemes. */
export const SERIES_COLOURS = 10;

/** FNV-1a, 32 bit: spreads ids over the colours. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}

/**
 * A colour for each name, the same in every chart, range and browser: by the name itself. Where two want one colour, the
 * first in order (of ids: the older) has it and the other takes the next that is free, so that a new name changes no older one's.
 */
export function seriesColours(names: readonly string[]): Map<string, string> {
  const taken = new Set<number>();
  const colours = new Map<string, string>();
  for (const name of [...new Set(names)].sort()) {
    let slot = hash(name) % SERIES_COLOURS;
    // With more names than colours some must share.
    for (let tries = 0; taken.has(slot) && tries < SERIES_COLOURS; tries += 1)
      slot = (slot + 1) % SERIES_COLOURS;
    taken.add(slot);
    colours.set(name, `var(--cv-series-${slot})`);
  }
  return colours;
}
