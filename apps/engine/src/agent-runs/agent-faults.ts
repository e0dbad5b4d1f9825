import type { FieldFault } from '#lib/kernel';
import { nameFaults } from '../tools/named-tools.js';
import type { AgentDto } from './agent.dto.js';
import { messageFaults } from './message-faults.js';
import { stepFaults } from './step-faults.js';
import type { McpToolDto } from './tool.dto.js';

/** What no single field can say: rules over several fields of an agent, and what is not available yet. Pointers are within the body. */
export function agentFaults(agent: AgentDto): FieldFault[] {
  const asked = [...questionFaults(agent), ...outputFaults(agent)];
  return [...asked, ...toolFaults(agent), ...stepFaults(agent), ...routeFaults(agent)];
}

function questionFaults(agent: AgentDto): FieldFault[] {
  if (agent.prompt !== undefined && agent.messages !== undefined) {
    return [{ pointer: '/agent/messages', detail: 'Give either prompt or messages, not both.' }];
  }
  if (agent.messages === undefined) {
    return agent.prompt === undefined
      ? [{ pointer: '/agent/prompt', detail: 'Give prompt or messages.' }]
      : [];
  }
  return messageFaults(agent.messages);
}

function toolFaults(agent: AgentDto): FieldFault[] {
  const tools = agent.tools ?? [];
  const seen = new Set<string>();
  const servers = new Set<string>();
  const faults = tools.flatMap((tool, index): FieldFault[] => {
    if (tool.type === 'mcp') return serverFaults(tool, index, servers);
    if (seen.has(tool.name))
      return [{ pointer: `/agent/tools/${index}/name`, detail: 'Two tools have this name: rename one.' }];
    seen.add(tool.name);
    return tool.inputSchema['type'] === 'object' || takesNothing(tool.inputSchema)
      ? []
      : [
          {
            pointer: `/agent/tools/${index}/inputSchema`,
            detail: 'The schema must describe an object: {"type": "object", "properties": {…}}.',
          },
        ];
  });
  const choice = agent.toolChoice;
  if (choice === 'required' && tools.length === 0) {
    faults.push({
      pointer: '/agent/toolChoice',
      detail: 'A tool is required, but there are no tools: give some, or leave toolChoice out.',
    });
  }
  // What a server brings is known when it was asked.
  if (servers.size > 0) return faults;
  return [...faults, ...nameFaults(agent, [...seen], 'There is no tool of this name in tools.')];
}

/** `{}`: as people write a tool that takes nothing. */
export function takesNothing(schema: Record<string, unknown>): boolean {
  return Object.keys(schema).length === 0;
}

function serverFaults(tool: McpToolDto, index: number, seen: Set<string>): FieldFault[] {
  if (seen.has(tool.serverId))
    return [
      {
        pointer: `/agent/tools/${index}/serverId`,
        detail: 'This server is named above already: name all of its tools there.',
      },
    ];
  seen.add(tool.serverId);
  return [];
}

function outputFaults(agent: AgentDto): FieldFault[] {
  const output = agent.output;
  if (!output) return [];
  const faults: FieldFault[] = [];
  if (output.type === 'category' && !output.categories) {
    faults.push({ pointer: '/agent/output/categories', detail: 'Name the categories to choose from.' });
  }
  if (output.type !== 'category' && output.categories) {
    faults.push({
      pointer: '/agent/output/categories',
      detail: 'Categories belong to the output type "category" only.',
    });
  }
  if (output.type !== 'json' && output.type !== 'score' && output.schema) {
    faults.push({
      pointer: '/agent/output/schema',
      detail: 'A schema belongs to the output types "json" and "score" only.',
    });
  }
  return faults;
}

function routeFaults(agent: AgentDto): FieldFault[] {
  return (agent.routes ?? []).flatMap((target, index): FieldFault[] => {
    const { model, provider, aiProviderId } = target;
    const pointer = `/agent/routes/${index}`;
    if (model === undefined && provider === undefined && aiProviderId === undefined)
      return [{ pointer, detail: 'Name the target: give model, provider or aiProviderId.' }];
    if (aiProviderId === undefined) return [];
    const twice = 'The key decides it: leave it out where aiProviderId is given.';
    return [
      ...(provider === undefined ? [] : [{ pointer: `${pointer}/provider`, detail: twice }]),
      ...(model?.startsWith('@')
        ? [{ pointer: `${pointer}/model`, detail: 'Give the model id alone where aiProviderId is given.' }]
        : []),
    ];
  });
}
