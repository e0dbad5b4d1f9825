import {
  catalogGate,
  catalogList,
  keyActionsHealth,
  keyActionsTest,
  providerKeysCreate,
  providerKeysDelete,
  providerKeysDependents,
  providerKeysList,
  providerKeysUpdate,
  providerKeysVersions,
} from '../generated/api/sdk.gen';
import { answer, done, WHATEVER_IT_IS } from './http';
import { allPages } from './paging';
import type {
  AiProvider,
  AiProviderChange,
  KeyHealth,
  KeyTestResult,
  KeyVersion,
  NewAiProvider,
  Provider,
  SavedAiProvider,
} from './types';

export function listKeys(): Promise<AiProvider[]> {
  return allPages((cursor) => answer(providerKeysList({ query: { limit: 200, cursor } })));
}

export function createKey(body: NewAiProvider): Promise<SavedAiProvider> {
  return answer(providerKeysCreate({ body }));
}

export function updateKey(id: string, body: AiProviderChange): Promise<SavedAiProvider> {
  return answer(providerKeysUpdate({ path: { id }, body, headers: WHATEVER_IT_IS }));
}

export function deleteKey(id: string, force: boolean): Promise<void> {
  return done(providerKeysDelete({ path: { id }, query: force ? { force: 'true' } : {} }));
}

export function testKey(id: string): Promise<KeyTestResult> {
  return answer(keyActionsTest({ path: { id } }));
}

export function keyDependents(id: string) {
  return answer(providerKeysDependents({ path: { id } }));
}

export async function keyVersions(id: string): Promise<KeyVersion[]> {
  return (await answer(providerKeysVersions({ path: { id } }))).data;
}

export function keyHealth(id: string): Promise<KeyHealth> {
  return answer(keyActionsHealth({ path: { id } }));
}

export async function listProviders(): Promise<Provider[]> {
  return (await answer(catalogList())).data;
}

export function gateProvider(slug: string, enabled: boolean): Promise<void> {
  return done(catalogGate({ path: { slug }, body: { enabled } }));
}
