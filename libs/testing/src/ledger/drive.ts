import { Agent, fetch, type Response } from 'undici';
import { newId } from '#lib/kernel';
import { charactersOf, type LedgerCall, type LedgerWay } from './calls.js';

/** Where the load goes, and as whom. */
export interface LedgerTarget {
  /** Of the engines, in turn; it may change while the load is on. */
  urls: readonly string[];
  workspaceId: string;
  workspaceToken: string;
  engineToken: string;
}

/** What became of one call, as its client saw it. */
export interface MadeCall {
  call: LedgerCall;
  /** Null: its client never heard of a run. */
  runId: string | null;
  /** The bytes of the body that the client sent, and the characters of its prompt. */
  sentBytes: number;
  promptLength: number;
  /** When its client saw its end, in ms of this process's clock. */
  endedMs: number;
  /** Why it ended before its end, where it did. */
  trouble: string | null;
}

/** Text that is not told yet may be held back by whoever looks for secrets in it: a client that sees nothing new leaves all the same. */
const PATIENCE_MS = 3_000;
const MOST_ATTEMPTS = 40;
const MODELS = { openai: 'gpt-4.1-mini', anthropic: 'claude-haiku-4-5', gemini: 'gemini-2.5-flash' };

/** Makes the calls, so many at once. `onEnd` is told of each. */
export async function driveLedger(
  calls: readonly LedgerCall[],
  target: LedgerTarget,
  lanes: number,
  onEnd: (made: MadeCall) => void = () => undefined,
): Promise<MadeCall[]> {
  const made: MadeCall[] = [];
  const agent = new Agent();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < calls.length; at = next++) {
      const ended = await make(calls[at]!, target, target.urls[at % target.urls.length]!, agent);
      made.push(ended);
      onEnd(ended);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await agent.destroy();
  return made;
}

async function make(
  call: LedgerCall,
  target: LedgerTarget,
  url: string,
  dispatcher: Agent,
): Promise<MadeCall> {
  const prompt = `Say something, ${call.tag}`;
  const asked = () => REQUESTS[call.way](prompt, target);
  const result: MadeCall = {
    ...{ call, runId: null, sentBytes: Buffer.byteLength(JSON.stringify(asked().body)) },
    ...{ promptLength: prompt.length, endedMs: 0, trouble: null },
  };
  const leave = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await sent(() => {
      // Under another node execution each time: the one that was refused is on record as refused.
      const { path, body, headers } = asked();
      return fetch(url + path, {
        ...{ method: 'POST', body: JSON.stringify(body), signal: leave.signal, dispatcher },
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      });
    });
    result.runId = answer.headers.get('claviger-run-id');
    let seen = '';
    for await (const chunk of answer.body ?? []) {
      seen += Buffer.from(chunk as Uint8Array).toString('latin1');
      result.runId ??= /"(?:runId|id)":"(run_\w+)"/.exec(seen)?.[1] ?? null;
      if (call.end !== 'cut') continue;
      clearTimeout(timer);
      if (wordsIn(seen) >= charactersOf(call)) break;
      timer = setTimeout(() => leave.abort(), PATIENCE_MS);
    }
  } catch (error) {
    if (!leave.signal.aborted) result.trouble = error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    leave.abort();
  }
  return { ...result, endedMs: performance.now() };
}

/** What an engine has no room for right now (503, our own) was not sent to any vendor, and is asked again. */
async function sent(ask: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    if (answer.status !== 503 || attempt === MOST_ATTEMPTS) return answer;
    await answer.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The characters of the answer's own text in what was seen, whatever the protocol. */
function wordsIn(seen: string): number {
  return (seen.match(/word /g)?.length ?? 0) * 'word '.length;
}

type RequestOf = (
  prompt: string,
  target: LedgerTarget,
) => { path: string; body: object; headers: Record<string, string> };

const messages = (prompt: string) => [{ role: 'user', content: prompt }];
const inAnthropics =
  (model: string): RequestOf =>
  (prompt, { workspaceToken }) => ({
    path: '/anthropic/v1/messages',
    body: { model, max_tokens: 900, stream: true, messages: messages(prompt) },
    headers: { 'x-api-key': workspaceToken, 'anthropic-version': '2023-06-01' },
  });

const REQUESTS: Record<LedgerWay, RequestOf> = {
  openai: (prompt, { workspaceToken }) => ({
    path: '/v1/chat/completions',
    body: { model: MODELS.openai, max_tokens: 900, stream: true, messages: messages(prompt) },
    headers: { authorization: `Bearer ${workspaceToken}` },
  }),
  anthropic: inAnthropics(MODELS.anthropic),
  translated: inAnthropics(MODELS.openai),
  gemini: (prompt, { workspaceToken }) => ({
    path: `/gemini/v1beta/models/${MODELS.gemini}:streamGenerateContent?alt=sse`,
    body: {
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: { maxOutputTokens: 900 },
    },
    headers: { 'x-goog-api-key': workspaceToken },
  }),
  agent: (prompt, { engineToken, workspaceId }) => ({
    path: `/internal/v1/workspaces/${workspaceId}/agent-runs`,
    body: {
      nodeExecutionId: newId('req'),
      agent: { model: MODELS.openai, maxOutputTokens: 900, messages: messages(prompt) },
    },
    headers: { authorization: `Bearer ${engineToken}` },
  }),
};
