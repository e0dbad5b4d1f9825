import type { UsageDto, UsageGetData } from '../generated/api/types.gen.js';
import type { CallOptions, ConnectionOptions } from '../http/options.js';
import { Transport } from '../http/transport.js';
import { AiProviders } from './ai-providers.js';
import { Rest } from './rest.js';
import { Workspaces } from './workspaces.js';

/** The control plane, with a `clv_api_…` token: `url` is the api's address. The rights are those of the token and its owner. */
export class ClavigerAdmin {
  readonly aiProviders: AiProviders;
  readonly workspaces: Workspaces;
  readonly #rest: Rest;

  constructor(connection: ConnectionOptions) {
    this.#rest = new Rest(new Transport(connection));
    this.aiProviders = new AiProviders(this.#rest);
    this.workspaces = new Workspaces(this.#rest);
  }

  /** Usage between two days (UTC), grouped. */
  usage(query: UsageGetData['query'] = {}, options: CallOptions = {}): Promise<UsageDto> {
    return this.#rest.get<UsageDto>('/usage', options, query);
  }
}
