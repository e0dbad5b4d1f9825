export { unknownProvider, unknownProviderField } from './catalog.errors.js';
export { CatalogModule } from './catalog.module.js';
export { CatalogueSource } from './catalogue-source.js';
export { CredentialShapeDto, ModelCapabilitiesDto, ModelDto, ModelPriceDto } from './catalog.dto.js';
export { keyStatus, type StatusFacts } from './provider-status.js';
