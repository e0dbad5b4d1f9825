import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransitFault, TransitStore } from './transit-store.js';

/** What the server saw of a request. */
export interface VaultCall {
  method: string;
  /** Below the mount, e.g. `decrypt/claviger-call`. */
  path: string;
  token: string;
  namespace: string | undefined;
  body: Record<string, unknown>;
}

/** `hang` takes the request and never answers; `reset` drops the connection; else that status with these errors. */
export type VaultFault =
  'hang' | 'reset' | { status: number; errors?: string[]; location?: string; text?: string };

/** Whether the policies of a token allow a request. */
export type VaultPolicy = (call: VaultCall) => boolean;

/** The transit engine of Vault and OpenBao as far as we use it, over its HTTP API, with real AES-GCM. */
export class FakeVault {
  readonly calls: VaultCall[] = [];
  readonly keys = new TransitStore();
  latencyMs = 0;
  /** Every request meets this fault while it is set. */
  fault: VaultFault | undefined;
  policy: VaultPolicy = () => true;
  url = '';

  readonly #mount: string;
  readonly #server: Server;

  private constructor(mount: string) {
    this.#mount = mount;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port of the loopback interface, with derived keys of these names. */
  static async start(keys: string[], mount = 'transit'): Promise<FakeVault> {
    const vault = new FakeVault(mount);
    for (const key of keys) vault.keys.create(key);
    await new Promise<void>((resolve) => vault.#server.listen(0, '127.0.0.1', resolve));
    const address = vault.#server.address();
    vault.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    return vault;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await read(request, `/v1/${this.#mount}/`);
    this.calls.push(call);
    if (this.latencyMs > 0) await sleep(this.latencyMs);
    if (this.fault === 'hang') return;
    if (this.fault === 'reset') throw new Error('reset');
    if (this.fault) {
      const { status, errors = [], location, text } = this.fault;
      response.writeHead(status, location ? { location } : {});
      response.end(text ?? JSON.stringify({ errors }));
      return;
    }
    try {
      if (call.token === '' || !this.policy(call))
        throw new TransitFault('1 error occurred:\n\t* permission denied', 403);
      reply(response, 200, { request_id: randomBytes(8).toString('hex'), data: this.#answer(call) });
    } catch (error) {
      if (!(error instanceof TransitFault)) throw error;
      reply(response, error.status, { errors: error.message ? [error.message] : [] });
    }
  }

  #answer({ method, path, body }: VaultCall): Record<string, unknown> {
    const at = path.lastIndexOf('/');
    const [operation, name] = [path.slice(0, at), path.slice(at + 1)];
    const text = (field: string) => (typeof body[field] === 'string' ? body[field] : '');
    const version = Number(body['key_version'] ?? 0);
    switch (`${method} ${operation}`) {
      case 'GET keys':
        return this.keys.read(name);
      case 'POST datakey/plaintext': {
        const key = randomBytes(32);
        return {
          ciphertext: this.keys.encrypt(name, key, text('context'), version),
          plaintext: key.toString('base64'),
        };
      }
      case 'POST decrypt':
        return { plaintext: this.keys.decrypt(name, text('ciphertext'), text('context')).toString('base64') };
      case 'POST rewrap': {
        const key = this.keys.decrypt(name, text('ciphertext'), text('context'));
        return { ciphertext: this.keys.encrypt(name, key, text('context'), version) };
      }
      default:
        throw new TransitFault('unsupported operation', 405);
    }
  }
}

async function read(request: IncomingMessage, prefix: string): Promise<VaultCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const json = Buffer.concat(chunks).toString('utf8');
  const url = request.url ?? '';
  return {
    method: request.method ?? '',
    path: url.startsWith(prefix) ? url.slice(prefix.length) : `no handler for route ${url}`,
    token: header(request, 'x-vault-token') ?? '',
    namespace: header(request, 'x-vault-namespace'),
    body: json === '' ? {} : JSON.parse(json),
  };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function reply(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
