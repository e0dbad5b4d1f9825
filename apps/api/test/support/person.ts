import request, { type Response, type Test } from 'supertest';

export const PASSWORD = 'correct horse battery';

/** Somebody who talks to the control plane: keeps their cookie and CSRF token, or a bearer token. */
export class Person {
  cookie: string | undefined;
  csrfToken: string | undefined;
  bearer: string | undefined;
  email = '';
  userId = '';
  orgId = '';
  workspaceId = '';
  memberId = '';

  constructor(private readonly url: string) {}

  async signUp(email: string, orgName = 'Acme'): Promise<this> {
    const answer = await this.post('/auth/signup', {
      email,
      password: PASSWORD,
      name: 'Test Person',
      orgName,
    });
    if (answer.status !== 201)
      throw new Error(`sign-up answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return this.take(answer);
  }

  async logIn(email: string, password = PASSWORD): Promise<Response> {
    const answer = await this.post('/auth/login', { email, password });
    if (answer.status === 200) this.take(answer);
    return answer;
  }

  /** Reads the session out of an answer of sign-up, log-in or `me`. */
  take(answer: Response): this {
    const cookie: unknown = answer.headers['set-cookie']?.[0];
    if (typeof cookie === 'string') this.cookie = cookie.split(';', 1)[0];
    const { user, org, workspaces, csrfToken } = answer.body;
    this.csrfToken = csrfToken;
    this.email = user.email;
    this.userId = user.id;
    this.orgId = org?.id ?? '';
    this.memberId = org?.memberId ?? '';
    this.workspaceId = workspaces[0]?.id ?? '';
    return this;
  }

  /** The same server, with a bearer token instead of a session. */
  withToken(token: string): Person {
    const other = new Person(this.url);
    other.bearer = token;
    return other;
  }

  get(path: string): Promise<Response> {
    return this.send('GET', path);
  }
  post(path: string, body?: object): Promise<Response> {
    return this.send('POST', path, body);
  }
  patch(path: string, body: object): Promise<Response> {
    return this.send('PATCH', path, body);
  }
  put(path: string, body: object): Promise<Response> {
    return this.send('PUT', path, body);
  }
  delete(path: string): Promise<Response> {
    return this.send('DELETE', path);
  }

  /** One call under `/api/v1`, with whatever identity this person has; `headers` win. */
  async send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const call = this.call(method, path, headers);
    return body === undefined ? call : call.send(body);
  }

  /** One call whose body is sent as it is: broken JSON, or more than is taken. */
  async sendText(
    method: string,
    path: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.call(method, path, { 'content-type': 'application/json', ...headers }).send(body);
  }

  private call(method: string, path: string, headers: Record<string, string>): Test {
    const outside = path.startsWith('/api/') || path === '/livez' || path === '/readyz';
    const target = outside ? path : `/api/v1${path}`;
    const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'put' | 'delete';
    let call = request(this.url)[verb](target);
    if (this.cookie) call = call.set('cookie', this.cookie);
    if (this.csrfToken) call = call.set('x-csrf-token', this.csrfToken);
    if (this.bearer) call = call.set('authorization', `Bearer ${this.bearer}`);
    for (const [name, value] of Object.entries(headers)) call = call.set(name, value);
    return call;
  }
}
