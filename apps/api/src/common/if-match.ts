import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** The `If-Match` of a write, for `assertIfMatch` inside of its transaction. Document the route with `@Conditional()`. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined =>
    context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'],
);

/** Documents that a write can be made to hold only for what its caller has seen. */
export function Conditional(): MethodDecorator {
  return ApiHeader({
    name: 'if-match',
    required: false,
    description:
      'The ETag of what you change. When it is another one by now, the answer is 412 and nothing changes.',
    schema: { type: 'string' },
  });
}
