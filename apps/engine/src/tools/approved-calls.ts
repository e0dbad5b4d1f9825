import { Injectable } from '@nestjs/common';
import { ClavigerError, type RunToolCall } from '#lib/contracts';
import { Scrubber } from '#lib/providers';
import type { ApprovedCall } from '../pipeline/agent-spec.js';
import type { CallPlan } from '../pipeline/call-plan.js';
import { Toolbox } from './toolbox.js';
import type { OpenTools, RunTool, ToolsAsked } from './tools-asked.js';

/** What came of a call that was approved. */
export type AnsweredCall = Pick<RunToolCall, 'toolCallId' | 'name' | 'output' | 'error'>;

export interface ApprovedAsked extends ToolsAsked {
  plan: ToolsAsked['plan'] & Pick<CallPlan, 'mark'>;
}

/** Makes the calls that somebody approved while the run was paused, before the model is asked again. */
@Injectable()
export class ApprovedCalls {
  constructor(private readonly toolbox: Toolbox) {}

  /**
   * One after the other, in the model's order; each answer is added to `answered` and told as it comes. The mark is on record before
   * the first: a process that dies from here on leaves `outcome_unknown`, and nothing is called twice (ADR 0034). A tool's own failure
   * is for the model to read; throws when the run itself has to end.
   */
  async make(asked: ApprovedAsked, answered: AnsweredCall[]): Promise<void> {
    const { approved = [] } = asked.plan.request.agent;
    if (approved.length === 0) return;
    await this.toolbox.use(asked, async (open) => {
      await asked.plan.mark?.make();
      for (const call of approved) answered.push(await this.#make(call, open, asked));
    });
  }

  async #make(
    call: ApprovedCall,
    open: OpenTools,
    { sink, inspection }: ApprovedAsked,
  ): Promise<AnsweredCall> {
    const { toolCallId, name } = call;
    const outcome = await outcomeOf(call, open, sink.signal);
    const said = { type: 'tool.result' as const, step: 0, toolCallId, name, ...outcome };
    let told: AnsweredCall = { toolCallId, name, ...outcome };
    for await (const event of inspection.told(said)) {
      if (event.type !== 'tool.result') continue;
      told = { toolCallId, name, output: event.output, error: event.error };
      sink.emit('tool.result', { step: 0, ...told });
    }
    return told;
  }
}

/** The tool as it was approved: a name may be another tool's when a server was asked anew. */
function toolOf({ name, mcp }: ApprovedCall, tools: readonly RunTool[]): RunTool | undefined {
  return tools.find(({ name: own, place }) =>
    mcp === null
      ? place.mcp === null && own === name
      : place.mcp?.serverId === mcp.serverId && place.mcp.tool === mcp.tool,
  );
}

async function outcomeOf(
  call: ApprovedCall,
  { tools, secrets }: OpenTools,
  signal: AbortSignal,
): Promise<Pick<AnsweredCall, 'output' | 'error'>> {
  const { toolCallId, name, input } = call;
  const execute = toolOf(call, tools)?.execute;
  if (!execute) return { output: null, error: 'the tool is not there any more' };
  const scrubber = new Scrubber(secrets);
  try {
    const output = await execute({ toolCallId, name, input, signal });
    return { output: scrubber.value(output ?? null), error: null };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ClavigerError) throw error;
    return { output: null, error: scrubber.text(error instanceof Error ? error.message : String(error)) };
  }
}
