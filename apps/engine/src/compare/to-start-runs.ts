import type { FastifyRequest } from 'fastify';
import { requestContext } from '#lib/http';
import { newUuid } from '#lib/kernel';
import type { CurrentCall } from '../access/call-context.js';
import { requestHash } from '../agent-runs/request-hash.js';
import type { StartRun } from '../agent-runs/start-run.js';
import { toAgentSpec } from '../agent-runs/to-agent-spec.js';
import type { CompareDto } from './compare.dto.js';

/** One run for each model. Each carries the hash of the whole, so that another comparison under the same id is told from it. */
export function toStartRuns(call: CurrentCall, body: CompareDto, request: FastifyRequest): StartRun[] {
  const comparison = body.nodeExecutionId ?? newUuid();
  return body.models.map((model, index) => ({
    call: {
      ...call,
      agent: toAgentSpec({ ...body.agent, model }),
      requestId: request.id,
      instance: request.url.split('?', 1)[0] ?? '/',
      userId: body.userId ?? null,
      workflowId: body.workflow?.id ?? null,
      trace: requestContext.trace,
    },
    nodeExecutionId: `${comparison}/compare/${index}`,
    mode: 'sync',
    workflowVersion: body.workflow?.version ?? null,
    requestHash: requestHash({ comparison: body }),
  }));
}
