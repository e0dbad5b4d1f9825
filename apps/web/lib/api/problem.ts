/** What the planes answer when they refuse (RFC 9457), or what we make of a network that failed. */
export interface ProblemBody {
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  errors?: { pointer: string; detail: string }[];
  [extra: string]: unknown;
}

/** A refusal as an Error, so that queries and mutations carry it to the page that shows it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail);
    this.name = 'Problem';
    this.status = body.status;
    this.code = body.code;
    this.requestId = body.requestId;
    this.body = body;
  }

  /** The message for one field of the form, by its JSON pointer (`/name`). */
  field(pointer: string): string | undefined {
    return this.body.errors?.find((error) => error.pointer === pointer)?.detail;
  }
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

/** Reads a problem out of whatever came back, also from a proxy that knows nothing of problems. */
export function toProblem(
  body: unknown,
  response: { status: number; headers: Headers } | undefined,
): Problem {
  const status = response?.status ?? 0;
  const record = isRecord(body) ? body : {};
  const requestId = text(record.requestId, response?.headers.get('x-request-id') ?? '');
  if (status === 0) {
    return new Problem({
      title: 'No connection',
      status,
      code: 'network',
      requestId,
      detail: 'The server could not be reached. Check your connection and try again.',
    });
  }
  return new Problem({
    ...record,
    title: text(record.title, `Answer ${status}`),
    status,
    code: text(record.code, 'internal'),
    detail: text(
      record.detail,
      'Something went wrong on the server. Try again; if it stays so, give an operator the request id.',
    ),
    requestId,
  });
}
