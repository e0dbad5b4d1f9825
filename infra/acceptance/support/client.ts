/** What came back from an HTTP request. */
export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
  text: string;
  headers: Headers;
}

/** Somebody who talks to a running stack: with a session cookie, or a bearer token. */
export class Person {
  #cookie = '';
  #csrf = '';

  constructor(
    private readonly base: string,
    private readonly bearer?: string,
    /** Told of every answer, for sweeps. */
    private readonly onAnswer: (text: string) => void = () => undefined,
  ) {}

  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.#cookie && { cookie: this.#cookie }),
        ...(this.#csrf && { 'x-csrf-token': this.#csrf }),
        ...(this.bearer && { authorization: `Bearer ${this.bearer}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const cookie = response.headers.getSetCookie()[0];
    if (cookie) this.#cookie = cookie.split(';')[0] ?? '';
    const text = await response.text();
    this.onAnswer(`${[...response.headers].join('\n')}\n${text}`);
    const isJson = /\bjson\b/.test((response.headers.get('content-type') ?? '').replace('x-ndjson', ''));
    return {
      status: response.status,
      body: (isJson && text ? JSON.parse(text) : {}) as T,
      text,
      headers: response.headers,
    };
  }

  /** As `send`, for what must go well: throws with the answer otherwise. */
  async ok<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.send<T>(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** Signs up with an organization of its own. Answers the default workspace. */
  async signUp(email: string): Promise<{ workspaceId: string }> {
    const account = {
      email,
      password: 'a long enough password',
      name: 'Somebody',
      orgName: `Org of ${email}`,
    };
    const session = await this.ok<{ csrfToken: string; workspaces: { id: string }[] }>(
      'POST',
      '/api/v1/auth/signup',
      account,
    );
    this.#csrf = session.csrfToken;
    return { workspaceId: session.workspaces[0]?.id ?? '' };
  }
}

/** The demo's three vendors with a model each; paths are those of the fake upstream. */
export const VENDORS = [
  { provider: 'openai', model: 'gpt-4.1-mini', base: 'openai', header: 'authorization' },
  { provider: 'anthropic', model: 'claude-sonnet-4-6', base: 'anthropic', header: 'x-api-key' },
  { provider: 'google', model: 'gemini-2.5-flash', base: 'gemini', header: 'x-goog-api-key' },
] as const;
