import { RE2JS, RE2JSSyntaxException } from 're2js';
import { extentOf, type Extent } from './extent.js';

/** A pattern that may be run on anybody's text: its time grows with the text alone. */
export interface SafePattern {
  regex: RE2JS;
  extent: Extent;
}

/** Why a pattern is refused, in a sentence for its author; null when it is not. */
export type PatternFault = string | null;

/** Characters that a pattern may have, and instructions that it may become (`(a{1000}b){2}` is short and large). */
export const PATTERN_LENGTH_MAX = 1_000;
export const PROGRAM_SIZE_MAX = 2_000;

const RESERVED = /^\\(?:[1-9]|k[<{'])/;

/** Compiles a pattern, or answers the sentence that says why not. RE2's syntax: https://github.com/google/re2/wiki/Syntax */
export function compilePattern(pattern: string): SafePattern | { fault: string } {
  if (pattern === '') return { fault: 'The pattern is empty.' };
  if (pattern.length > PATTERN_LENGTH_MAX)
    return {
      fault: `The pattern has ${pattern.length} characters; at most ${PATTERN_LENGTH_MAX} are taken.`,
    };
  const unsupported = unsupportedIn(pattern);
  if (unsupported) return { fault: unsupported };
  try {
    return bounded(RE2JS.compile(pattern));
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return { fault: sentenceOf(error) };
    return { fault: 'The pattern could not be compiled. Simplify it.' };
  }
}

function bounded(regex: RE2JS): SafePattern | { fault: string } {
  const size = regex.programSize();
  if (size > PROGRAM_SIZE_MAX)
    return {
      fault: `The pattern compiles to ${size} instructions; at most ${PROGRAM_SIZE_MAX} are taken. Lower the counts in its {…}, or split it into several rules.`,
    };
  const extent = extentOf(regex);
  if (extent.shortest === 0)
    return {
      fault:
        'The pattern matches the empty text, so it would match everywhere. Ask for at least one character.',
    };
  if (extent.shortest === Infinity) return { fault: 'The pattern can match nothing.' };
  return { regex, extent };
}

/** The constructs of other engines that a linear-time one cannot have, named as their users call them. */
function unsupportedIn(pattern: string): string | null {
  const where = (name: string, at: number): string =>
    `The pattern uses ${name} at character ${at + 1}, which the linear-time engine (RE2 syntax) does not support.`;
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const rest = pattern.slice(at, at + 4);
    if (rest.startsWith('\\Q'))
      at = Math.max(at, pattern.indexOf('\\E', at) < 0 ? pattern.length : pattern.indexOf('\\E', at));
    else if (rest.startsWith('\\')) {
      if (!inClass && RESERVED.test(rest)) return where('a backreference', at);
      at += 1;
    } else if (inClass) inClass = !rest.startsWith(']');
    else if (rest.startsWith('[')) inClass = true;
    else if (/^\(\?[=!]/.test(rest)) return where('a lookahead', at);
    else if (/^\(\?<[=!]/.test(rest)) return where('a lookbehind', at);
    else if (rest.startsWith('(?>')) return where('an atomic group', at);
    else if (/^\(\?\(/.test(rest)) return where('a condition', at);
    else if (/^[*+?}]\+/.test(rest)) return where('a possessive quantifier', at);
  }
  return null;
}

/** re2js says "error parsing regexp: <reason>: `<part>`". */
function sentenceOf(error: Error): string {
  const reason = error.message.replace(/^error parsing regexp: /, '');
  if (reason.startsWith('invalid repeat count'))
    return `The pattern repeats too often (${reason}): counts, those of nested groups multiplied, go up to 1,000.`;
  return `The pattern is not a regular expression in RE2's syntax: ${reason}.`;
}
