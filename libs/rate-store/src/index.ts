export { PgRateStore, type PgRateStoreOptions, type Queryable } from './pg-rate-store.js';
export { RedisRateStore } from './redis-rate-store.js';
