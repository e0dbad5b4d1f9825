import type { WireErrors, WireProblem } from '../wire.js';

/** Google's error object (cloud.google.com/apis/design/errors), our code and request id in an `ErrorInfo`. */
export const geminiErrors: WireErrors = {
  status: ({ status }) => status,
  body: bodyOf,
  event: (problem, status) => `data: ${JSON.stringify(bodyOf(problem, status))}\n\n`,
};

const STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

function bodyOf({ code, message, requestId }: WireProblem, status: number) {
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: code, domain: 'claviger' };
  const details = [{ ...info, metadata: { requestId } }];
  return { error: { code: status, message, status: STATUS[status] ?? 'INTERNAL', details } };
}
