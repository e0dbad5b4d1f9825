import { readFileSync } from 'node:fs';
import type { VaultKmsConfig } from '#lib/config';
import { KmsError } from '../kms-error.js';
import { vaultError } from './vault-errors.js';

/** A caller waits 2 s at most (CUSTODY §3), so that the client gives up before that. */
const DEADLINE_MS = 1_800;

export type TransitOperation = 'datakey/plaintext' | 'decrypt' | 'rewrap';

/** The transit engine of one Vault or OpenBao server, over HTTP. Every failure is a KmsError. */
export class VaultTransit {
  readonly #config: VaultKmsConfig;

  constructor(config: VaultKmsConfig) {
    this.#config = config;
  }

  /** Asks for an operation with the named key. Answers `data` of Vault's answer. */
  async post(operation: TransitOperation, key: string, body: object): Promise<Fields> {
    return this.#send(operation, `${operation}/${encodeURIComponent(key)}`, body);
  }

  /** What Vault tells about a key: its versions and settings, no key material. */
  async readKey(key: string): Promise<Fields> {
    return this.#send('keys', `keys/${encodeURIComponent(key)}`);
  }

  async #send(operation: string, path: string, body?: object): Promise<Fields> {
    const { status, text } = await this.#exchange(operation, path, body);
    const answer = parse(text);
    if (status >= 200 && status < 300 && answer.has('data')) return fieldsOf(answer.get('data'));
    const errors = answer.get('errors');
    throw vaultError(status, Array.isArray(errors) ? errors.map(String) : [], operation);
  }

  async #exchange(operation: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const { address, mount, namespace } = this.#config;
    const url = `${address.replace(/\/+$/, '')}/v1/${mount}/${path}`;
    const headers = {
      'x-vault-token': this.#token(),
      'x-vault-request': 'true',
      ...(namespace && { 'x-vault-namespace': namespace }),
    };
    try {
      const response = await fetch(url, {
        method: body ? 'POST' : 'GET',
        headers,
        body: body && JSON.stringify(body),
        // A redirect would carry the token to whatever host it names.
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const text = bytes.toString('utf8');
      bytes.fill(0);
      return { status: response.status, text };
    } catch (cause) {
      const why = cause instanceof Error ? cause.name : 'unknown';
      throw new KmsError('unavailable', `Vault transit ${operation}: no answer (${why})`, { cause });
    }
  }

  /** Read for each request: an agent that renews the token writes the new one to the same file. */
  #token(): string {
    const { token, tokenFile } = this.#config;
    if (!tokenFile) return token ?? '';
    try {
      return readFileSync(tokenFile, 'utf8').trim();
    } catch (cause) {
      throw new KmsError('unavailable', `the file of VAULT_TOKEN_FILE can't be read: ${tokenFile}`, {
        cause,
      });
    }
  }
}

/** The fields of a JSON object, none of which is trusted to be there. */
export type Fields = ReadonlyMap<string, unknown>;

export function fieldsOf(value: unknown): Fields {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function parse(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    // Without the cause: a parser's message quotes the text, which may be a data key's. A proxy's page ends here, too.
    return new Map();
  }
}
