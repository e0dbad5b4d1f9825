import type { Catalogue } from '#lib/catalog';
import { ClavigerError, type AuthorisedState, type RunStep, type StateAssignment } from '#lib/contracts';
import { randomHex } from '#lib/kernel';
import { judgePrompt, type Direction, type JudgeRule } from '#lib/limits';
import type { LoopMessage } from '#lib/providers';
import type { AgentSpec } from './agent-spec.js';

/** How long a judge may take, waiting for its rates included, in milliseconds. */
export const JUDGE_WITHIN_MS = 10_000;
/** Room for the one object that it answers with. */
const JUDGE_OUTPUT_TOKENS = 300;
const NONCE_BYTES = 16;

/** The question as an agent of one step, without tools: nothing that it reads can make it do anything but answer. */
export function judgeAgent({ instruction, model }: JudgeRule, on: Direction, text: string): AgentSpec {
  const { system, user } = judgePrompt({ instruction, text, on, nonce: randomHex(NONCE_BYTES) });
  return {
    ...{ model, system, messages: [{ role: 'user', content: user }] },
    ...{ tools: [], toolChoice: 'none', maxSteps: 1 },
    ...{ maxOutputTokens: JUDGE_OUTPUT_TOKENS, timeoutMs: JUDGE_WITHIN_MS },
  };
}

/** The key that a policy's judge was given, as the state has it. */
export function judgeKey({ judgeKeys }: AuthorisedState, aiProviderId: string): StateAssignment | undefined {
  return judgeKeys.find((key) => key.aiProviderId === aiProviderId);
}

/** Throws when the judge's key or model may not be used any more: a key that is switched off judges nobody. */
export function assertJudges(
  state: AuthorisedState,
  catalogue: Catalogue,
  { aiProviderId, model }: JudgeRule,
  now: Date,
): void {
  const key = judgeKey(state, aiProviderId);
  const isOver = !key?.enabled || (key.expiresAt !== null && key.expiresAt <= now);
  if (isOver) throw new ClavigerError('no_provider_key', 'The key of the judge cannot be used.');
  const { provider } = key;
  if (state.disabledProviders.includes(provider) || catalogue.provider(provider)?.enabled === false)
    throw new ClavigerError('provider_disabled', 'The provider of the judge is switched off.');
  if (key.keyModels.length > 0 && ![...key.keyModels, key.keyDefaultModel].includes(model))
    throw new ClavigerError('model_not_available', 'The key of the judge is not for this model.');
}

/** What a call says, for a judge to read: each part under whose it is. */
export function saidBy({ system, messages, continued = [], tools }: AgentSpec): string {
  const told = tools.flatMap((tool) =>
    tool.type === 'mcp' ? [] : [`[tool ${tool.name}]\n${tool.description}`],
  );
  // What the model said in an earlier part of the run was judged there.
  const brought = continued.filter(({ role }) => role === 'tool').flatMap(partsOf);
  return [...(system ? [`[system]\n${system}`] : []), ...told, ...messages.flatMap(partsOf), ...brought].join(
    '\n\n',
  );
}

function partsOf(message: LoopMessage): string[] {
  switch (message.role) {
    case 'user':
      return [`[user]\n${message.content}`];
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(({ name, input }) => `[tool call ${name}]\n${json(input)}`);
      return message.content === '' && calls.length > 0
        ? calls
        : [`[assistant]\n${message.content}`, ...calls];
    }
    case 'tool':
      return message.content.map(({ name, output }) => `[tool output ${name}]\n${json(output)}`);
  }
}

function json(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** What a run was answered with, tool calls included; empty when there is nothing to judge. */
export function answeredBy(steps: readonly RunStep[]): string {
  return steps
    .flatMap(({ text, toolCalls }) => [
      ...(text === '' ? [] : [text]),
      ...toolCalls.map(({ name, input }) => `[tool call ${name}]\n${json(input)}`),
    ])
    .join('\n\n');
}
