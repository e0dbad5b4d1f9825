import { readFileSync } from 'node:fs';
import { Global, Module } from '@nestjs/common';
import type { ApiConfig } from '#lib/config';
import { Sealer } from '#lib/custody/sealer';
import { EgressGuard, parseEgressAllow, type ForbiddenService } from '#lib/egress';
import { createKms } from '#lib/kms';
import { OwnKmsStore, PgPool } from '#lib/persistence';
import type { Clock } from '#lib/kernel';
import { ENGINE_ACCESS, EngineDoor, type EngineAccess } from './common/engine-door.js';
import { API_CONFIG } from './common/settings.js';
import { CLOCK } from './common/tokens.js';
import { FINGERPRINT_PEPPER } from './modules/secrets/index.js';

/** What the rooms of the keys use of the world outside: sealing, the SSRF guard, the engine. Nothing here can open a secret. */
@Global()
@Module({
  providers: [
    { provide: Sealer, inject: [API_CONFIG, PgPool, CLOCK], useFactory: sealer },
    { provide: EgressGuard, inject: [API_CONFIG], useFactory: egressGuard },
    { provide: FINGERPRINT_PEPPER, inject: [API_CONFIG], useFactory: fingerprintPepper },
    { provide: ENGINE_ACCESS, inject: [API_CONFIG], useFactory: engineAccess },
    EngineDoor,
  ],
  exports: [Sealer, EgressGuard, FINGERPRINT_PEPPER, EngineDoor],
})
export class CustodyModule {}

function sealer(config: ApiConfig, pool: PgPool, clock: Clock): Sealer {
  const ownKms = { keys: new OwnKmsStore(pool), aws: config.orgKms, clock };
  return new Sealer(createKms(config.kms, 'seal', { env: config.env, ownKms }), config.deployment);
}

function egressGuard(config: ApiConfig): EgressGuard {
  return new EgressGuard(parseEgressAllow(config.egressAllow), { forbidden: ownServices(config) });
}

/** The platform's own services, which no tenant's URL may name. */
function ownServices(config: ApiConfig): ForbiddenService[] {
  const urls = [config.databaseUrl, config.redisUrl].filter((url) => url !== null);
  return urls.map((text) => {
    const url = new URL(text);
    const usual = url.protocol.startsWith('redis') ? 6379 : 5432;
    return { host: url.hostname, port: url.port === '' ? usual : Number(url.port) };
  });
}

function fingerprintPepper(config: ApiConfig): Buffer {
  const pepper = readFileSync(config.fingerprintPepperPath);
  if (pepper.length >= 32) return pepper;
  throw new Error(`the fingerprint pepper is shorter than 32 bytes: ${config.fingerprintPepperPath}`);
}

function engineAccess(config: ApiConfig): EngineAccess {
  return {
    url: config.engineInternalUrl.replace(/\/+$/, ''),
    ticketPrivateKeyPem: readFileSync(config.ticketPrivateKeyPath, 'utf8'),
  };
}
