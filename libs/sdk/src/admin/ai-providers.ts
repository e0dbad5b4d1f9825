import type {
  CreateProviderKeyDtoWritable,
  KeyTestResultDto,
  ProviderKeyDto,
  ProviderKeysListData,
  RotateProviderKeyDto,
  RotationResultDto,
  SavedProviderKeyDto,
  UpdateProviderKeyDtoWritable,
} from '../generated/api/types.gen.js';
import type { CallOptions } from '../http/options.js';
import { part, type Filter, type Rest } from './rest.js';

export type AiProvider = ProviderKeyDto;
export type AiProviderTest = KeyTestResultDto;
export type NewAiProvider = CreateProviderKeyDtoWritable;

/** Provider keys of the organization. A secret goes in and never comes back. */
export class AiProviders {
  constructor(private readonly rest: Rest) {}

  list(
    filter: Filter<ProviderKeysListData['query']> = {},
    options: CallOptions = {},
  ): AsyncGenerator<AiProvider, void> {
    return this.rest.list<AiProvider>('/ai-providers', filter, options);
  }

  create(key: NewAiProvider, options: CallOptions = {}): Promise<SavedProviderKeyDto> {
    return this.rest.post<SavedProviderKeyDto>('/ai-providers', key, options);
  }

  get(id: string, options: CallOptions = {}): Promise<AiProvider> {
    return this.rest.get<AiProvider>(`/ai-providers/${part(id)}`, options);
  }

  update(
    id: string,
    change: UpdateProviderKeyDtoWritable,
    options: CallOptions = {},
  ): Promise<SavedProviderKeyDto> {
    return this.rest.write<SavedProviderKeyDto>('PATCH', `/ai-providers/${part(id)}`, change, options);
  }

  /** Calls the vendor; a refused key is an answer (`ok: false`), no error. */
  test(id: string, options: CallOptions = {}): Promise<AiProviderTest> {
    return this.rest.post<AiProviderTest>(`/ai-providers/${part(id)}/test`, undefined, options);
  }

  /** The new secret is tested first; refused, the old one stays (`ok: false`). */
  rotate(id: string, secret: RotateProviderKeyDto, options: CallOptions = {}): Promise<RotationResultDto> {
    return this.rest.post<RotationResultDto>(`/ai-providers/${part(id)}/rotate`, secret, options);
  }

  /** Throws `key_in_use` (`problem.dependents`) unless `force`. One whose answer was lost may tell `not_found`. */
  delete(id: string, { force, ...options }: CallOptions & { force?: boolean } = {}): Promise<void> {
    return this.rest.delete(`/ai-providers/${part(id)}`, options, { force });
  }
}
