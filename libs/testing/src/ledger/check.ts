import { fromUuid, toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';
import type { RecordedRequest } from '../upstream/types.js';
import { charactersOf } from './calls.js';
import type { MadeCall } from './drive.js';

/** Tokens by kind, as a receipt has them. */
export interface LedgerTokens {
  input: number;
  output: number;
  cached: number;
  reasoning: number;
}

export interface LedgerLine extends LedgerTokens {
  runId: string;
  receipts: number;
  outcome: string;
}

/** Characters per token where nobody counted (infra/docs/metering.md). */
const tokensIn = (characters: number): number => Math.ceil(characters / 4);

/**
 * What a call must be on record with: what its vendor reported; of one that ended before its vendor did, what it reported by then and
 * the rest by length. This is the rule of infra/docs/metering.md, written here for a second time and from the other side: by what
 * the vendor sent and what reached it.
 */
export function dueOf({ call, sentBytes, promptLength }: MadeCall, arrivedBytes: number): LedgerTokens {
  const { way, end, usage } = call;
  // Anthropic counts what is thought as output, and says no more of it.
  if (end === 'whole') return way === 'anthropic' ? { ...usage, reasoning: 0 } : usage;
  if (end === 'refused') return { input: 0, output: 0, cached: 0, reasoning: 0 };
  const output = tokensIn(charactersOf(call));
  const estimate = { output, cached: 0, reasoning: 0 };
  switch (way) {
    // Says nothing of its use before its last event.
    case 'openai':
      return { input: tokensIn(arrivedBytes), ...estimate };
    case 'translated':
      return { input: tokensIn(sentBytes), ...estimate };
    case 'agent':
      return { input: tokensIn(promptLength), ...estimate };
    // Reports its input in its first event.
    case 'anthropic':
      return { ...estimate, input: usage.input, cached: usage.cached };
    // Reports in every event.
    case 'gemini':
      return { ...usage, output: Math.max(usage.output, output) };
  }
}

/** What is on record of an organization's runs, by run. */
export async function ledgerOf(superuser: PgPool, orgId: string): Promise<Map<string, LedgerLine>> {
  const { rows } = await superuser.query<LedgerLine>(
    `SELECT run_id::text AS "runId", count(*)::int AS receipts, min(outcome) AS outcome, sum(input_tokens)::int AS input,
       sum(output_tokens)::int AS output, sum(cached_input_tokens)::int AS cached, sum(reasoning_tokens)::int AS reasoning
     FROM usage_records WHERE org_id = $1 GROUP BY run_id`,
    [toUuid(orgId)],
  );
  return new Map(rows.map((row) => [fromUuid('run', row.runId), row]));
}

export interface LedgerVerdict {
  /** Calls without a receipt, those with several, and those whose receipt says something else, each in words. */
  missing: string[];
  doubled: string[];
  differing: string[];
  due: LedgerTokens;
  recorded: LedgerTokens;
}

/** Each call beside its receipt, to the token. */
export function judgeLedger(
  made: readonly MadeCall[],
  ledger: ReadonlyMap<string, LedgerLine>,
  arrived: readonly RecordedRequest[],
): LedgerVerdict {
  const bytes = new Map(
    arrived.map(({ body }) => [/call-\d+\./.exec(body)?.[0] ?? '', Buffer.byteLength(body)]),
  );
  const none = (): LedgerTokens => ({ input: 0, output: 0, cached: 0, reasoning: 0 });
  const verdict: LedgerVerdict = { missing: [], doubled: [], differing: [], due: none(), recorded: none() };
  for (const one of made) {
    const { way, end, tag } = one.call;
    const name = `${way}, ${end}, ${tag}`;
    const due = dueOf(one, bytes.get(one.call.tag) ?? 0);
    const line = one.runId === null ? undefined : ledger.get(one.runId);
    add(verdict.due, due);
    if (!line) {
      verdict.missing.push(name);
      continue;
    }
    add(verdict.recorded, line);
    if (line.receipts > 1) verdict.doubled.push(name);
    const { input, output, cached, reasoning } = line;
    const said = JSON.stringify({ input, output, cached, reasoning });
    const should = JSON.stringify({
      ...{ input: due.input, output: due.output, cached: due.cached, reasoning: due.reasoning },
    });
    if (said !== should) verdict.differing.push(`${name}: ${said}, due ${should}`);
  }
  return verdict;
}

function add(sum: LedgerTokens, more: LedgerTokens): void {
  for (const kind of ['input', 'output', 'cached', 'reasoning'] as const) sum[kind] += more[kind];
}
