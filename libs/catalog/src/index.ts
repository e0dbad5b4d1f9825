export { buildCatalogue } from './catalogue.js';
export {
  credentialFaults,
  iamPairOf,
  secretValues,
  serviceAccountOf,
  tokenUriOf,
  type IamPair,
  type ServiceAccount,
} from './cloud-credentials.js';
export { costMicroUsd } from './cost.js';
export { maskSecret } from './credentials.js';
export { catalogueData } from './data/index.js';
export { evaluate } from './evaluate.js';
export type {
  Evaluation,
  Gate,
  GateAssignment,
  GateState,
  GateTrace,
  ModelChoice,
  ModelRequest,
  Refusal,
} from './gate-types.js';
export { hintsForKey, ollamaPullHint } from './hints.js';
export { listModels } from './model-list.js';
export {
  bedrockRegion,
  callBaseUrl,
  originOf,
  originsFor,
  protocolOf,
  secondSecretHeader,
} from './origins.js';
export { killSwitchRefusal, principalRefusal } from './principal-gate.js';
export type {
  Catalogue,
  CatalogueData,
  CatalogueRows,
  CredentialShape,
  ModelRecord,
  ProviderRecord,
} from './types.js';
export { findProvider, validateKeySettings } from './validate.js';
