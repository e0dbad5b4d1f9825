import type { CallOptions } from './http/options.js';
import type { Transport } from './http/transport.js';
import type { AgentRun } from './wire.js';

/** What a person says of a step that waits for an approval. */
export interface ApprovalAnswer {
  approve: boolean;
  /** Shown to the model and kept with the run. */
  reason?: string;
}

/** Approvals that runs of one workspace wait for. */
export class Approvals {
  constructor(
    private readonly transport: Transport,
    private readonly path: string,
  ) {}

  /** Answers an approval; the run goes on without its caller: see `runs.wait`. Throws `conflict` when it was answered otherwise. */
  answer(
    runId: string,
    approvalId: string,
    answer: ApprovalAnswer,
    { signal }: CallOptions = {},
  ): Promise<AgentRun> {
    const [run, approval] = [runId, approvalId].map(encodeURIComponent);
    return this.transport.json<AgentRun>({
      method: 'POST',
      path: `${this.path}/agent-runs/${run}/approvals/${approval}`,
      body: answer,
      headers: { prefer: 'respond-async' },
      signal,
    });
  }
}
