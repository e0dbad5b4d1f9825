/**
 * Whether `text` matches `pattern`, in which `*` stands for any run of characters and `?` for one, upper and lower case alike. No
 * regular expression is built and nothing is tried twice beyond the last `*`: at most pattern times text steps, both short.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const [p, t] = [[...pattern.toLowerCase()], [...text.toLowerCase()]];
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < t.length) {
    if (p[at] === '*') {
      [star, mark] = [at, from];
      at += 1;
    } else if (at < p.length && (p[at] === '?' || p[at] === t[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      mark += 1;
      [at, from] = [star + 1, mark];
    } else {
      return false;
    }
  }
  while (p[at] === '*') at += 1;
  return at === p.length;
}

/** Whether one of the globs matches one of the texts. */
export function matchesAny(globs: readonly string[], ...texts: string[]): boolean {
  return globs.some((glob) => texts.some((text) => matchesGlob(glob, text)));
}
