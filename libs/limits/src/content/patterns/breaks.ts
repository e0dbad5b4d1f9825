/** What no match can go across: nothing, line breaks, or white space as ./extent.ts has it. */
export type Breaks = 'none' | 'lines' | 'spaces';

/** The last break at `from` or before it, down to `least`; -1 when there is none. */
export function lastBreak(text: string, breaks: Breaks, from: number, least: number): number {
  let at = Math.min(from, text.length - 1);
  while (at >= least && !isBreak(text.charCodeAt(at), breaks)) at -= 1;
  return at >= least ? at : -1;
}

/** The first break at `from` or behind it; -1 when there is none. */
export function nextBreak(text: string, breaks: Breaks, from: number): number {
  let at = from;
  while (at < text.length && !isBreak(text.charCodeAt(at), breaks)) at += 1;
  return at < text.length ? at : -1;
}

function isBreak(code: number, breaks: Breaks): boolean {
  return code === 10 || (breaks === 'spaces' && (code === 32 || code === 9));
}
