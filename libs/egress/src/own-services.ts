import type { EgressProxyConfig, KmsConfig, OrgKmsConfig } from '#lib/config';
import { type Address, classify, innerAddress, parseAddress } from './addresses.js';
import type { Resolver } from './resolver.js';

/** A service of the platform itself (database, Redis, KMS, the operator's proxy): never reachable by tenants, even when listed. */
export interface ForbiddenService {
  /** What the operator calls it; for the message at boot. */
  name?: string;
  host: string;
  port: number;
}

/** The settings that say where the platform's own services are. */
export interface ServiceSettings {
  databaseUrl: string;
  redisUrl: string | null;
  kms: KmsConfig;
  /** Where organizations' own keys are asked for; left out by a process that does not use them. */
  orgKms?: OrgKmsConfig | null;
  egressProxy?: EgressProxyConfig | null;
  /** Where spans go. */
  tracing?: { url: string } | null;
}

const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443, 'redis:': 6379, 'rediss:': 6379 };

/** The platform's own services, which no tenant's URL may ever reach, whatever the operator lists. */
export function platformServices(settings: ServiceSettings): ForbiddenService[] {
  const { databaseUrl, redisUrl, kms, orgKms, egressProxy, tracing } = settings;
  const own = [orgKms?.kmsEndpoint, orgKms?.stsEndpoint].filter((url) => typeof url === 'string');
  return [
    serviceAt('the database', databaseUrl),
    ...(redisUrl === null ? [] : [serviceAt('Redis', redisUrl)]),
    ...(kms.adapter === 'aws'
      ? [serviceAt('the KMS', kms.endpoint ?? `https://kms.${kms.region}.amazonaws.com`)]
      : []),
    ...(kms.adapter === 'vault' ? [serviceAt('the KMS', kms.address)] : []),
    ...own.map((url) => serviceAt('the KMS', url)),
    ...(tracing ? [serviceAt('the collector of traces', tracing.url)] : []),
    ...(egressProxy ? [{ name: 'the proxy', host: egressProxy.host, port: egressProxy.port }] : []),
  ];
}

function serviceAt(name: string, url: string): ForbiddenService {
  const { hostname, port, protocol } = new URL(url);
  return {
    name,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (DEFAULT_PORTS[protocol] ?? 5432),
  };
}

/** Tells the addresses of the platform's own services from others. */
export class OwnServices {
  /** What each host resolved to last: while DNS is away, a service is still not reachable under the address it had. */
  readonly #known = new Map<string, Address[]>();

  constructor(
    readonly all: readonly ForbiddenService[],
    private readonly resolver: Resolver,
  ) {}

  /** Whether one of them answers at this address and port. */
  async includes(address: Address, port: number): Promise<boolean> {
    for (const service of this.all) {
      if (service.port !== port) continue;
      const own = await this.addressesOf(service);
      if (own.some((candidate) => sameHost(candidate, address))) return true;
    }
    return false;
  }

  async addressesOf({ host }: ForbiddenService): Promise<Address[]> {
    const literal = parseAddress(host);
    if (literal) return [literal];
    const found = await this.resolver(host).catch(() => []);
    const addresses = found.map(parseAddress).filter((address) => address !== undefined);
    if (addresses.length > 0) this.#known.set(host, addresses);
    return this.#known.get(host) ?? [];
  }
}

/** All of loopback is one machine, and so is the unspecified address; an IPv4 address in an IPv6 form is itself. */
function sameHost(a: Address, b: Address): boolean {
  return innerAddress(a).toString() === innerAddress(b).toString() || (isSelf(a) && isSelf(b));
}

/** Whether the address is this machine's own, whatever its number. */
export function isSelf(address: Address): boolean {
  return ['loopback', 'unspecified'].includes(classify(address));
}
