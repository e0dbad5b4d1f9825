export { iamAllows, readPolicy, type IamRequest, type IamStatement } from './iam/policy.js';
export { samplesOf } from './metrics/samples.js';
export type { KmsAsk } from './kms-wire/asks.js';
export { FakeKms, type KmsCall, type KmsFault, type KmsPolicy } from './kms-wire/fake-kms.js';
export { FakeSts, type AssumeRoleCall, type RoleSession } from './kms-wire/fake-sts.js';
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
export { startLastingServer, type LastingServer } from './database/lasting-server.js';
export {
  canariesIn,
  canaryEnvironment,
  MINTED_TOKEN,
  startFakeUpstream,
  type FakeToolCall,
  type FakeUpstream,
  type FakeUpstreamOptions,
  type FakeUsage,
  type JournalEntry,
  type NeutralCall,
  type RecordedRequest,
  type ScriptedAnswer,
  type TokenAnswer,
  type Vendor,
  startForeignFake,
  WEATHER_TOOL,
  type ForeignFake,
} from './upstream/index.js';
export { SealedStore } from './sealed/sealed-store.js';
export { copyTenant, moveBehind } from './database/tenant-copies.js';
export { makeTenant, type TenantFixture } from './database/tenant-fixture.js';
export { tenantWallFaults } from './database/tenant-wall.js';
export { startStack, type RunningStack, type StackOptions, type StackState } from './stack/start-stack.js';
export { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from './states/gate-state.js';
export { TLS_FIXTURE } from './tls/fixture.js';
export { PRIVATE_CA } from './tls/private-ca.js';
export {
  startFakeProxy,
  type FakeProxy,
  type FakeProxyOptions,
  type ProxyFault,
} from './proxy/fake-proxy.js';
export { SSRF_CORPUS, ssrfResolver, ssrfUrl } from './ssrf/corpus.js';
export { type SsrfUrl } from './ssrf/types.js';
export { startSink, type Sink, type SinkRequest } from './ssrf/sink.js';
export { startTlsFront, type TlsFront } from './tls/tls-front.js';
export { tally } from './ssrf/tally.js';
export {
  ask,
  codeOf,
  each,
  documentFaults,
  fillPath,
  measureAllowed,
  measureBodies,
  measureIds,
  measureReads,
  measureRefusals,
  measureRepeated,
  measureUnknown,
  printed,
  readOperations,
  snapshotRows,
  told,
  withField,
  writesBetween,
  type Asked,
  type Answered,
  type Caller,
  type Due,
  type IdMatrix,
  type IdPlace,
  type ListMatrix,
  type MatrixDocument,
  type MatrixOperation,
  type Measured,
  type RightsMatrix,
  type RowSnapshot,
  type WrongInput,
} from './matrix/index.js';
export {
  interleave,
  type Interleaved,
  type InterleavingOptions,
  type RoleCounts,
} from './interleaving/interleaving.js';
export { fillTenantTables } from './interleaving/tenant-rows.js';
export { ROLES as INTERLEAVED_ROLES } from './interleaving/ways.js';
export { piiCorpus, type PiiCorpus } from './pii/corpus.js';
export { HOSTILE_UNITS, hostileText } from './pii/hostile.js';
export { SeededRandom } from './pii/random.js';
export { type PiiSample } from './pii/positives.js';
export { busiestWindow, SimulatedTime } from './rates/simulated-time.js';
export { MemoryRateStore } from './rates/memory-rate-store.js';
export { answersOf, ledgerCalls, type LedgerCall } from './ledger/calls.js';
export { dueOf, judgeLedger, ledgerOf, type LedgerLine, type LedgerVerdict } from './ledger/check.js';
export { driveLedger, type LedgerTarget, type MadeCall } from './ledger/drive.js';
export { QuotaWatch, readBooks, type QuotaBooks } from './quotas/quota-books.js';
export { PRICE as REF_PRICE } from './reference/as-catalogue.js';
export { referenceAnswer } from './reference/answer.js';
export { referenceCounted } from './reference/counted.js';
export { modelOfRequest, stateOfWorld, withKeyId } from './reference/as-state.js';
export { Product, toldByProduct, toldByReference } from './reference/product.js';
export { randomRequest, randomWorld } from './reference/random-world.js';
export { REF_VENDORS } from './reference/vendors.js';
export type { RefAnswer, RefKey, RefRequest, RefVendor, RefWorld } from './reference/world.js';
export { packedSdk, type PackedSdk } from './sdk/packed-sdk.js';
