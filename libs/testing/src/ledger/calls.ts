import type { FakeUsage, NeutralCall, ScriptedAnswer } from '../upstream/types.js';

/** How a call comes in, and whether its protocol is its provider's: `translated` is Anthropic's with a key of OpenAI's. */
const LEDGER_WAYS = ['openai', 'anthropic', 'gemini', 'translated', 'agent'] as const;
export type LedgerWay = (typeof LEDGER_WAYS)[number];

/** `cut`: its client leaves in the middle; `refused`: its vendor answers 5xx; `broken`: its vendor breaks off in the middle. */
export type LedgerEnd = 'whole' | 'cut' | 'refused' | 'broken';

/** One streamed call of the load, with what its vendor does. */
export interface LedgerCall {
  /** In its prompt, so that the vendor knows which one it is. */
  tag: string;
  way: LedgerWay;
  end: LedgerEnd;
  pieces: string[];
  /** After so many pieces a `cut` or `broken` one ends. */
  endsAfter: number;
  usage: Required<FakeUsage>;
}

export interface LedgerShares {
  cut: number;
  /** By their vendor: half of them are refused, half broken off in the middle. */
  failed: number;
}

/** Calls of all ways in turn. The shares are exact, which call ends how is drawn. */
export function ledgerCalls(count: number, { cut, failed }: LedgerShares): LedgerCall[] {
  const ends = shuffled(
    Array.from({ length: count }, (_, at): LedgerEnd => {
      if (at < count * cut) return 'cut';
      if (at < count * (cut + failed / 2)) return 'refused';
      return at < count * (cut + failed) ? 'broken' : 'whole';
    }),
  );
  return ends.map((end, at) => {
    const pieces = Array.from({ length: between(2, 12) }, () => `${'word '.repeat(between(1, 9))}`);
    const input = between(20, 4_000);
    const output = between(15, 900);
    return {
      ...{ tag: `call-${at}.`, way: LEDGER_WAYS[at % LEDGER_WAYS.length]!, end, pieces },
      endsAfter: between(1, pieces.length - 1),
      usage: { input, output, cached: between(0, input), reasoning: between(0, output) },
    };
  });
}

/** The vendor's side: answers each call as it is meant to end, with so many ms between two pieces. */
export function answersOf(
  calls: readonly LedgerCall[],
  pieceDelayMs = 2,
): (call: NeutralCall) => ScriptedAnswer | undefined {
  const byTag = new Map(calls.map((call) => [call.tag, call]));
  return ({ lastUserText }) => {
    const call = byTag.get(/call-\d+\./.exec(lastUserText)?.[0] ?? '');
    if (!call) return undefined;
    const { end, pieces, endsAfter, usage } = call;
    if (end === 'refused') return { status: 500, message: 'The vendor has trouble.' };
    const answer = { text: pieces, usage, pieceDelayMs };
    if (end === 'cut') return { ...answer, hangAfter: endsAfter };
    return end === 'broken' ? { ...answer, cutAfter: endsAfter } : answer;
  };
}

/** The characters that its vendor sent of it. */
export function charactersOf({ end, pieces, endsAfter }: LedgerCall): number {
  const sent = end === 'whole' ? pieces : pieces.slice(0, endsAfter);
  return end === 'refused' ? 0 : sent.join('').length;
}

function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}

function shuffled<T>(list: T[]): T[] {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = between(0, at);
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
  return list;
}
