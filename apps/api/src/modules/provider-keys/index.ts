export { ENGINE_ACCESS, type EngineAccess } from './engine-client.js';
export { ProviderKeysModule } from './provider-keys.module.js';
