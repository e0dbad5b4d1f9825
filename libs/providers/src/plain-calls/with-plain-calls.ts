import { wrapLanguageModel, type LanguageModelMiddleware } from 'ai';
import { randomHex } from '#lib/kernel';
import type { CallableModel } from '../endpoint.js';
import { PlainCallReader, type Piece } from './plain-call-reader.js';

type Wrapped = Awaited<ReturnType<NonNullable<LanguageModelMiddleware['wrapStream']>>>['stream'];
type Part = Wrapped extends ReadableStream<infer P> ? P : never;

/**
 * A model whose calls count though it writes them as text (PRODUCT #35): `<tool_call>{…}</tool_call>`, or JSON of a tool's name and its
 * arguments in a code fence or alone. Only what names a tool of the run is one, and only in a step in which the model called nothing in
 * the vendor's own way: a model that can, and also shows a call as an example, means it as text.
 */
export function withPlainCalls(
  model: CallableModel,
  tools: readonly string[],
  { fenced }: { fenced: boolean },
): CallableModel {
  const known = new Set(tools);
  const middleware: LanguageModelMiddleware = {
    specificationVersion: 'v4',
    wrapStream: async ({ doStream }) => {
      const { stream, ...rest } = await doStream();
      return { ...rest, stream: stream.pipeThrough(plainCalls(new PlainCallReader(known, fenced))) };
    },
  };
  return wrapLanguageModel({ model, middleware });
}

function plainCalls(reader: PlainCallReader): TransformStream<Part, Part> {
  const held: Extract<Piece, { call: object }>[] = [];
  let native = false;
  let open: string | undefined;
  const tell = (pieces: Piece[], id: string, out: TransformStreamDefaultController<Part>): void => {
    for (const piece of pieces)
      if ('call' in piece) held.push(piece);
      else out.enqueue({ type: 'text-delta', id, delta: piece.text });
  };
  return new TransformStream<Part, Part>({
    transform(part, out) {
      switch (part.type) {
        case 'text-start':
          open = part.id;
          return out.enqueue(part);
        case 'text-delta':
          return tell(reader.push(part.delta), part.id, out);
        case 'text-end':
          open = undefined;
          tell(reader.end(), part.id, out);
          return out.enqueue(part);
        case 'tool-input-start':
        case 'tool-call':
          native = true;
          return out.enqueue(part);
        case 'finish': {
          // Some servers end without closing the text.
          if (open !== undefined) tell(reader.end(), open, out);
          if (held.length === 0) return out.enqueue(part);
          for (const made of native ? asText(held) : asCalls(held)) out.enqueue(made);
          if (native) return out.enqueue(part);
          return out.enqueue({ ...part, finishReason: { ...part.finishReason, unified: 'tool-calls' } });
        }
        default:
          return out.enqueue(part);
      }
    },
  });
}

function asText(held: readonly Piece[]): Part[] {
  const id = `plain-${randomHex(8)}`;
  const delta = held.map(({ text }) => text).join('\n');
  return [
    { type: 'text-start', id },
    { type: 'text-delta', id, delta },
    { type: 'text-end', id },
  ];
}

function asCalls(held: readonly Extract<Piece, { call: object }>[]): Part[] {
  return held.map(({ call }) => ({
    type: 'tool-call',
    toolCallId: `plain_${randomHex(12)}`,
    toolName: call.name,
    input: JSON.stringify(call.input),
  }));
}
