import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { OPERATOR_TOKEN } from './operator.js';
import { PRINCIPAL_SOURCE, type PrincipalSource } from './principal-source.js';
import { PUBLIC_URL, SessionStrategy, TokenStrategy } from './strategies.js';

export interface AccessOptions {
  publicUrl: string;
  /** Of a process with operator's routes; null or left out: nobody is the operator. */
  operatorToken?: string | null;
  imports?: ModuleMetadata['imports'];
  inject?: FactoryProvider['inject'];
  /** Makes the process's principal source from what is injected. */
  source: (...deps: never[]) => PrincipalSource;
}

/** Authentication and permissions for a process: registers the strategies and the guard over every controller route. */
@Module({})
export class AccessModule {
  static forRoot(options: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      imports: options.imports ?? [],
      providers: [
        { provide: PUBLIC_URL, useValue: options.publicUrl },
        { provide: OPERATOR_TOKEN, useValue: options.operatorToken ?? null },
        {
          provide: PRINCIPAL_SOURCE,
          useFactory: options.source as FactoryProvider['useFactory'],
          inject: options.inject ?? [],
        },
        SessionStrategy,
        TokenStrategy,
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [PUBLIC_URL, PRINCIPAL_SOURCE],
    };
  }
}
