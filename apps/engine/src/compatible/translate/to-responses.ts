import type { LoopUsage, NeutralFinish } from '#lib/providers';
import { objectAt, type Json } from '../body/json-walk.js';
import { frame, type SaidAnswer, type SaidCall, type Speaker, type SpeakerOptions } from './speaker.js';

/** Why an answer is incomplete; of every other end it is complete. */
const REASONS: Partial<Record<NeutralFinish, string>> = {
  length: 'max_output_tokens',
  'content-filter': 'content_filter',
};

/** Responses. The answer says what it was asked, as OpenAI's do, and that it is kept nowhere. */
export function responsesSpeaker({ id, model, now, body }: SpeakerOptions): Speaker {
  const items = new ItemsOf(id);
  const head = { ...headOf(body, now), id: `resp_${id}`, model };
  const lasting = { ...head, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  return {
    begin: () =>
      items.say('response.created', { response: lasting }) +
      items.say('response.in_progress', { response: lasting }),
    text: (delta) => items.text(delta),
    call: (call) => items.call(call),
    end: (reason, usage) => {
      const closed = items.close();
      const type = REASONS[reason] ? 'response.incomplete' : 'response.completed';
      return (
        closed + items.say(type, { response: { ...head, ...endOf(reason, usage, now), output: items.done } })
      );
    },
    whole: ({ text, calls, reason, usage }: SaidAnswer) => {
      if (text !== '') items.text(text);
      calls.forEach((call) => items.call(call));
      items.close();
      return { ...head, ...endOf(reason, usage, now), output: items.done };
    },
  };
}

/** The items of an answer as they come: the events that say so, numbered, and what came of them. */
class ItemsOf {
  readonly done: object[] = [];
  #number = 0;
  #text: string | null = null;

  constructor(private readonly id: string) {}

  say(type: string, data: object): string {
    return frame({ type, sequence_number: this.#number++, ...data }, type);
  }

  text(delta: string): string {
    if (delta === '') return '';
    const opened = this.#text === null ? this.#open() : '';
    this.#text = (this.#text ?? '') + delta;
    const event = { ...this.#part, delta, logprobs: [] };
    return opened + this.say('response.output_text.delta', event);
  }

  call({ id, name, input }: SaidCall): string {
    const closed = this.close();
    const [output_index, item_id] = [this.done.length, `fc_${this.id}_${this.done.length}`];
    const text = JSON.stringify(input);
    const item = {
      id: item_id,
      type: 'function_call',
      status: 'in_progress',
      call_id: id,
      name,
      arguments: '',
    };
    const whole = { ...item, status: 'completed', arguments: text };
    this.done.push(whole);
    return [
      closed,
      this.say('response.output_item.added', { output_index, item }),
      this.say('response.function_call_arguments.delta', { item_id, output_index, delta: text }),
      this.say('response.function_call_arguments.done', { item_id, output_index, name, arguments: text }),
      this.say('response.output_item.done', { output_index, item: whole }),
    ].join('');
  }

  /** Ends the text that is open. */
  close(): string {
    if (this.#text === null) return '';
    const [text, at] = [this.#text, this.#part];
    const part = partOf(text);
    const item = this.#message('completed', [part]);
    this.#text = null;
    this.done.push(item);
    return [
      this.say('response.output_text.done', { ...at, text, logprobs: [] }),
      this.say('response.content_part.done', { ...at, part }),
      this.say('response.output_item.done', { output_index: at.output_index, item }),
    ].join('');
  }

  #open(): string {
    const { output_index } = this.#part;
    const item = this.#message('in_progress', []);
    return (
      this.say('response.output_item.added', { output_index, item }) +
      this.say('response.content_part.added', { ...this.#part, part: partOf('') })
    );
  }

  #message(status: string, content: object[]) {
    return { id: this.#part.item_id, type: 'message', status, role: 'assistant', content };
  }

  get #part() {
    const output_index = this.done.length;
    return { item_id: `msg_${this.id}_${output_index}`, output_index, content_index: 0 };
  }
}

function partOf(text: string) {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function headOf(body: Json, now: Date) {
  const { effort } = objectAt(body, 'reasoning');
  const asked = (name: string, otherwise: unknown = null): unknown => body[name] ?? otherwise;
  return {
    object: 'response',
    created_at: seconds(now),
    background: false,
    error: null,
    instructions: asked('instructions'),
    max_output_tokens: asked('max_output_tokens'),
    metadata: asked('metadata', {}),
    parallel_tool_calls: asked('parallel_tool_calls', true),
    previous_response_id: null,
    reasoning: { effort: effort ?? null, summary: null },
    store: false,
    temperature: asked('temperature'),
    text: { format: objectAt(body, 'text')['format'] ?? { type: 'text' } },
    tool_choice: asked('tool_choice', 'auto'),
    tools: asked('tools', []),
    top_p: asked('top_p'),
    truncation: 'disabled',
    user: asked('user'),
  };
}

function endOf(reason: NeutralFinish, usage: LoopUsage, now: Date) {
  const why = REASONS[reason];
  return {
    status: why ? 'incomplete' : 'completed',
    completed_at: why ? null : seconds(now),
    incomplete_details: why ? { reason: why } : null,
    usage: usageOf(usage),
  };
}

function usageOf({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: LoopUsage) {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}

function seconds(now: Date): number {
  return Math.floor(now.getTime() / 1_000);
}
