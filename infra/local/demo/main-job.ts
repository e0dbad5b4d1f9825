import { randomUUID } from 'node:crypto';
import type { AgentRunAnswer } from '#lib/contracts';
import { EDITOR, OWNER } from './accounts.js';
import { DemoRefusal, type DemoClient } from './client.js';
import type { EnsuredKey } from './keys.js';

export interface MainJob {
  owner: DemoClient;
  editor: DemoClient;
  /** The workflow engine: a program with an engine token. */
  workflow: DemoClient;
  workspaceId: string;
  keys: EnsuredKey[];
  print: (who: string, what: string) => void;
}

const TASK = 'Say in one sentence that the key of this workspace works.';

/** What an editor sees, what a workflow engine runs, and what a revoked key answers. Throws when a step is not as it must be. */
export async function runMainJob(job: MainJob): Promise<void> {
  for (const { key, demo } of job.keys) {
    const { data } = await job.editor.get<{ data: { id: string; provider: string }[] }>(
      `/api/v1/workspaces/${job.workspaceId}/models`,
    );
    const models = data.filter(({ provider }) => provider === demo.provider);
    if (!models.some(({ id }) => id === demo.model))
      throw new Error(`${demo.model} is not among the workspace's models`);
    job.print(
      EDITOR.email,
      `sees ${models.length} ${demo.provider} models in the Agent node and picks ${demo.model}`,
    );
    await runNode(job, demo.model, key.id, key.mask);
  }
  await revokeAndTry(job);
}

async function runNode(job: MainJob, model: string, expectedKey: string, mask: string | null): Promise<void> {
  const started = performance.now();
  const run = await startRun(job, model);
  const ms = Math.round(performance.now() - started);
  if (run.status !== 'succeeded')
    throw new Error(`run ${run.id} ended as ${run.status}: ${run.error?.detail ?? ''}`);
  if (run.served?.aiProviderId !== expectedKey)
    throw new Error(`run ${run.id} was served by another key than the assigned one`);
  const confirmed = await job.workflow.get<AgentRunAnswer>(runPath(job, run.id));
  if (confirmed.text !== run.text) throw new Error(`run ${run.id} is not found as it was answered`);
  const { inputTokens, outputTokens } = run.usage;
  job.print(
    'workflow engine',
    `runs the Agent node: ${run.served.model} with key ${mask ?? 'none'}, ${inputTokens} + ${outputTokens} tokens, ${ms} ms, ${run.id}`,
  );
}

/** The owner disables the first key: the next call is refused by name. Then the key is enabled again. */
async function revokeAndTry(job: MainJob): Promise<void> {
  const first = job.keys[0];
  if (!first) return;
  const path = `/api/v1/ai-providers/${first.key.id}`;
  await job.owner.patch(path, { enabled: false });
  try {
    job.print(OWNER.email, `disables the key "${first.key.name}"`);
    const refusal = await startRun(job, first.demo.model).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(refusal instanceof DemoRefusal)) throw new Error('a run with a disabled key went through');
    job.print(
      'workflow engine',
      `is refused: ${refusal.status} ${refusal.problem.code}: ${refusal.problem.detail}`,
    );
  } finally {
    await job.owner.patch(path, { enabled: true });
  }
  job.print(OWNER.email, `enables it again`);
}

function startRun(job: MainJob, model: string): Promise<AgentRunAnswer> {
  return job.workflow.post<AgentRunAnswer>(runPath(job), {
    nodeExecutionId: `demo-${randomUUID()}`,
    workflow: { id: 'demo', version: '1' },
    agent: { model, system: 'You are a friendly demo.', prompt: TASK },
  });
}

function runPath(job: MainJob, id?: string): string {
  return `/internal/v1/workspaces/${job.workspaceId}/agent-runs${id ? `/${id}` : ''}`;
}
