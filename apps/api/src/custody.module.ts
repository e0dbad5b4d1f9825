import { readFileSync } from 'node:fs';
import { Global, Module } from '@nestjs/common';
import type { ApiConfig } from '#lib/config';
import { Sealer } from '#lib/custody/sealer';
import { createEgressGuard, EgressGuard, type Resolver } from '#lib/egress';
import { createKms, type KmsObserver } from '#lib/kms';
import { OwnKmsStore, PgPool } from '#lib/persistence';
import { AppError, type Clock } from '#lib/kernel';
import { Metrics } from '#lib/telemetry';
import { ENGINE_ACCESS, EngineDoor, type EngineAccess } from './common/engine-door.js';
import { API_CONFIG } from './common/settings.js';
import { CLOCK, RESOLVER } from './common/tokens.js';
import { FINGERPRINT_PEPPER } from './modules/secrets/index.js';

/**
 * Which key an organization seals under is read within the time that a key service gets (CUSTODY §3), so it must not wait behind
 * what else the control plane asks of the database.
 */
const OWN_KMS_POOL = Symbol('connections for the keys of organizations');
const OWN_KMS_CONNECTIONS = 4;

/** What the rooms of the keys use of the world outside: sealing, the SSRF guard, the engine. Nothing here can open a secret. */
@Global()
@Module({
  providers: [
    { provide: OWN_KMS_POOL, inject: [API_CONFIG], useFactory: ownKmsPool },
    { provide: Sealer, inject: [API_CONFIG, OWN_KMS_POOL, CLOCK, Metrics], useFactory: sealer },
    { provide: EgressGuard, inject: [API_CONFIG, RESOLVER], useFactory: egressGuard },
    { provide: FINGERPRINT_PEPPER, inject: [API_CONFIG], useFactory: fingerprintPepper },
    { provide: ENGINE_ACCESS, inject: [API_CONFIG], useFactory: engineAccess },
    EngineDoor,
  ],
  exports: [Sealer, EgressGuard, FINGERPRINT_PEPPER, EngineDoor],
})
export class CustodyModule {}

function ownKmsPool({ databaseUrl }: ApiConfig): PgPool {
  return new PgPool({ databaseUrl, name: 'claviger-api-own-kms', max: OWN_KMS_CONNECTIONS });
}

function sealer(config: ApiConfig, pool: PgPool, clock: Clock, metrics: Metrics): Sealer {
  const ownKms = { keys: new OwnKmsStore(pool), aws: config.orgKms, clock };
  const observer: KmsObserver = (...call) => metrics.kmsCall(...call);
  const kms = createKms(config.kms, 'seal', { env: config.env, ownKms, observer });
  return new Sealer(kms, config.deployment);
}

function egressGuard(config: ApiConfig, resolver: Resolver): Promise<EgressGuard> {
  return createEgressGuard('api', config, resolver);
}

function fingerprintPepper(config: ApiConfig): Buffer {
  const pepper = readFileSync(config.fingerprintPepperPath);
  if (pepper.length >= 32) return pepper;
  throw new AppError(
    'pepper_refused',
    `the fingerprint pepper is shorter than 32 bytes: put back the file that ${config.fingerprintPepperPath} was.`,
  );
}

function engineAccess(config: ApiConfig): EngineAccess {
  return {
    url: config.engineInternalUrl.replace(/\/+$/, ''),
    ticketPrivateKeyPem: readFileSync(config.ticketPrivateKeyPath, 'utf8'),
  };
}
