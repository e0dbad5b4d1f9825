import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { IDEMPOTENCY_HASH_KEY, IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyRepository } from './idempotency.repository.js';

/** Honours `Idempotency-Key` on every POST of the process; `useFactory` makes the key that bodies are hashed under. */
@Module({})
export class IdempotencyModule {
  static forRoot(options: {
    inject?: FactoryProvider['inject'];
    useFactory: FactoryProvider<Buffer>['useFactory'];
  }): DynamicModule {
    return {
      module: IdempotencyModule,
      providers: [
        { provide: IDEMPOTENCY_HASH_KEY, useFactory: options.useFactory, inject: options.inject ?? [] },
        IdempotencyRepository,
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
      ],
    };
  }
}
