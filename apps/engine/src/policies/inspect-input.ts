import type { PolicyRefusal } from '#lib/contracts';
import { ContentTally, inspectAgent, inspectValue, type PolicyContent } from '#lib/limits';
import type { AgentSpec } from '../pipeline/agent-spec.js';
import { violationBy } from './policy-violation.js';

export interface InspectedInput {
  /** The call as it may go upstream. */
  agent: AgentSpec;
  /** Rules that found something and refuse nothing. */
  noted: PolicyRefusal[];
}

/**
 * What may be sent of a call: instructions, messages, descriptions of tools, and the schemas and categories that a model reads as
 * well. Read in turns with everybody else's calls. Throws PolicyViolation; nothing has left then.
 */
export async function inspectInput(content: PolicyContent, agent: AgentSpec): Promise<InspectedInput> {
  if (content.texts.length === 0) return { agent, noted: [] };
  const { compiled } = content;
  const tally = new ContentTally(content);
  const { system, messages, tools } = agent;
  const said = await inspectAgent(compiled, { system, messages, tools });
  const schemas = tools.map((tool) => (tool.type === 'mcp' ? {} : tool.inputSchema));
  const forms = { schemas, output: agent.output ?? null };
  const since = await inspectValue(compiled, agent.continued ?? [], 'input');
  const read = await inspectValue(compiled, forms, 'input');
  tally.add(said.findings, 'input');
  tally.add(read.findings, 'input');
  tally.add(since.findings, 'input');
  const broken = tally.blocked();
  if (broken) throw violationBy(broken);
  const safe = read.verdict === 'pass' ? forms : (read.value as typeof forms);
  return {
    agent: {
      ...agent,
      ...said.value,
      tools: said.value.tools.map((tool, index) =>
        tool.type === 'mcp' ? tool : { ...tool, inputSchema: safe.schemas[index] ?? {} },
      ),
      ...(safe.output && { output: safe.output }),
      ...(agent.continued && { continued: since.value as NonNullable<AgentSpec['continued']> }),
    },
    noted: tally.noted(),
  };
}
