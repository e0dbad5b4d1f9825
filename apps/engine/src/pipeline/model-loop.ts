import { Inject, Injectable } from '@nestjs/common';
import { type EgressGuard, type SendState } from '#lib/egress';
import { ClavigerError, type SealedCredential } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { runAgentLoop, Scrubber, secretsOf, type LoopTool } from '#lib/providers';
import { Metrics } from '#lib/telemetry';
import { fence } from '../keys/fence.js';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK, EGRESS_GUARD } from '../tokens.js';
import type { AgentSpec } from './agent-spec.js';
import type { CallPlan } from './call-plan.js';
import { endpointFor } from './endpoint.js';
import { callHttpTool } from './http-tool.js';
import { recordEvent } from './record-event.js';
import type { RunRecord } from './run-record.js';
import type { RunSink } from './run-sink.js';

export interface LoopRun {
  plan: CallPlan;
  sink: RunSink;
  record: RunRecord;
  sent: SendState;
  credential: SealedCredential;
}

/** Calls the model, and the tools that it asks for, until it is done; tells the sink and keeps the record. */
@Injectable()
export class ModelLoop {
  constructor(
    private readonly states: StateCache,
    @Inject(EGRESS_GUARD) private readonly guard: EgressGuard,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Answers the output in the form that the agent asked for. Throws ClavigerError; what was received until then is in the record. */
  async run({ plan, sink, record, sent, credential }: LoopRun): Promise<unknown> {
    const { agent, caller, stateKey } = plan.request;
    const { assignment, provider, model, modelInfo } = plan.choice;
    const structuredOutput = modelInfo.capabilities.structuredOutput === 'yes' ? 'native' : 'prompted';
    const beforeSend = fence(this.states, stateKey, plan.check);
    const endpoint = await endpointFor(assignment, provider, credential, {
      guard: this.guard,
      orgId: caller.orgId,
      beforeSend,
      sent,
      headerDeadlineMs: agent.timeoutMs,
      headers: { 'x-client-request-id': sink.id },
      signal: sink.signal,
      now: this.clock.now(),
      onAnswer: (seconds) => this.metrics.upstreamAnswer(provider.slug, seconds),
    });
    const scrubber = new Scrubber(secretsOf(endpoint));
    const { system, messages, toolChoice, maxSteps, output, temperature, maxOutputTokens } = agent;
    const asked = { system, messages, toolChoice, maxSteps, output, temperature, maxOutputTokens };
    const tools = agent.tools.map((tool) => this.#tool(tool, caller.orgId, beforeSend, sink));
    for await (const event of runAgentLoop({
      endpoint,
      model,
      ...asked,
      structuredOutput,
      tools,
      signal: sink.signal,
      scrubber,
    })) {
      if (event.type !== 'finished') recordEvent(event, record, sink);
      else return event.end === 'model' ? event.output : outOfSteps(agent, event.text);
    }
    return null;
  }

  #tool(
    tool: AgentSpec['tools'][number],
    orgId: string,
    beforeSend: () => void | Promise<void>,
    sink: RunSink,
  ): LoopTool {
    const { name, description, inputSchema } = tool;
    const execute: LoopTool['execute'] = async ({ input, signal }) => {
      try {
        const { output, error } = await callHttpTool(tool, input, {
          guard: this.guard,
          orgId,
          beforeSend,
          signal,
        });
        if (error !== null) throw new Error(output === null ? error : `${error}: ${excerpt(output)}`);
        return output;
      } catch (error) {
        // A tool's own failure is for the model to read; a refusal of the fence ends the run.
        if (error instanceof ClavigerError) sink.abort(error);
        throw error;
      }
    };
    return { name, description, inputSchema, execute };
  }
}

/** The model still called tools when its steps were used up: plain text is kept as the answer, anything else was not given. */
function outOfSteps(agent: AgentSpec, text: string): unknown {
  if (!agent.output || agent.output.type === 'text') return text;
  throw new ClavigerError(
    'output_invalid',
    `The run used all its ${agent.maxSteps} steps on tools before it gave an answer. Raise maxSteps, or give it fewer tools.`,
  );
}

function excerpt(output: unknown): string {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  return text.slice(0, 2_000);
}
