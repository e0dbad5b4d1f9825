import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#lib/telemetry';
import { problemFor } from './problem.js';

/** The one error path of both planes: whatever is thrown leaves as `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Pick<Logger, 'error'>) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for raw Fastify routes, which have no ArgumentsHost. A reply that has begun is left alone. */
  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemFor(thrown, request.id, pathOf(request));
    if (problem.status === 500) this.tell(thrown, request);
    if (reply.sent || reply.raw.headersSent) return;
    void reply.status(problem.status).headers(problem.headers).send(JSON.stringify(problem.body));
  }

  private tell(thrown: unknown, request: FastifyRequest): void {
    const route = request.routeOptions?.url ?? 'unmatched';
    // The logger keeps of `err` only what is safe: a message may quote input or a row.
    this.log.error(
      { requestId: request.id, method: request.method, route, err: thrown },
      'unexpected failure',
    );
  }
}

/** The path without its query: a query may hold what should not be repeated in a body or a log. */
export function pathOf(request: { url: string }): string {
  return request.url.split('?', 1)[0] ?? '/';
}
