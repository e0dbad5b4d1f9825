import type { CallOptions } from '../http/options.js';
import { rowsOf } from '../http/pages.js';
import type { Ask, Transport } from '../http/transport.js';

/** A list's filters: its query without the cursor. */
export type Filter<Query> = Omit<NonNullable<Query>, 'cursor'>;

/** The control plane's conventions, below its address. */
export class Rest {
  constructor(private readonly transport: Transport) {}

  list<Row>(path: string, query: object, { signal }: CallOptions): AsyncGenerator<Row, void> {
    return rowsOf<Row>(this.transport, {
      method: 'GET',
      path: `/api/v1${path}`,
      query: { ...query },
      signal,
    });
  }

  get<T>(path: string, { signal }: CallOptions, query: object = {}): Promise<T> {
    return this.#send<T>({ method: 'GET', path, query: { ...query }, signal });
  }

  /** Each call has an `Idempotency-Key` of its own, kept over its tries: what was done is not done again. */
  post<T>(path: string, body: unknown, { signal }: CallOptions): Promise<T> {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    return this.#send<T>({ method: 'POST', path, body, headers, signal });
  }

  /** `PUT` and `PATCH` say how it is to be: saying it again changes nothing. */
  write<T>(method: 'PUT' | 'PATCH', path: string, body: unknown, { signal }: CallOptions): Promise<T> {
    return this.#send<T>({ method, path, body, signal });
  }

  async delete(path: string, { signal }: CallOptions, query: object = {}): Promise<void> {
    await this.#send<null>({ method: 'DELETE', path, query: { ...query }, signal });
  }

  #send<T>(ask: Ask): Promise<T> {
    return this.transport.json<T>({ ...ask, path: `/api/v1${ask.path}` });
  }
}

/** An id as a part of a path. */
export function part(id: string): string {
  return encodeURIComponent(id);
}
