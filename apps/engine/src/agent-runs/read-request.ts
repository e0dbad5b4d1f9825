import type { FastifyRequest } from 'fastify';
import { requestContext } from '#lib/http';
import type { CurrentCall } from '../access/call-context.js';
import type { CreateAgentRunDto } from './agent-runs.dto.js';
import { requestHash } from './request-hash.js';
import type { ReplyMode, StartRun } from './start-run.js';
import { toAgentSpec } from './to-agent-spec.js';

/** A post as the service takes it. Throws `validation_failed` for what no single field could say. */
export function toStartRun(call: CurrentCall, body: CreateAgentRunDto, request: FastifyRequest): StartRun {
  return {
    call: {
      ...call,
      agent: toAgentSpec(body.agent),
      requestId: request.id,
      instance: request.url.split('?', 1)[0] ?? '/',
      userId: body.userId ?? null,
      workflowId: body.workflow?.id ?? null,
      trace: requestContext.trace,
    },
    nodeExecutionId: body.nodeExecutionId,
    mode: replyModeOf(request.headers),
    workflowVersion: body.workflow?.version ?? null,
    ...(body.callback && { callbackId: body.callback.webhookId }),
    requestHash: requestHash(body),
  };
}

/** How the caller wants its answer: a stream by `Accept`, 202 by `Prefer` (RFC 7240 §4.1), else the answer itself. */
export function replyModeOf(headers: FastifyRequest['headers']): ReplyMode {
  if (/(^|[\s,])text\/event-stream\b/i.test(headers.accept ?? '')) return 'stream';
  const prefer = headers['prefer'];
  const wishes = (Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '')).toLowerCase().split(/[,;]/);
  return wishes.some((wish) => wish.trim() === 'respond-async') ? 'async' : 'sync';
}

/** The number of the last event that the caller has; 0 without one, or with one that no event of ours can have. */
export function lastEventId(headers: FastifyRequest['headers']): number {
  const said = headers['last-event-id'];
  return typeof said === 'string' && /^\d{1,9}$/.test(said) ? Number(said) : 0;
}
