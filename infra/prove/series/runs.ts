import { Agent, request } from 'undici';
import { newId } from '#lib/kernel';
import { ask } from './people.js';

/** Where agent runs are posted, and as whom. */
export interface Caller {
  engine: string;
  workspaceId: string;
  headers: Record<string, string>;
}

/** How a run ended: `code` of the problem, null when it went well. */
export interface RunEnd {
  /** Wall-clock milliseconds. */
  startedMs: number;
  endedMs: number;
  status: number;
  code: string | null;
  keyVersion: number | null;
  /** What the problem says, where there was one. */
  detail?: string | null;
  /** The answer's text, of a run that was answered whole. */
  text?: string | null;
}

interface Frame {
  event: string;
  data: Record<string, unknown>;
}

/** What a run is asked whose stream the vendor never ends. */
export const NEVER_END = 'Never end.';
/** The same for one whose pieces come slowly. */
export const SLOWLY = 'Take your time.';
const MODEL = 'gpt-4.1-mini';
/** Long streams hold a connection each. */
const streams = new Agent({ connections: 256, pipelining: 1, bodyTimeout: 60_000 });

/** A run that is over at once, answered whole. */
export async function runOnce(caller: Caller, prompt = 'Say hello.'): Promise<RunEnd> {
  const startedMs = Date.now();
  const { status, body } = await ask('POST', urlOf(caller), caller.headers, bodyOf({ prompt }));
  const said = { code: textOf(body['code']), detail: textOf(body['detail']), text: textOf(body['text']) };
  return { startedMs, endedMs: Date.now(), status, keyVersion: versionIn(body), ...said };
}

/** The same as a stream of events: a failure may come as the answer's status or as its last frame. */
export function streamOnce(caller: Caller): Promise<RunEnd> {
  return stream(caller, { prompt: 'Say hello.' }, () => undefined);
}

/** A stream whose pieces come slowly. */
export function streamSlowly(caller: Caller): Promise<RunEnd> {
  return stream(caller, { prompt: SLOWLY }, () => undefined);
}

/** A stream that the vendor never ends. `begun` is called at its first text. */
export function streamForever(caller: Caller, begun: () => void): Promise<RunEnd> {
  return stream(caller, { prompt: NEVER_END }, begun);
}

/** A run whose model calls the tool again and again, with a send to the vendor after each. */
export function runWithTool(caller: Caller, toolUrl: string): Promise<RunEnd> {
  const inputSchema = { type: 'object', properties: {} };
  const tool = {
    type: 'http',
    name: 'wait',
    description: 'Waits.',
    inputSchema,
    method: 'GET',
    url: toolUrl,
  };
  return stream(caller, { prompt: 'Go on.', tools: [tool], maxSteps: 100 }, () => undefined);
}

async function stream(caller: Caller, agent: object, begun: () => void): Promise<RunEnd> {
  const startedMs = Date.now();
  const answer = await request(urlOf(caller), {
    dispatcher: streams,
    method: 'POST',
    headers: { ...caller.headers, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(bodyOf(agent)),
  });
  const status = answer.statusCode;
  if (status !== 200) {
    const problem = (await answer.body.json()) as Record<string, unknown>;
    return {
      startedMs,
      endedMs: Date.now(),
      status,
      code: textOf(problem['code']),
      keyVersion: null,
      detail: textOf(problem['detail']),
    };
  }
  let last: Frame | undefined;
  for await (const frame of frames(answer.body)) {
    if (frame.event === 'text.delta') begun();
    last = frame;
  }
  const endedMs = Date.now();
  if (last?.event === 'run.finished') {
    return { startedMs, endedMs, status, code: null, keyVersion: versionIn(last.data) };
  }
  const problem = last?.event === 'run.failed' ? last.data : { code: 'a silent end' };
  return {
    startedMs,
    endedMs,
    status: Number(problem['status'] ?? 0),
    code: textOf(problem['code']),
    keyVersion: null,
    detail: textOf(problem['detail']),
  };
}

async function* frames(body: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field('event');
      if (event) yield { event, data: JSON.parse(field('data') ?? '{}') as Frame['data'] };
    }
  }
}

function urlOf({ engine, workspaceId }: Caller): string {
  return `${engine}/internal/v1/workspaces/${workspaceId}/agent-runs`;
}

function bodyOf(agent: object): object {
  return { nodeExecutionId: newId('req'), agent: { model: MODEL, ...agent } };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function versionIn(body: Record<string, unknown>): number | null {
  const served = body['served'];
  if (typeof served !== 'object' || served === null || !('keyVersion' in served)) return null;
  return Number(served.keyVersion);
}
