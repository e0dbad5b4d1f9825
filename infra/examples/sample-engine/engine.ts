import type { AgentRun, Claviger, ToolOutput } from '@claviger/sdk';
import type { Journal } from './journal.ts';
import {
  assertRunnable,
  filledIn,
  ready,
  type AgentNode,
  type LocalTool,
  type Workflow,
} from './workflow.ts';

export interface Execution {
  /** Chosen by whoever starts the workflow; the same one goes on after a crash. */
  id: string;
  workflow: Workflow;
  journal: Journal;
  tools: Record<string, LocalTool>;
}

/**
 * Runs a graph of agent nodes: every node as soon as those before it are done, branches at the same time. A node's execution id is made of
 * the execution's and the node's, so that after a crash a node that was under way is joined rather than run a second time.
 * Answers the text of every node. Throws ClavigerError of the first node that failed; the others' runs are cancelled.
 */
export async function execute(
  claviger: Claviger,
  execution: Execution,
): Promise<ReadonlyMap<string, string>> {
  const { workflow, journal } = execution;
  assertRunnable(workflow);
  const begun = new Map<string, Promise<void>>();
  const failing = new AbortController();
  while (journal.done.size < workflow.nodes.length) {
    for (const node of ready(workflow, journal.done, new Set(begun.keys()))) {
      const running = runNode(claviger, execution, node, failing.signal).then((text) => {
        journal.write(node.id, text);
        begun.delete(node.id);
      });
      begun.set(node.id, running);
    }
    try {
      await Promise.race(begun.values());
    } catch (error) {
      failing.abort(error);
      await Promise.allSettled(begun.values());
      throw error;
    }
  }
  return journal.done;
}

async function runNode(
  claviger: Claviger,
  { id, workflow, journal, tools }: Execution,
  node: AgentNode,
  signal: AbortSignal,
): Promise<string> {
  const { runs } = claviger;
  // Handed over: the run outlives this process, and its answer is kept until it is asked for.
  let run = await runs.start({
    nodeExecutionId: `${id}/${node.id}`,
    workflow: { id: workflow.id, version: workflow.version },
    agent: filledIn(node, journal.done),
  });
  const cancel = (): void => void runs.cancel(run.id).catch(() => undefined);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  try {
    run = await runs.wait(run.id, { signal });
    while (run.status === 'requires_action') {
      run = await runs.submitToolOutputs(run.id, await outputsOf(run, tools), { signal });
    }
    return run.text;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** A tool that fails or is not there is told to the model, which may do without it. */
async function outputsOf(
  { requiredAction }: AgentRun,
  tools: Record<string, LocalTool>,
): Promise<ToolOutput[]> {
  const calls = requiredAction?.toolCalls ?? [];
  return Promise.all(
    calls.map(async ({ toolCallId, name, input }) => {
      try {
        const tool = tools[name];
        const output = tool ? await tool(input) : { error: `there is no tool ${name}` };
        return { toolCallId, output: JSON.parse(JSON.stringify(output ?? 'done')) as ToolOutput['output'] };
      } catch (error) {
        return { toolCallId, output: { error: error instanceof Error ? error.message : String(error) } };
      }
    }),
  );
}
