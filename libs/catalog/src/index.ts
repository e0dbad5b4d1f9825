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
export { costMicroUsd, worstCostMicroUsd } from './cost.js';
export { effectivePrice, isCap, pricedOnly, unpricedRefusal } from './price-book.js';
export { maskSecret } from './credentials.js';
export { catalogueData } from './data/index.js';
export { evaluate, isRealModel } from './aliases.js';
export { editFaults } from './edit-faults.js';
export { editChanges, type EditChanges } from './edits.js';
export type {
  Evaluation,
  Gate,
  GateAssignment,
  GateState,
  GateTrace,
  ModelChoice,
  ModelRequest,
  PolicyGate,
  Refusal,
} from './gate-types.js';
export { hintsForKey, ollamaPullHint } from './hints.js';
export { listModels } from './model-list.js';
export {
  bedrockRegion,
  callBaseUrl,
  keyHeader,
  originOf,
  originsFor,
  protocolOf,
  secondSecretHeader,
} from './origins.js';
export { passedOver, type PassedOverKey } from './passed-over.js';
export { noProvider } from './quoted.js';
export { switchedOffRefusal } from './key-gate.js';
export { beyondPlanRefusal, executionsRefusal, isBeyondPlan, keyBeyondPlan } from './plan-gate.js';
export { killSwitchRefusal, principalRefusal } from './principal-gate.js';
export type {
  Catalogue,
  CatalogueData,
  CatalogueEdits,
  CatalogueRows,
  CredentialShape,
  ModelEdit,
  ModelRecord,
  ProviderEdit,
  ProviderRecord,
} from './types.js';
export { findProvider, validateKeySettings } from './validate.js';
export { modelRecord } from './curation.js';
export { isGeminiModelId, isModelId } from './model-id.js';
