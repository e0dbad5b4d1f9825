import { validationFailed } from '#lib/http';
import type { AgentSpec } from '../pipeline/agent-spec.js';
import { agentFaults } from './agent-faults.js';
import type { AgentDto } from './agent.dto.js';

const DEFAULT_MAX_STEPS = 20;
const DEFAULT_TIMEOUT_MS = 300_000;

/** The agent of a request as the pipeline takes it, defaults filled in. Throws `validation_failed` with every fault. */
export function toAgentSpec(agent: AgentDto): AgentSpec {
  const faults = agentFaults(agent);
  if (faults.length > 0) throw validationFailed(faults);
  const { model, provider, surface, system, output, temperature, maxOutputTokens } = agent;
  return {
    model,
    provider,
    surface,
    system,
    output,
    temperature,
    maxOutputTokens,
    messages: agent.messages?.flatMap(plainMessage) ?? [{ role: 'user', content: agent.prompt ?? '' }],
    tools: agent.tools ?? [],
    toolChoice: agent.toolChoice ?? 'auto',
    maxSteps: agent.maxSteps ?? DEFAULT_MAX_STEPS,
    timeoutMs: agent.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    routes: agent.routes ?? [],
  };
}

function plainMessage(message: { role: string; content: string }): AgentSpec['messages'] {
  if (message.role === 'user' || message.role === 'assistant')
    return [{ role: message.role, content: message.content }];
  return [];
}
