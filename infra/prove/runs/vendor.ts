import type { FakeUpstream, FakeUsage, NeutralCall, ScriptedAnswer } from '#lib/testing';

/** What a run is asked, by what its vendor does with it; a number after it tells the runs apart. */
export type Kind = 'quick' | 'stream' | 'tool' | 'ask' | 'no-head' | 'no-end' | 'late' | 'limited';

/** How often the vendor is asked for a run of this kind that goes well. */
export const CALLS: Record<Kind, number> = {
  ...{ quick: 1, stream: 1, tool: 2, ask: 2 },
  ...{ 'no-head': 1, 'no-end': 1, late: 1, limited: 2 },
};

/** Time to be at the row of a run before its answer is there. */
const LATE_MS = 2_500;
const PIECES = ['one ', 'two ', 'three ', 'four '];
const LIMITED: ScriptedAnswer = { status: 429, message: 'Slow down.', headers: { 'retry-after': '8' } };

/** The vendor, whose log judges: what it was asked for which run, and what it reported. */
export class Vendor {
  readonly #limited = new Set<string>();

  constructor(private readonly upstream: FakeUpstream) {
    upstream.respond((call) => this.#answer(call));
  }

  /** Requests that came for a run. */
  of(runId: string): number {
    return this.#bodies().get(runId)?.length ?? 0;
  }

  /** Requests that came for a run a second time, to the byte; one that the vendor had turned away may come again. */
  sentTwice(): string[] {
    return [...this.#bodies()].flatMap(([runId, bodies]) => {
      const again = bodies.length - new Set(bodies).size;
      const allowed = bodies[0]?.includes('limited ') ? 1 : 0;
      return again > allowed ? [runId] : [];
    });
  }

  #bodies(): Map<string, string[]> {
    const byRun = new Map<string, string[]>();
    for (const { headers, body } of this.upstream.requests) {
      const runId = String(headers['x-client-request-id']);
      byRun.set(runId, [...(byRun.get(runId) ?? []), body]);
    }
    return byRun;
  }

  #answer({ lastUserText, toolResults }: NeutralCall): ScriptedAnswer {
    const kind = kindOf(lastUserText);
    const usage = usageOf(lastUserText);
    if (kind === 'tool' && toolResults.length === 0)
      return { toolCalls: [{ name: 'wait', input: {} }], usage };
    if (kind === 'ask' && toolResults.length === 0)
      return { toolCalls: [{ name: 'ask', input: {} }], usage, delayMs: LATE_MS };
    if (kind === 'no-head') return { hang: 'headers' };
    if (kind === 'no-end') return { text: PIECES, hang: 'body' };
    if (kind === 'limited' && !this.#limited.has(lastUserText)) {
      this.#limited.add(lastUserText);
      return LIMITED;
    }
    if (kind === 'stream') return { text: PIECES, pieceDelayMs: 120, usage };
    return { text: PIECES, delayMs: kind === 'late' ? LATE_MS : 80, usage };
  }
}

/** What the vendor reports of each request of a run that was asked this. */
export function usageOf(prompt: string): FakeUsage {
  const number = Number(prompt.split(' ').at(-1));
  return { input: 20 + (number % 31), output: 5 + (number % 17) };
}

export function kindOf(prompt: string): Kind {
  return (prompt.split(' ')[0] ?? 'quick') as Kind;
}
