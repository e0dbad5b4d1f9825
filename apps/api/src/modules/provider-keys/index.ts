export { CreateKeyService, type NewKey } from './create-key.service.js';
export { CreateProviderKeyDto } from './provider-keys.dto.js';
export { newKeyFrom } from './provider-keys.input.js';
export { ProviderKeysModule } from './provider-keys.module.js';
export { HintDto } from './provider-keys.responses.dto.js';
