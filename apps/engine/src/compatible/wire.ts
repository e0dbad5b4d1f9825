import type { ToolFacts } from '#lib/limits';
import type { ErrorCode, Permission } from '#lib/contracts';
import type { JsonMembers } from './body/json-members.js';
import type { UsageWatch } from './relay/usage-watch.js';

export type WireName = 'openai' | 'anthropic' | 'gemini';

/** What the gates and limits need to know of a call, read without parsing what it says. */
export interface AskedCall {
  /** As the client names it: an id, an alias, `@slug/model`, `@aip_…/model`. */
  model: string;
  stream: boolean;
  hasTools: boolean;
  /** Its tools, read when somebody asks: vendor-run ones under their type. */
  tools: () => ToolFacts[];
  /** The most that one answer may have; null: the call does not say. */
  maxOutputTokens: number | null;
  /** How many answers it asks for at once. */
  answers: number;
  body: JsonMembers;
}

/** What the call is sent with, where it is not sent as it came. */
export interface Splices {
  /** The vendor's id of the model. */
  model: string;
  provider: string;
  /** An end for the answer that the client did not name. */
  maxOutputTokens: number | null;
  /** Members that a rule changed. */
  changed: Readonly<Record<string, unknown>>;
}

/** A piece of what is said in one event of a stream. Pieces of one channel, joined, are one text. */
export interface SaidPiece {
  channel: string;
  text: string;
  replace: (text: string) => void;
}

/** What an event says, and the channels (by their beginning) on which nothing follows. */
export interface SaidEvent {
  pieces: SaidPiece[];
  closes: string[];
}

/** One operation of one vendor's wire. */
export interface WireOperation {
  /** Unique; the operation's name in the document. */
  id: string;
  wire: WireName;
  permission: Permission;
  /** Whether it is a call of a model: counted, reserved and charged. */
  isMetered: boolean;
  /** Providers that have it, where not all of its protocol do; the others are asked by translation. */
  providers?: ReadonlySet<string>;
  /** @throws ClavigerError validation_failed, malformed_request */
  read(body: JsonMembers, params: Readonly<Record<string, string>>): AskedCall;
  /** Below the key's base URL. */
  upstreamPath(model: string, asked: AskedCall): string;
  upstreamBody(asked: AskedCall, splices: Splices): Buffer;
  /** Headers of the client that go on to the vendor. */
  passedHeaders: readonly string[];
  usage(): UsageWatch;
  /** Whether an event of a stream was not asked for by the client, and stays here. */
  isOurs(event: Buffer, asked: AskedCall): boolean;
  /** What an event says piece by piece; everything else in it is read whole. */
  said(event: unknown): SaidEvent;
}

/** Why there is no answer, before it takes a vendor's shape. */
export interface WireProblem {
  status: number;
  code: ErrorCode;
  message: string;
  requestId: string;
  /** Where in the body the fault is (RFC 6901), where it is in one place. */
  pointer: string | null;
}

/** How one vendor says that something went wrong. */
export interface WireErrors {
  status(problem: WireProblem): number;
  body(problem: WireProblem, status: number): object;
  /** As an event in a stream that has begun. */
  event(problem: WireProblem, status: number): string;
}
