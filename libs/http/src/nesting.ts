/** How deep arrays and objects may lie in each other. What walks a body (validation, hashing) does so by recursion. */
const MAX_DEPTH = 100;

/** Whether a JSON text nests deeper than we walk. Brackets inside of strings do not count; malformed text is not judged. */
export function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') {
      inString = true;
    } else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (char === '}' || char === ']') {
      depth -= 1;
    }
  }
  return false;
}
