import { Approvals } from './approvals.js';
import type { CallOptions, ConnectionOptions } from './http/options.js';
import { Transport } from './http/transport.js';
import { Runs } from './runs/runs.js';
import type { CompareInput, Comparison, ModelList } from './wire.js';

/** Longer than any run may take (an hour). */
const COMPARED_WITHIN_MS = 3_660_000;

export interface ClavigerOptions extends ConnectionOptions {
  /** `ws_…`: whose keys serve the runs. */
  workspaceId: string;
}

/**
 * The engine, as one workspace sees it.
 *
 *     const claviger = new Claviger({ url, token, workspaceId });
 *     const run = await claviger.runs.create({ agent: { model: 'claude-sonnet-4-6', prompt: 'Say hello.' } });
 */
export class Claviger {
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly #transport: Transport;
  readonly #path: string;

  constructor({ workspaceId, ...connection }: ClavigerOptions) {
    this.#transport = new Transport(connection);
    this.#path = `/internal/v1/workspaces/${encodeURIComponent(workspaceId)}`;
    this.runs = new Runs(this.#transport, this.#path);
    this.approvals = new Approvals(this.#transport, this.#path);
  }

  /** The models that the workspace may use, and why it may not use the others. */
  models({ signal }: CallOptions = {}): Promise<ModelList> {
    const path = `${this.#path}/models`;
    return this.#transport.json<ModelList>({ method: 'GET', path, signal });
  }

  /**
   * Runs an agent on two to eight models at once: each answer, or its problem, and one bill. Without a `nodeExecutionId` one is made, and
   * kept over all tries. Aborting, or a connection lost for good, stops its runs.
   */
  compare(input: CompareInput, { signal }: CallOptions = {}): Promise<Comparison> {
    const body = { ...input, nodeExecutionId: input.nodeExecutionId ?? crypto.randomUUID() };
    const path = `${this.#path}/compare`;
    const withinMs = COMPARED_WITHIN_MS;
    return this.#transport.json<Comparison>({ method: 'POST', path, body, signal, withinMs });
  }
}

/** What `fromEnv` reads, e.g. `process.env` or `Deno.env.toObject()`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Options from `CLAVIGER_ENGINE_URL`, `CLAVIGER_TOKEN` and `CLAVIGER_WORKSPACE_ID`. Throws TypeError that names all that are missing. */
export function fromEnv(env: Environment): ClavigerOptions {
  const { CLAVIGER_ENGINE_URL: url, CLAVIGER_TOKEN: token, CLAVIGER_WORKSPACE_ID: workspaceId } = env;
  if (url && token && workspaceId) return { url, token, workspaceId };
  const given = { CLAVIGER_ENGINE_URL: url, CLAVIGER_TOKEN: token, CLAVIGER_WORKSPACE_ID: workspaceId };
  const missing = Object.entries(given).filter(([, value]) => !value);
  throw new TypeError(`not set: ${missing.map(([name]) => name).join(', ')}`);
}
