/** Full-width and small forms, the wide space, and letters and digits of mathematics: what NFKC makes plain ASCII of, one for one. */
const FOLDABLE = /[\uff01-\uff5e\u3000\ufe50-\ufe6b]|\ud835[\udc00-\udfff]/;
const MATHS = 0x1d400;

/** A text as detectors read it, with the way from its positions to those of the original. */
export interface Folded {
  text: string;
  toOriginal(position: number): number;
  /** The first position that is not before an original one. */
  fromOriginal(position: number): number;
}

/**
 * Folds compatibility forms (Unicode NFKC) that stand for one ASCII character. Others stay: an exponent is no digit, and what grows
 * when it is folded has no place in the original.
 */
export function fold(text: string): Folded {
  if (!FOLDABLE.test(text)) return { text, toOriginal: same, fromOriginal: same };
  const units = new Uint16Array(text.length);
  const origins = new Uint32Array(text.length + 1);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const low = code === 0xd835 ? text.charCodeAt(index + 1) : 0;
    const plain = low >= 0xdc00 && low <= 0xdfff ? plainOf(MATHS + (low & 0x3ff)) : 0;
    origins[length] = index;
    units[length] = plain || foldedUnit(code);
    length += 1;
    if (plain) index += 1;
  }
  origins[length] = text.length;
  const known = origins.subarray(0, length + 1);
  return {
    text: written(units.subarray(0, length)),
    toOriginal: (position) => known[position] ?? text.length,
    fromOriginal: (position) => firstFrom(known, position),
  };
}

function same(position: number): number {
  return position;
}

function foldedUnit(code: number): number {
  if (code < 0x3000) return code;
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0;
  if (code === 0x3000) return 32;
  return code >= 0xfe50 && code <= 0xfe6b ? plainOf(code) || code : code;
}

const PLAIN = new Map<number, number>();

/** The ASCII character that NFKC makes of this one; 0 when it makes something else. */
function plainOf(point: number): number {
  const known = PLAIN.get(point);
  if (known !== undefined) return known;
  const folded = String.fromCodePoint(point).normalize('NFKC');
  const plain = folded.length === 1 && folded.charCodeAt(0) < 128 ? folded.charCodeAt(0) : 0;
  PLAIN.set(point, plain);
  return plain;
}

/** In parts: a call takes only so many arguments. */
function written(units: Uint16Array): string {
  let text = '';
  for (let at = 0; at < units.length; at += 4_096)
    text += String.fromCharCode(...units.subarray(at, at + 4_096));
  return text;
}

function firstFrom(origins: Uint32Array, position: number): number {
  let low = 0;
  let high = origins.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((origins[middle] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
