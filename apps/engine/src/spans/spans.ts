import { Injectable } from '@nestjs/common';
import { ClavigerError, type RunUsage } from '#lib/contracts';
import type { LoopTool } from '#lib/providers';
import {
  agentSpan,
  answerAttributes,
  modelCallSpan,
  toolSpan,
  Tracing,
  usageAttributes,
  type ModelOperation,
  type OpenSpan,
  type TraceParent,
} from '#lib/telemetry';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import type { Choice } from '../pipeline/decide.js';
import type { CallTeller } from '../pipeline/run-record.js';

export interface CallSpanOptions {
  name: ModelOperation;
  /** Whether the reason that an answer ended for is the vendor's own. */
  tellsReason: boolean;
}

const CHAT: CallSpanOptions = { name: 'chat', tellsReason: true };

/** The spans of the engine (API.md, Health): a run, the calls of its model and of its tools below it. Nothing is made while they are off. */
@Injectable()
export class Spans {
  constructor(private readonly tracing: Tracing) {}

  /** Makes the span of each call of a run to its vendor; undefined while spans are off. */
  tellerOf(
    request: CallRequest,
    choice: Choice,
    runId: string,
    options: CallSpanOptions = CHAT,
  ): (() => CallTeller | undefined) | undefined {
    if (!this.tracing.isOn) return undefined;
    const facts = { provider: choice.provider.slug, model: choice.model, runId, parent: request.trace };
    const span = modelCallSpan(options.name, facts);
    return () => {
      const open = this.tracing.start(span);
      return open && tellerOf(open, options);
    };
  }

  /** Begins the span of a run. What the plan that is answered leads to is below it. */
  run(
    plan: CallPlan,
    runId: string,
  ): { plan: CallPlan; end: (usage: RunUsage, error: ClavigerError | null) => void } {
    const { provider, model } = plan.choice;
    const facts = { provider: provider.slug, model, runId, parent: plan.request.trace };
    const open = this.tracing.isOn ? this.tracing.start(agentSpan(facts)) : undefined;
    if (!open) return { plan, end: () => undefined };
    return {
      plan: { ...plan, request: { ...plan.request, trace: open.asParent } },
      end: (usage, error) => open.end(usageAttributes(usage), error?.code ?? null),
    };
  }

  /** The same tools, each call of one in a span of its own. */
  tools<T extends LoopTool>(tools: T[], parent: TraceParent | undefined, runId: string): T[] {
    if (!this.tracing.isOn) return tools;
    return tools.map((tool) => {
      const { execute, name } = tool;
      if (!execute) return tool;
      const watched: typeof execute = async (call) => {
        const span = this.tracing.start(toolSpan({ name, callId: call.toolCallId }, { runId, parent }));
        try {
          const output = await execute(call);
          span?.end({}, null);
          return output;
        } catch (error) {
          span?.end({}, error instanceof ClavigerError ? error.code : 'tool_failed');
          throw error;
        }
      };
      return { ...tool, execute: watched };
    });
  }
}

function tellerOf(span: OpenSpan, { tellsReason }: CallSpanOptions): CallTeller {
  return {
    ended: (reason, usage, model) => {
      const answer = answerAttributes(model, tellsReason ? reason : null);
      span.end({ ...usageAttributes(usage), ...answer }, null);
    },
    failed: (code) => span.end({}, code),
  };
}
