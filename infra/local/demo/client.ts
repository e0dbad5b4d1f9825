import type { ProblemDocument } from '#lib/contracts';

/** An answer other than 2xx, as a sentence that names the code and what to do. */
export class DemoRefusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<ProblemDocument>,
    request: string,
  ) {
    super(`${request} → ${status} ${problem.code ?? ''}: ${problem.detail ?? 'no detail'}`);
    this.name = 'DemoRefusal';
  }
}

export interface Credentials {
  cookie?: string;
  csrf?: string;
  bearer?: string;
}

/** A client of the public HTTP interface, as any program could be: it has no other way in. */
export class DemoClient {
  constructor(
    private readonly base: string,
    readonly credentials: Credentials = {},
  ) {}

  /** The same server, as somebody else. */
  as(credentials: Credentials): DemoClient {
    return new DemoClient(this.base, credentials);
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.send<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PATCH', path, body);
  }

  /** Sends one request. Throws a DemoRefusal for any answer other than 2xx. */
  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { answer } = await this.exchange<T>(method, path, body);
    return answer;
  }

  /** As `send`, with the session cookie that the answer set, if any. */
  async exchange<T>(method: string, path: string, body?: unknown): Promise<{ answer: T; cookie?: string }> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: { ...this.#headers(), ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new DemoRefusal(response.status, problemOf(text), `${method} ${path}`);
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    return { answer: (text === '' ? null : JSON.parse(text)) as T, cookie };
  }

  #headers(): Record<string, string> {
    const { cookie, csrf, bearer } = this.credentials;
    return {
      ...(cookie && { cookie }),
      ...(csrf && { 'x-csrf-token': csrf }),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
    };
  }
}

function problemOf(text: string): Partial<ProblemDocument> {
  try {
    return JSON.parse(text) as Partial<ProblemDocument>;
  } catch {
    return {};
  }
}
