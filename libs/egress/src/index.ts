export { parseEgressAllow } from './allow-list.js';
export { collectorFetch } from './collector-fetch.js';
export { createEgressGuard, egressAllowFaults } from './create-guard.js';
export { EgressGuard, type EgressGuardOptions } from './guard.js';
export {
  guardedDispatch,
  type DispatchControl,
  type DispatchRequest,
  type DispatchSink,
} from './guarded-dispatch.js';
export { closeEgress, guardedFetch, type GuardedFetchOptions } from './guarded-fetch.js';
export { systemResolver, type Resolver } from './resolver.js';
export { SendState } from './send-state.js';
