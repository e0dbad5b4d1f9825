import type { Agent } from '@claviger/sdk';

/** A node runs an agent, after the nodes that it names. `{{id.text}}` in its prompt is the answer of one of them. */
export interface AgentNode {
  id: string;
  after?: string[];
  agent: Agent & { prompt: string };
}

export interface Workflow {
  id: string;
  version: string;
  nodes: AgentNode[];
}

/** Something that nodes may ask this engine to do. */
export type LocalTool = (input: unknown) => Promise<unknown>;

/** Nodes whose predecessors are all done, in the order of the workflow. */
export function ready(
  workflow: Workflow,
  done: ReadonlyMap<string, string>,
  begun: ReadonlySet<string>,
): AgentNode[] {
  return workflow.nodes.filter(
    ({ id, after = [] }) => !begun.has(id) && !done.has(id) && after.every((before) => done.has(before)),
  );
}

/** The prompt with the answers that it quotes. */
export function filledIn({ agent }: AgentNode, done: ReadonlyMap<string, string>): Agent {
  const prompt = agent.prompt.replace(/\{\{(\w+)\.text\}\}/g, (_, id: string) => done.get(id) ?? '');
  return { ...agent, prompt };
}

/** Throws when a node waits for itself or for one that is not there. */
export function assertRunnable({ nodes }: Workflow): void {
  const reached = new Set<string>();
  for (let grew = true; grew;) {
    const next = nodes.filter(
      ({ id, after = [] }) => !reached.has(id) && after.every((before) => reached.has(before)),
    );
    for (const { id } of next) reached.add(id);
    grew = next.length > 0;
  }
  const stuck = nodes.filter(({ id }) => !reached.has(id)).map(({ id }) => id);
  if (stuck.length > 0 || new Set(nodes.map(({ id }) => id)).size < nodes.length)
    throw new Error(`not a graph that can be run: ${stuck.join(', ') || 'two nodes of one id'}`);
}
