import { Agent, request } from 'undici';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  /** As the audit row of a change names it. */
  requestId: string;
}

const agent = new Agent({ connections: 64 });

/** One request, and its answer whole. */
export async function ask(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  const answer = await request(url, {
    dispatcher: agent,
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
    requestId: String(answer.headers['x-request-id']),
  };
}

/** Somebody signed in at the control plane, by session. */
export class Person {
  constructor(
    private readonly api: string,
    readonly headers: Record<string, string>,
    readonly orgId: string,
  ) {}

  /** Signs up, with an organization of their own. */
  static async signUp(api: string, email: string): Promise<Person> {
    const body = { email, password: 'a long enough password', name: 'Owner', orgName: email };
    const answer = await request(`${api}/api/v1/auth/signup`, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const session = (await answer.body.json()) as { csrfToken: string; org: { id: string } };
    const cookies = [answer.headers['set-cookie']].flat();
    const cookie = (cookies[0] ?? '').split(';', 1)[0] ?? '';
    return new Person(api, { cookie, 'x-csrf-token': session.csrfToken }, session.org.id);
  }

  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    return ask(method, `${this.api}/api/v1${path}`, this.headers, body);
  }

  /** As `send`, for what must go well: throws with the answer otherwise. */
  async ok(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const answer = await this.send(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }

  /** As `ok`, for what answers with an id. */
  async make(path: string, body: unknown): Promise<{ id: string; token: string }> {
    const { id, token } = (await this.ok('POST', path, body)).body;
    return { id: String(id), token: String(token ?? '') };
  }
}
