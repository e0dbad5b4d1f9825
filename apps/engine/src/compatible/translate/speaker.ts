import type { LoopUsage, NeutralFinish } from '#lib/providers';
import type { Json } from '../body/json-walk.js';

export interface SaidCall {
  id: string;
  name: string;
  input: unknown;
}

/** All that a model said, for an answer that is no stream. */
export interface SaidAnswer {
  text: string;
  calls: SaidCall[];
  reason: NeutralFinish;
  usage: LoopUsage;
}

/** Says in the client's wire what a model of another one says. */
export interface Speaker {
  begin(): string;
  text(delta: string): string;
  call(call: SaidCall): string;
  end(reason: NeutralFinish, usage: LoopUsage): string;
  whole(answer: SaidAnswer): object;
}

export interface SpeakerOptions {
  /** The run's id: no vendor gave one that the client could use. */
  id: string;
  model: string;
  /** Whether the client asked for usage in its stream (OpenAI). */
  wantsUsage: boolean;
  now: Date;
  /** What was asked, as it was sent: OpenAI's responses say it again. */
  body: Json;
}

export function frame(data: object | string, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
}
