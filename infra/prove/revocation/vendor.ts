import type { NeutralCall, ScriptedAnswer } from '#lib/testing';
import { NEVER_END } from '../series/runs.js';

/** How the vendor answers the callers of a cell: a stream without an end, a tool call after each, or a short hello. */
export function answers(call: NeutralCall): ScriptedAnswer {
  if (call.lastUserText === NEVER_END) return { text: ['tick ', 'tock'], hang: 'body' };
  if (call.tools.length > 0) return { toolCalls: [{ name: 'wait', input: {} }] };
  return { text: 'Hello.' };
}
