import { client } from '../generated/api/client.gen';
import { toProblem } from './problem';

let csrfToken: string | null = null;

/** Remembers the token that cookie writes must carry; the session's answer brings it. */
export function rememberCsrfToken(token: string | null): void {
  csrfToken = token;
}

export function currentCsrfToken(): string | null {
  return csrfToken;
}

client.setConfig({ baseUrl: '', credentials: 'same-origin' });
client.interceptors.request.use((request) => {
  if (csrfToken && request.method !== 'GET') request.headers.set('x-csrf-token', csrfToken);
  return request;
});

/** A change of single fields holds whatever else was changed in the meantime (RFC 9110, `If-Match: *`). */
export const WHATEVER_IT_IS = { 'if-match': '*' };

interface Result<T> {
  data?: T;
  error?: unknown;
  response?: Response;
}

/** The answer of a call by the generated client, or its refusal thrown as a Problem. */
export async function answer<T>(call: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response?.ok) throw toProblem(error, response);
  return data as T;
}

/** What is changed as a whole is changed on what was read: its tag goes back as `If-Match`. */
export async function tagged<T>(call: Promise<Result<T>>): Promise<{ body: T; etag: string }> {
  const { response } = await call;
  return { body: await answer(call), etag: response?.headers.get('etag') ?? '' };
}

/** For calls whose answer says nothing more than that it was done. */
export async function done(call: Promise<Result<unknown>>): Promise<void> {
  await answer(call);
}
