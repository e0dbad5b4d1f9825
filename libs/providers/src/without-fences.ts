const FENCE = '```';

/** The text between the fences that models put around JSON; as it is where there are none. Takes time in proportion to its length. */
export function withoutFences(text: string): string {
  const trimmed = text.trim();
  const inner = trimmed.startsWith(FENCE) ? trimmed.slice(FENCE.length).replace(/^json/, '') : trimmed;
  return (inner.endsWith(FENCE) ? inner.slice(0, -FENCE.length) : inner).trim();
}
