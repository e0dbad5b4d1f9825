import { ClavigerError } from '#lib/contracts';
import type { RunInspection } from '../policies/run-inspection.js';
import type { RunSink } from '../pipeline/run-sink.js';
import type { ToolOutcome } from './http-tool.js';
import type { RunTool } from './tools-asked.js';

/** How a tool of a run is called: throws only when the run itself has to end. */
export type ToolCall = (input: unknown, signal: AbortSignal) => Promise<ToolOutcome>;

/** A tool of a run: what the model hands to it is output, and what it answers is input, of the rules that read what is said. */
export function runTool(
  tool: Omit<RunTool, 'execute'>,
  call: ToolCall,
  { sink, inspection }: { sink: RunSink; inspection: RunInspection },
): RunTool {
  const execute: RunTool['execute'] = async ({ input, signal }) => {
    try {
      const answer = await call(await inspection.toolInput(input), signal);
      const { output, error } = await inspection.toolAnswer(answer);
      if (error !== null) throw new Error(output === null ? error : `${error}: ${excerpt(output)}`);
      return output;
    } catch (error) {
      // A tool's own failure is for the model to read; a refusal of the fence or of a policy ends the run.
      if (error instanceof ClavigerError) sink.abort(error);
      throw error;
    }
  };
  return { ...tool, execute };
}

function excerpt(output: unknown): string {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  return text.slice(0, 2_000);
}
