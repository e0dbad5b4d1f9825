export { ProviderKeysModule } from './provider-keys.module.js';
