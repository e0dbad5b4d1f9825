import { ClavigerError, ConnectionError } from '../errors.js';
import type { Problem } from '../wire.js';
import { retryAfterOf } from './retry.js';

/** Throws what a response other than 2xx says: the plane's problem, or that something in between answered. */
export async function assertOk(response: Response): Promise<void> {
  if (response.ok) return;
  const problem = await problemOf(response);
  if (problem) throw new ClavigerError(problem, retryAfterOf(response.headers));
  throw new ConnectionError(
    `${response.status} without a problem document: the address is not the plane's, or something before it answered.`,
    response.status,
  );
}

async function problemOf(response: Response): Promise<Problem | null> {
  if (!/^application\/problem\+json\b/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    return null;
  }
  const body: unknown = await response.json().catch(() => null);
  return isProblem(body) ? body : null;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'status' in body;
}
