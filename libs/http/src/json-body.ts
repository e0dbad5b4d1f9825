import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { ClavigerError } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';
import { shapeOf } from './json-text.js';
import { segment } from './pointers.js';
import { repeatedIn, type RepeatedMember } from './repeated-member.js';
import { unfitInput } from './unfit-input.js';
import { validationFailed } from './validation.pipe.js';

/** Stands in for a body that was no JSON, or none that we read (too deep, a name given twice), so that authentication and permission are checked before anything is said about it. */
class BrokenBody {
  constructor(readonly complaint: ClavigerError) {}
}

const NO_JSON = 'The body is not well-formed JSON. Check quotes, commas and brackets, and send it again.';
const TOO_DEEP = 'The body nests arrays and objects too deep. Send it flatter.';
/** Replaces Fastify's JSON parser by one that leaves the complaint to `assertReadableBody`. An empty body is no body. */
export function registerJsonParser(fastify: FastifyInstance, bodyLimit: number): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    /^application\/(.+\+)?json$/,
    { parseAs: 'string', bodyLimit },
    (request, body, done) => {
      if (body.length === 0) return done(null, undefined);
      const text = body.toString();
      const shape = shapeOf(text);
      if (shape.tooDeep) return done(null, new BrokenBody(malformed(TOO_DEEP)));
      return parse(request, text, (error: Error | null, value?: unknown) => {
        if (error) return done(null, new BrokenBody(complaintAbout(text)));
        const twice = repeatedIn(text, shape, value);
        return done(null, twice ? new BrokenBody(givenTwice(twice)) : value);
      });
    },
  );
}

/** Throws `malformed_request` when the body was no JSON, `validation_failed` when a field has a name that none may have. Raw routes call it after their own authentication. */
export function assertReadableBody(request: Pick<FastifyRequest, 'body'>): void {
  if (!(request.body instanceof BrokenBody)) return;
  throw request.body.complaint;
}

/** What the parser refused: it says no more than that it did. The text is read again to name the field, and not kept. */
function complaintAbout(text: string): ClavigerError {
  try {
    return validationFailed(unfitInput(JSON.parse(text)));
  } catch {
    return malformed(NO_JSON);
  }
}

function givenTwice({ name, pointer }: RepeatedMember): ClavigerError {
  const detail = `The body gives "${segment(name)}" twice in one object. Send each field once.`;
  return malformed(detail, [{ pointer, detail: 'This field is given twice: send it once.' }]);
}

function malformed(detail: string, errors?: FieldFault[]): ClavigerError {
  return new ClavigerError('malformed_request', detail, errors && { errors });
}

/** Runs after the guards and before the pipes: the place to complain about an unreadable body. */
@Injectable()
export class ReadableBodyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    assertReadableBody(context.switchToHttp().getRequest<FastifyRequest>());
    return next.handle();
  }
}
