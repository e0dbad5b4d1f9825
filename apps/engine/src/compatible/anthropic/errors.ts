import type { WireErrors, WireProblem } from '../wire.js';

/** Anthropic's error object (docs.anthropic.com/en/api/errors), our code inside; 529 where this engine has too much to do. */
export const anthropicErrors: WireErrors = {
  status: ({ status, code }) => (code === 'overloaded' ? 529 : status),
  body: bodyOf,
  event: (problem, status) => `event: error\ndata: ${JSON.stringify(bodyOf(problem, status))}\n\n`,
};

function bodyOf({ code, message, requestId }: WireProblem, status: number) {
  return { type: 'error', error: { type: typeOf(status), message, code }, request_id: requestId };
}

function typeOf(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 413:
      return 'request_too_large';
    case 429:
      return 'rate_limit_error';
    case 504:
      return 'timeout_error';
    case 529:
      return 'overloaded_error';
    default:
      return status >= 500 ? 'api_error' : 'invalid_request_error';
  }
}
