/** Tokens that a vendor may add to a prompt by itself: its template, and its own words about tools. */
const TEMPLATE_TOKENS = 256;
const TOOL_TEMPLATE_TOKENS = 1_024;
/** What a wire protocol wraps around a prompt, its messages and tools, in bytes. */
const ENVELOPE_BYTES = 256;
const MESSAGE_BYTES = 64;
const TOOL_BYTES = 128;

/** An answer's end where the agent names none and a quota needs one. It is sent to the vendor. */
export const DEFAULT_OUTPUT_TOKENS = 4_096;

/**
 * The most input tokens that a request of so many bytes can be billed for: tokenizers of byte pairs never make more tokens than
 * there are bytes, and every byte of the prompt is in the request.
 */
export function inputBound(requestBytes: number, hasTools: boolean): number {
  return requestBytes + (hasTools ? TOOL_TEMPLATE_TOKENS : TEMPLATE_TOKENS);
}

/** How many bytes the first request will have, at most as a rule; a request that turns out longer is reserved for before it is sent. */
export function expectedBytes(agent: {
  system?: string | undefined;
  messages: readonly unknown[];
  tools: readonly unknown[];
  output?: unknown;
}): number {
  const { system, messages, tools, output } = agent;
  const text = JSON.stringify({ system, messages, tools, output });
  const wrapping = ENVELOPE_BYTES + MESSAGE_BYTES * messages.length + TOOL_BYTES * tools.length;
  return Buffer.byteLength(text, 'utf8') + wrapping;
}
