import { Agent, request } from 'undici';
import { newId } from '#lib/kernel';

export interface RaceOptions {
  /** Of the engines that live; it may change while the race is on. */
  urls: string[];
  workspaceId: string;
  headers: Record<string, string>;
  streams: number;
  /** `kill` is called once, when so many have ended. */
  killedAfter: number;
  kill: () => Promise<void>;
}

export interface Race {
  /** How each stream ended: its last event, the code of its refusal, `cut`, or `lost` with its engine. */
  ended: string[];
  /** How many were cut off by their caller. */
  cut: number;
}

const LANES = 48;
const AGENT = { model: 'gpt-4.1-mini', prompt: 'Race.', maxOutputTokens: 60 };
const streams = new Agent({ connections: 256, pipelining: 1, bodyTimeout: 60_000 });

/** Streams in lanes over all engines; one in ten is cut off by its caller at a random moment. */
export async function race(options: RaceOptions): Promise<Race> {
  const result: Race = { ended: [], cut: 0 };
  let next = 0;
  let killing: Promise<void> | undefined;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < options.streams; at = next++) {
      const isCut = at % 10 === 3;
      if (isCut) result.cut += 1;
      result.ended.push(await stream(options, at, isCut));
      if (result.ended.length >= options.killedAfter) killing ??= options.kill();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await killing;
  return result;
}

async function stream(
  { urls, workspaceId, headers }: RaceOptions,
  at: number,
  isCut: boolean,
): Promise<string> {
  const cut = new AbortController();
  const timer = isCut ? setTimeout(() => cut.abort(), 10 + Math.random() * 150) : undefined;
  try {
    const answer = await request(
      `${urls[at % urls.length]}/internal/v1/workspaces/${workspaceId}/agent-runs`,
      {
        dispatcher: streams,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ nodeExecutionId: newId('req'), agent: AGENT }),
        signal: cut.signal,
      },
    );
    const text = await answer.body.text();
    if (answer.statusCode !== 200) return String((JSON.parse(text) as { code: string }).code);
    return /event: (run\.finished|run\.failed)/.exec(text)?.[1] ?? 'lost';
  } catch {
    return isCut ? 'cut' : 'lost';
  } finally {
    clearTimeout(timer);
  }
}
