import type { ModelMessage, PrepareStepFunction, StepResult, StopCondition, ToolSet } from 'ai';
import type { CallableModel } from './endpoint.js';
import type { LoopState } from './loop-state.js';
import type { AgentLoopOptions, LoopToolChoice, StepRule, StepSoFar } from './loop-types.js';
import { saidAgain } from './messages.js';
import { withPlainCalls } from './plain-calls/with-plain-calls.js';
import type { Scrubber } from './scrubber.js';
import { sdkToolChoice } from './tools.js';
import { loopUsage } from './usage.js';

type Asked = Pick<AgentLoopOptions, 'stopWhen' | 'again' | 'rule' | 'tools' | 'toolChoice' | 'output'>;

/** Whether the conditions of a run say that it stops after these steps; each is judged by what may be told of it. */
async function isStopped(steps: readonly StepSoFar[], { stopWhen, again }: Asked): Promise<boolean> {
  if (!stopWhen) return false;
  const told: StepSoFar[] = [];
  for (const step of steps) told.push(again ? { ...step, text: String(await again(step.text)) } : step);
  return stopWhen(told);
}

/** The conditions as the AI SDK asks them: where the model wants another step. */
export function stopCondition(options: Asked, scrubber: Scrubber): StopCondition<ToolSet> {
  return ({ steps }) =>
    isStopped(
      steps.map((step) => soFar(step, scrubber)),
      options,
    );
}

/** The same of a loop that is over: the AI SDK does not ask where calls wait for the caller. */
export function hasStopped({ steps }: Pick<LoopState, 'steps'>, options: Asked): Promise<boolean> {
  const told = steps.map(({ text, toolCalls, usage }) => ({
    ...{ text, usage },
    calls: toolCalls.filter(({ error }) => error === null).map(({ name }) => name),
  }));
  return isStopped(told, options);
}

function soFar({ text, toolCalls, content, usage }: StepResult<ToolSet>, scrubber: Scrubber): StepSoFar {
  const failed = new Set(content.flatMap((part) => (part.type === 'tool-error' ? [part.toolCallId] : [])));
  const calls = toolCalls.filter(({ toolCallId }) => !failed.has(toolCallId));
  return {
    text: scrubber.text(text),
    calls: calls.map(({ toolName }) => scrubber.text(toolName)),
    usage: loopUsage(usage),
  };
}

/** What each step is asked with: its rule, and a conversation in which what the model said may be said again. */
export function prepareStep(options: Asked, client: CallableModel): PrepareStepFunction<ToolSet> {
  const all = (options.tools ?? []).map(({ name }) => name);
  const plain = { fenced: (options.output?.type ?? 'text') === 'text' };
  return async ({ stepNumber, messages }) => {
    const rule = options.rule?.(stepNumber + 1);
    const names = rule?.tools ? all.filter((name) => rule.tools?.includes(name)) : all;
    const choice = choiceOf(stepNumber, options.toolChoice ?? 'auto', rule, names);
    const model = names.length > 0 && choice !== 'none' ? withPlainCalls(client, names, plain) : client;
    return {
      model,
      ...(all.length > 0 && { toolChoice: sdkToolChoice(choice), activeTools: names }),
      ...(await conversation(stepNumber, messages, options)),
    };
  };
}

/** A choice of the whole run that forces a call holds for its first step; one of a rule for each step that it covers. */
function choiceOf(
  stepNumber: number,
  asked: LoopToolChoice,
  rule: StepRule | undefined,
  names: readonly string[],
): LoopToolChoice {
  const isOver = stepNumber > 0 && asked !== 'none';
  const choice = rule?.toolChoice ?? (isOver ? 'auto' : asked);
  const isPossible = typeof choice === 'string' ? names.length > 0 : names.includes(choice.tool);
  return isPossible || choice === 'none' ? choice : 'auto';
}

async function conversation(
  stepNumber: number,
  messages: ModelMessage[],
  { again }: Asked,
): Promise<{ messages?: ModelMessage[] }> {
  return stepNumber > 0 && again ? { messages: await saidAgain(messages, again) } : {};
}
