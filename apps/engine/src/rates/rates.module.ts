import { setTimeout as sleep } from 'node:timers/promises';
import { Module, type DynamicModule } from '@nestjs/common';
import type { EngineConfig } from '#lib/config';
import type { Clock } from '#lib/kernel';
import { KeySlots, RateLimiter, type RateStore, type RateTiming } from '#lib/limits';
import { PgPool } from '#lib/persistence';
import { PgRateStore, RedisRateStore } from '#lib/rate-store';
import { LOGGER, type Logger } from '#lib/telemetry';
import { KeysModule } from '../keys/keys.module.js';
import { CLOCK } from '../tokens.js';
import { RATE_TIMING, RateGate } from './rate-gate.js';
import { RATE_STORE, RateKeeper } from './rate-keeper.js';

/** Beside the connections of runs and of permissions: neither must make a lease late. */
const CONNECTIONS = 3;

/** Rate limits, in Postgres or, where the operator names one, in Redis. */
@Module({})
export class RatesModule {
  static register(config: EngineConfig): DynamicModule {
    return {
      module: RatesModule,
      global: true,
      imports: [KeysModule],
      providers: [
        { provide: RATE_STORE, inject: [LOGGER], useFactory: (log: Logger) => storeOf(config, log) },
        {
          provide: RATE_TIMING,
          inject: [CLOCK],
          useFactory: (clock: Clock): RateTiming => ({
            monotonicMs: () => clock.monotonicMs(),
            sleep: (ms, signal) => sleep(ms, undefined, { signal }),
          }),
        },
        {
          provide: RateLimiter,
          inject: [RATE_STORE, RATE_TIMING],
          useFactory: (store: RateStore, timing: RateTiming) => new RateLimiter(store, timing),
        },
        {
          provide: KeySlots,
          inject: [RATE_STORE, RATE_TIMING],
          useFactory: (store: RateStore, timing: RateTiming) => new KeySlots(store, timing),
        },
        RateGate,
        RateKeeper,
      ],
      exports: [RateGate],
    };
  }
}

function storeOf({ redisUrl, deployment, databaseUrl }: EngineConfig, log: Logger): RateStore {
  if (redisUrl !== null) {
    const onTrouble = (error: Error): void =>
      log.warn({ err: error }, 'the Redis of the rate limits is in trouble');
    return new RedisRateStore(redisUrl, deployment, onTrouble);
  }
  const pool = new PgPool({ databaseUrl, name: 'claviger-engine-rates', max: CONNECTIONS });
  return new PgRateStore(pool, { onClose: () => pool.close() });
}
