import type { IncomingHttpHeaders } from 'node:http';

export type Vendor = 'openai' | 'anthropic' | 'gemini' | 'bedrock';

/** A request as it arrived, nothing redacted: specs look for keys in it. */
export interface RecordedRequest {
  at: string;
  method: string;
  /** Path and query as sent. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** The remote port: equal ports mean one connection. */
  remotePort: number;
}

/** What a call asks for, whatever wire it came over. */
export interface NeutralCall {
  vendor: Vendor;
  model: string;
  stream: boolean;
  /** The value in the vendor's auth header, without `Bearer `. */
  key: string | null;
  system: string;
  lastUserText: string;
  tools: { name: string; schema: Record<string, unknown> }[];
  /** What the last message answers to tool calls; empty when it is no tool message. */
  toolResults: string[];
  toolChoice: 'auto' | 'none' | 'required';
  jsonSchema: Record<string, unknown> | null;
  maxTokens: number | null;
}

export interface FakeUsage {
  input: number;
  output: number;
  cached?: number;
  reasoning?: number;
}

export interface FakeToolCall {
  id?: string;
  name: string;
  /** An object, or text that is sent as it is (to fake malformed calls). */
  input: unknown;
}

/** One scripted answer; what is left out is filled in with something sensible. */
export interface ScriptedAnswer {
  /** The text; an array is sent piece by piece when streaming. */
  text?: string | string[];
  toolCalls?: FakeToolCall[];
  usage?: FakeUsage;
  finish?: 'stop' | 'length' | 'tool_calls';
  /** 400 and above: an error in the vendor's own shape. */
  status?: number;
  message?: string;
  headers?: Record<string, string>;
  /** Puts the caller's key into the text or the error message, in this form. */
  echoKey?: 'raw' | 'base64' | 'percent' | 'json';
  /** `headers`: never answer. `body`: send the head and the first piece, then nothing. */
  hang?: 'headers' | 'body';
  /** Streaming: cut the connection after so many pieces of text. */
  cutAfter?: number;
  /** Streaming: after so many pieces of text nothing more comes. */
  hangAfter?: number;
  /** Streaming: end the stream after the text, without any finish. */
  silentEnd?: boolean;
  /** Streaming: an error event of the vendor's shape in the middle. */
  errorEvent?: string;
  /** Streaming: each frame is written in two parts, cut one byte further than the frame before. */
  cutFrames?: boolean;
  /** 400 and above: this text as the body, in place of the vendor's JSON. */
  page?: string;
  /** Milliseconds before the answer, and between pieces. */
  delayMs?: number;
  pieceDelayMs?: number;
}

/** A scripted answer with every member that rendering needs. */
export interface Answer extends ScriptedAnswer {
  pieces: string[];
  toolCalls: FakeToolCall[];
  usage: FakeUsage;
  finish: 'stop' | 'length' | 'tool_calls';
}

/** One event of a stream, as written after `data: ` (and `event: ` where the vendor names its events). */
export interface StreamEvent {
  event?: string;
  data: unknown;
  /** Whether it carries a piece of the text: the places where a stream may be cut. */
  isText?: boolean;
}

/** How one vendor's wire is read and written. */
export interface VendorWire {
  vendor: Vendor;
  parse(url: URL, headers: IncomingHttpHeaders, body: Record<string, unknown>): NeutralCall;
  answer(call: NeutralCall, answer: Answer): unknown;
  events(call: NeutralCall, answer: Answer): StreamEvent[];
  error(status: number, message: string): unknown;
  /** The error as an event inside a stream. */
  errorEvent(message: string): StreamEvent;
  models(ids: string[]): unknown;
  requestIdHeader: string;
  /** Of a wire whose streams are no server-sent events: their content type, and how an event is written. */
  streamType?: string;
  encode?(event: StreamEvent): Buffer;
}

/** What an OAuth server of a cloud answers to a service account's assertion. */
export interface TokenAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** As JSON; text is sent as it is. */
  body: unknown;
}
