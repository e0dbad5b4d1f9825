import { ClavigerError } from '#lib/contracts';
import type { RunInspection } from '../policies/run-inspection.js';
import type { RunSink } from '../pipeline/run-sink.js';
import type { CarriedSecrets } from './carried-secrets.js';
import type { ToolOutcome } from './http-tool.js';
import type { RunTool } from './tools-asked.js';

/** How a tool of a run is called: throws only when the run itself has to end. */
export type ToolCall = (input: unknown, signal: AbortSignal) => Promise<ToolOutcome>;

/** What stands around a call: the run, the rules that read what is said, and what may not be told. */
export interface ToolSurroundings {
  sink: RunSink;
  inspection: RunInspection;
  carried: Pick<CarriedSecrets, 'scrubber'>;
}

/** A tool of a run: what the model hands to it is output, and what it answers is input, of the rules that read what is said. */
export function runTool(
  tool: Omit<RunTool, 'execute'>,
  call: ToolCall,
  { sink, inspection, carried }: ToolSurroundings,
): RunTool {
  const execute: RunTool['execute'] = async ({ input, signal }) => {
    try {
      const answer = await call(await inspection.toolInput(input), signal);
      // Here as well as in the loop, which knows only what was opened when it began.
      const { output, error } = await inspection.toolAnswer(scrubbed(answer, carried));
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

function scrubbed(
  { output, error }: ToolOutcome,
  { scrubber }: Pick<CarriedSecrets, 'scrubber'>,
): ToolOutcome {
  return { output: scrubber.value(output), error: error === null ? null : scrubber.text(error) };
}

function excerpt(output: unknown): string {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  return text.slice(0, 2_000);
}
