export { FakeKms, type KmsCall, type KmsFault, type KmsPolicy } from './kms-wire/fake-kms.js';
export { FakeVault, type VaultCall, type VaultFault, type VaultPolicy } from './vault-wire/fake-vault.js';
export { LocalKmsFiles } from './kms/local-kms-files.js';
export { makeKeyFiles, type KeyFiles } from './kms/key-files.js';
export { ScriptedKms } from './kms/scripted-kms.js';
export {
  startBareServer,
  startEmptyDatabase,
  startTestDatabase,
  type TestDatabase,
} from './database/test-database.js';
export {
  canariesIn,
  canaryEnvironment,
  startFakeUpstream,
  type FakeToolCall,
  type FakeUpstream,
  type FakeUpstreamOptions,
  type FakeUsage,
  type JournalEntry,
  type NeutralCall,
  type RecordedRequest,
  type ScriptedAnswer,
  type Vendor,
} from './upstream/index.js';
export { SealedStore } from './sealed/sealed-store.js';
export { makeTenant, type TenantFixture } from './database/tenant-fixture.js';
export { tenantWallFaults } from './database/tenant-wall.js';
export { startStack, type RunningStack, type StackOptions, type StackState } from './stack/start-stack.js';
export { FIXTURE_NOW, gateAssignment, gateState } from './states/gate-state.js';
export { TLS_FIXTURE } from './tls/fixture.js';
