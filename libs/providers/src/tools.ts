import { dynamicTool, tool, type ToolCallRepairFunction, type ToolSet } from 'ai';
import { ClavigerError } from '#lib/contracts';
import { sdkSchema } from './json-schema.js';
import type { LoopTool, LoopToolChoice } from './loop-types.js';
import type { Scrubber } from './scrubber.js';

/** Tools as the AI SDK takes them; what they answer is scrubbed before the model or the caller sees it. */
export function toolSet(tools: LoopTool[], scrubber: Scrubber): ToolSet {
  return Object.fromEntries(tools.map((loopTool) => [loopTool.name, sdkTool(loopTool, scrubber)]));
}

export function sdkToolChoice(
  choice: LoopToolChoice,
): 'auto' | 'none' | 'required' | { type: 'tool'; toolName: string } {
  return typeof choice === 'string' ? choice : { type: 'tool', toolName: choice.tool };
}

/**
 * One try at a malformed call (PRODUCT #35): the usual slips of JSON, mended without asking the model again. When that
 * doesn't help, the model gets the error as the tool's answer and may do better in the next step.
 */
export const repairToolCall: ToolCallRepairFunction<ToolSet> = async ({ toolCall }) => {
  const mended = mendJson(toolCall.input);
  return mended === null ? null : { ...toolCall, input: mended };
};

/** The text as JSON after dropping code fences, text around the object and trailing commas; null when it still isn't. */
export function mendJson(text: string): string | null {
  const inner = /\{[\s\S]*\}/.exec(text)?.[0];
  if (inner === undefined) return null;
  const mended = inner.replace(/,\s*([}\]])/g, '$1');
  try {
    JSON.parse(mended);
    return mended === text ? null : mended;
  } catch {
    return null;
  }
}

function sdkTool(loopTool: LoopTool, scrubber: Scrubber): ToolSet[string] {
  const { name, description, execute } = loopTool;
  const inputSchema = sdkSchema(loopTool.inputSchema);
  // Without `execute` the SDK ends the loop at the call: the caller's own tool.
  if (!execute) return tool({ description, inputSchema });
  return dynamicTool({
    description,
    inputSchema,
    execute: async (input, { toolCallId, abortSignal }) => {
      const signal = abortSignal ?? new AbortController().signal;
      // A model that was made to repeat a key must not get it carried to a tool's server either.
      const clean = scrubber.value(input);
      try {
        return scrubber.value(await execute({ toolCallId, name, input: clean, signal }));
      } catch (error) {
        // The model reads it: a tool that says in its error what it was sent must not tell the vendor either.
        throw error instanceof ClavigerError ? error : new Error(scrubber.text(errorText(error)));
      }
    },
  });
}

/** What a tool's failure says. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
