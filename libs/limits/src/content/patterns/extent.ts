import type { RE2JS } from 're2js';

/** What a compiled pattern can match at all: read off its program, which re2js exposes as RE2 does. */
export interface Extent {
  /** UTF-16 units of the longest match; Infinity where something repeats without end. */
  longest: number;
  shortest: number;
  matchesNewline: boolean;
  /** A tab, a line break or a space. */
  matchesSpace: boolean;
}

/** An instruction of re2js 2.10 (`Inst`): the codes are RE2's. */
interface Instruction {
  op: number;
  out: number;
  arg: number;
  matchRune(rune: number): boolean;
  runes: ArrayLike<number>;
}

const ALT = 1;
const ALT_MATCH = 2;
const FAIL = 5;
const MATCH = 6;
const RUNE = 8;
const RUNE_ANY = 10;
const RUNE_ANY_NOT_NL = 11;
/** Tab, line break, space: white space in the narrow sense, which RE2's `\S` cannot match either. */
const SPACES = [9, 10, 32];

/** Measures a pattern. Costs once its program's length, which is bounded. */
export function extentOf(pattern: RE2JS): Extent {
  const { inst, start } = programOf(pattern);
  const runes = inst.filter(({ op }) => op >= RUNE && op <= RUNE_ANY_NOT_NL);
  const matchesNewline = runes.some((one) => matches(one, 10));
  return {
    longest: longestFrom(inst, start),
    shortest: shortestFrom(inst, start),
    matchesNewline,
    matchesSpace: matchesNewline || runes.some((one) => SPACES.some((space) => matches(one, space))),
  };
}

interface Program {
  inst: Instruction[];
  start: number;
}

function programOf(pattern: RE2JS): Program {
  const program: unknown = pattern.re2().prog;
  if (!isProgram(program)) throw new TypeError('re2js shows its program in another form than 2.10 does');
  return program;
}

function isProgram(program: unknown): program is Program {
  if (typeof program !== 'object' || program === null) return false;
  return (
    'inst' in program &&
    Array.isArray(program.inst) &&
    'start' in program &&
    typeof program.start === 'number'
  );
}

function matches(one: Instruction, rune: number): boolean {
  if (one.op === RUNE_ANY) return true;
  if (one.op === RUNE_ANY_NOT_NL) return rune !== 10;
  return one.matchRune(rune);
}

/** Units that an instruction takes. */
function width(one: Instruction): number {
  if (one.op < RUNE) return 0;
  if (one.op >= RUNE_ANY) return 2;
  return (one.runes[one.runes.length - 1] ?? 0) > 0xffff ? 2 : 1;
}

function nextOf(one: Instruction): number[] {
  if (one.op === MATCH || one.op === FAIL) return [];
  return one.op === ALT || one.op === ALT_MATCH ? [one.out, one.arg] : [one.out];
}

/** The longest way to a match, depth first without recursion; a way back to itself that takes a character has no end. */
function longestFrom(inst: Instruction[], start: number): number {
  const component = components(inst);
  const members = new Map<number, number[]>();
  component.forEach((name, at) => members.set(name, [...(members.get(name) ?? []), at]));
  const longest = new Map<number, number>();
  // Components are named in the order in which they are finished: those that a component leads to come first.
  for (const name of [...members.keys()].sort((a, b) => a - b)) {
    const inside = members.get(name) ?? [];
    let best = -Infinity;
    for (const at of inside) {
      const one = inst[at];
      if (!one) continue;
      if (one.op === MATCH) best = Math.max(best, 0);
      for (const next of nextOf(one)) {
        const beyond = component[next] === name ? 0 : (longest.get(component[next] ?? -1) ?? -Infinity);
        if (component[next] !== name) best = Math.max(best, width(one) + beyond);
      }
    }
    const loops = inside.some((at) => {
      const one = inst[at];
      return one !== undefined && width(one) > 0 && nextOf(one).some((next) => component[next] === name);
    });
    longest.set(name, loops && best > -Infinity ? Infinity : best);
  }
  return longest.get(component[start] ?? -1) ?? 0;
}

/** Tarjan's strongly connected components (1972), iterative. Answers each instruction's component. */
function components(inst: Instruction[]): number[] {
  const order: number[] = [];
  const low: number[] = [];
  const component: number[] = inst.map(() => -1);
  const stack: number[] = [];
  let clock = 0;
  let name = 0;
  for (let root = 0; root < inst.length; root += 1) {
    if (order[root] !== undefined) continue;
    const work: { at: number; nexts: number[] }[] = [];
    const enter = (at: number): void => {
      order[at] = low[at] = clock;
      clock += 1;
      stack.push(at);
      const one = inst[at];
      work.push({ at, nexts: one ? nextOf(one) : [] });
    };
    enter(root);
    for (let top = work.at(-1); top; top = work.at(-1)) {
      const { at } = top;
      const next = top.nexts.pop();
      if (next === undefined) {
        work.pop();
        if (low[at] === order[at]) {
          for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
            component[member] = name;
            if (member === at) break;
          }
          name += 1;
        }
        const parent = work.at(-1)?.at;
        if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[at] ?? 0);
      } else if (order[next] === undefined) enter(next);
      else if (component[next] === -1) low[at] = Math.min(low[at] ?? 0, order[next] ?? 0);
    }
  }
  return component;
}

/** The fewest units to a match, by widening the reach unit by unit. */
function shortestFrom(inst: Instruction[], start: number): number {
  let reach = new Set([start]);
  const seen = new Set<number>();
  for (let units = 0; reach.size > 0; units += 1) {
    const next = new Set<number>();
    for (const at of reach) {
      const one = inst[at];
      if (!one || seen.has(at)) continue;
      seen.add(at);
      if (one.op === MATCH) return units;
      const into = one.op >= RUNE ? next : reach;
      nextOf(one).forEach((out) => into.add(out));
    }
    reach = next;
  }
  return Infinity;
}
