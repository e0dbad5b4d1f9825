export { parseEgressAllow } from './allow-list.js';
export { EgressGuard, type EgressGuardOptions, type ForbiddenService } from './guard.js';
export { closeEgress, guardedFetch, type GuardedFetchOptions } from './guarded-fetch.js';
export { SendState } from './send-state.js';
