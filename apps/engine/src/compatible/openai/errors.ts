import type { WireErrors, WireProblem } from '../wire.js';

/** OpenAI's error object (platform.openai.com/docs/guides/error-codes), our code and request id inside. */
export const openaiErrors: WireErrors = {
  status: ({ status }) => status,
  body: (problem) => ({ error: errorOf(problem) }),
  event: (problem) => `data: ${JSON.stringify({ error: errorOf(problem) })}\n\n`,
};

function errorOf({ status, code, message, requestId, pointer }: WireProblem) {
  const param = pointer?.slice(1).replaceAll('/', '.') ?? null;
  return { message, type: typeOf(status, code), param, code, request_id: requestId };
}

function typeOf(status: number, code: string): string {
  if (code === 'quota_exceeded' || code === 'budget_exceeded') return 'insufficient_quota';
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
