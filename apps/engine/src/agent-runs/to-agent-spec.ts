import { validationFailed } from '#lib/http';
import type { LoopMessage } from '#lib/providers';
import type { AgentSpec } from '../pipeline/agent-spec.js';
import { agentFaults, takesNothing } from './agent-faults.js';
import type { AgentDto } from './agent.dto.js';
import type { AnyMessageDto } from './message.dto.js';

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
    messages: agent.messages ? loopMessages(agent.messages) : [{ role: 'user', content: agent.prompt ?? '' }],
    tools: (agent.tools ?? []).map(withSchema),
    toolChoice: agent.toolChoice ?? 'auto',
    maxSteps: agent.maxSteps ?? DEFAULT_MAX_STEPS,
    timeoutMs: agent.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    routes: agent.routes ?? [],
    ...(agent.stopWhen && { stopWhen: agent.stopWhen.map(plain) }),
    ...(agent.steps && { steps: agent.steps.map(plain) }),
  };
}

/** Vendors want the schema of an object, of a tool that takes nothing too. */
function withSchema<T extends AgentSpec['tools'][number]>(tool: T): T {
  if (tool.type === 'mcp' || !takesNothing(tool.inputSchema)) return tool;
  return { ...tool, inputSchema: { type: 'object', properties: {} } };
}

/** Messages as the loop takes them; outputs for the calls of one message stand in one, as some vendors count them. */
function loopMessages(messages: readonly AnyMessageDto[]): LoopMessage[] {
  const told: LoopMessage[] = [];
  for (const message of messages) {
    const last = told.at(-1);
    if (message.role === 'tool' && last?.role === 'tool') last.content.push(...message.content.map(plain));
    else told.push(loopMessage(message));
  }
  return told;
}

function loopMessage(message: AnyMessageDto): LoopMessage {
  const { role, content } = message;
  switch (role) {
    case 'user':
      return { role, content };
    case 'assistant':
      return { role, content, ...(message.toolCalls && { toolCalls: message.toolCalls.map(plain) }) };
    case 'tool':
      return { role, content: content.map(plain) };
  }
}

/** Of no class any more: it is kept and compared as JSON. */
function plain<T extends object>(part: T): T {
  return { ...part };
}
