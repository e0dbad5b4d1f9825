import { Injectable } from '@nestjs/common';
import type { SendState } from '#lib/egress';
import {
  ClavigerError,
  type PolicyRefusal,
  type RunUsage,
  type SealedCredential,
  type StopReason,
} from '#lib/contracts';
import { runAgentLoop, Scrubber, secretsOf, type LoopEvent } from '#lib/providers';
import { PolicyViolation } from '../policies/policy-violation.js';
import type { RunInspection } from '../policies/run-inspection.js';
import { holdBack, loopTool } from '../tools/held-calls.js';
import { Toolbox } from '../tools/toolbox.js';
import type { OpenTools } from '../tools/tools-asked.js';
import type { AgentSpec } from './agent-spec.js';
import type { CallPlan } from './call-plan.js';
import { Dialler, type TurnedByVendor } from './dialler.js';
import { recordEvent } from './record-event.js';
import type { RunRecord } from './run-record.js';
import type { RunSink } from './run-sink.js';
import { ruleOf, stoppedBy } from './stop-conditions.js';

export interface LoopRun {
  plan: CallPlan;
  sink: RunSink;
  record: RunRecord;
  sent: SendState;
  credential: SealedCredential;
  inspection: RunInspection;
  turned: TurnedByVendor;
  /** Gets what rules below HIGH say of what becomes known on the way. */
  noted: PolicyRefusal[];
}

const QUOTING: ReadonlySet<string> = new Set([
  'output_invalid',
  'upstream_error',
  'upstream_auth_failed',
  'upstream_timeout',
  'rate_limited',
]);

const END = { model: 'model', max_steps: 'maxSteps' } as const;

/** Calls the model, and the tools that it asks for, until it is done; tells the sink and keeps the record. */
@Injectable()
export class ModelLoop {
  constructor(
    private readonly dialler: Dialler,
    private readonly toolbox: Toolbox,
  ) {}

  /** Answers the output in the form that the agent asked for. Throws ClavigerError; what was received until then is in the record. */
  async run(run: LoopRun): Promise<unknown> {
    try {
      return await this.toolbox.use(run, (open) => this.#run(run, open));
    } catch (error) {
      await tellRest(run);
      throw error instanceof ClavigerError ? await quotedSafely(error, run) : error;
    }
  }

  async #run(
    { plan, sink, record, sent, credential, inspection, turned }: LoopRun,
    { tools, secrets, check }: OpenTools,
  ): Promise<unknown> {
    const { agent } = plan.request;
    const { model, modelInfo } = plan.choice;
    const structuredOutput = modelInfo.capabilities.structuredOutput === 'yes' ? 'native' : 'prompted';
    const onDelay = (inSeconds: number): void =>
      sink.emit('run.retrying', { inSeconds, reason: `rate-limited, retrying in ${inSeconds} s` });
    const { signal } = sink;
    const dialling = { call: plan, check, credential, sent, runId: sink.id, signal, onDelay, turned, record };
    const dialled = await this.dialler.dial(dialling);
    const finished = (): RunUsage[] => record.steps.map(({ usage }) => usage);
    const fetch = plan.budget?.fetch(dialled.fetch, sink.id, finished) ?? dialled.fetch;
    const endpoint = { ...dialled, fetch };
    const scrubber = new Scrubber([...secretsOf(endpoint), ...secrets]);
    const { system, toolChoice, maxSteps, output, temperature, maxOutputTokens, earlier } = agent;
    const messages = [...agent.messages, ...(agent.continued ?? [])];
    const asked = { system, messages, toolChoice, maxSteps, output, temperature, maxOutputTokens };
    const said = plan.content.texts.length > 0 ? { again: (part: unknown) => inspection.again(part) } : {};
    const { stopWhen = [], steps: rules = [] } = agent;
    const { price } = modelInfo;
    let stopped: StopReason | null = null;
    for await (const event of runAgentLoop({
      endpoint,
      model,
      ...asked,
      ...said,
      stopWhen: (steps) => (stopped = stoppedBy(stopWhen, { steps, price, earlier })) !== null,
      rule: (step) => ruleOf(rules, (earlier?.steps ?? 0) + step),
      structuredOutput,
      tools: tools.map(loopTool),
      signal,
      scrubber,
    })) {
      if (event.type === 'step.finished') plan.rates.settle(event.usage.totalTokens);
      if (event.type === 'finished') {
        const { end } = event;
        if (end === 'client_tools') {
          holdBack(record, event.pendingToolCalls, tools);
          return null;
        }
        record.stopReason = end === 'stopped' ? (stopped ?? 'model') : END[end];
        return await inspection.whole(outputOf(agent, event));
      }
      if (event.type === 'text.delta') record.addReceived(event.delta.length);
      for await (const told of inspection.told(event)) recordEvent(told, record, sink);
    }
    return null;
  }
}

/** What was held back is kept as well, as far as it may be told. */
async function tellRest({ inspection, record, sink }: LoopRun): Promise<void> {
  try {
    for await (const event of inspection.rest()) recordEvent(event, record, sink);
  } catch (error) {
    if (!(error instanceof PolicyViolation)) throw error;
  }
}

/** An error may quote what the model or its vendor said: the sentence, and the text of an answer that is of no use. */
async function quotedSafely(
  error: ClavigerError,
  { inspection, record, plan }: LoopRun,
): Promise<ClavigerError> {
  if (plan.content.texts.length === 0 || !QUOTING.has(error.code)) return error;
  const message = await inspection.quoted(error.message);
  const extras =
    error.extras && 'text' in error.extras ? { ...error.extras, text: record.text } : error.extras;
  return new ClavigerError(error.code, message, { errors: error.errors, extras, cause: error.cause });
}

/**
 * The answer. The model still called tools when its steps were used up, or it was stopped: plain text is kept as the answer, anything else
 * was not given; where its caller said when to stop, that is no fault.
 */
function outputOf(
  agent: AgentSpec,
  { end, output, text }: Extract<LoopEvent, { type: 'finished' }>,
): unknown {
  if (end === 'model') return output;
  if (!agent.output || agent.output.type === 'text') return text;
  if (end === 'stopped') return null;
  throw new ClavigerError(
    'output_invalid',
    `The run used all its ${agent.maxSteps} steps on tools before it gave an answer. Raise maxSteps, or give it fewer tools.`,
  );
}
