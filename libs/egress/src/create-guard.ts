import { ConfigError, type ConfigFault, type Environment, type WayOutConfig } from '#lib/config';
import { parseAddress, within } from './addresses.js';
import { parseEgressAllow, type AllowEntry } from './allow-list.js';
import { EgressGuard } from './guard.js';
import { isSelf, OwnServices, platformServices, type ServiceSettings } from './own-services.js';
import { systemResolver, type Resolver } from './resolver.js';

export interface EgressSettings extends ServiceSettings, Partial<WayOutConfig> {
  /** `CLAVIGER_EGRESS_ALLOW`. */
  egressAllow: readonly string[];
}

/**
 * The guard of a process, from its settings.
 * @param process its name, for the message.
 * @throws ConfigError when an entry of the allow-list is faulty, or would open the platform's own database, Redis, KMS or proxy.
 */
export async function createEgressGuard(
  process: string,
  settings: EgressSettings,
  resolver: Resolver = systemResolver,
): Promise<EgressGuard> {
  const allow = parsed(process, settings.egressAllow);
  const forbidden = platformServices(settings);
  await refuseOwnServices(process, allow, new OwnServices(forbidden, resolver));
  const { egressProxy, egressCa } = settings;
  return new EgressGuard(allow, { resolver, forbidden, wayOut: { egressProxy, egressCa } });
}

/** What is wrong with the form of `CLAVIGER_EGRESS_ALLOW`; for the list of all faults of a process's settings. */
export function egressAllowFaults({ CLAVIGER_EGRESS_ALLOW = '' }: Environment): ConfigFault[] {
  const result = tryParse(CLAVIGER_EGRESS_ALLOW.split(','));
  return 'fault' in result ? [result.fault] : [];
}

function parsed(process: string, raw: readonly string[]): AllowEntry[] {
  const result = tryParse(raw);
  if ('fault' in result) throw new ConfigError(process, [result.fault]);
  return result.entries;
}

function tryParse(raw: readonly string[]): { entries: AllowEntry[] } | { fault: ConfigFault } {
  try {
    return { entries: parseEgressAllow(raw) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { fault: fault(`has faulty entries: ${error.message}`, 'Mend these entries.') };
  }
}

/** Each dial would refuse them too; an operator should learn at boot that the entry is a slip, and not from a tenant. */
async function refuseOwnServices(
  process: string,
  allow: readonly AllowEntry[],
  own: OwnServices,
): Promise<void> {
  const faults = [];
  for (const service of own.all) {
    const addresses = await own.addressesOf(service);
    for (const entry of allow.filter(({ port }) => port === service.port)) {
      if (!addresses.some((address) => within(address, entry.cidr) || (isSelf(address) && opensSelf(entry))))
        continue;
      const problem = `lists ${entry.text}, which is where ${service.name ?? 'a service of the platform'} answers; tenants may never reach it`;
      faults.push(
        fault(problem, 'Remove the entry, or narrow its addresses or its port to the model server.'),
      );
    }
  }
  if (faults.length > 0) throw new ConfigError(process, faults);
}

/** This machine has all of loopback for its address, and an entry may name any part of it. */
function opensSelf({ cidr }: AllowEntry): boolean {
  const usual = ['127.0.0.1', '::1'].map(parseAddress).filter((address) => address !== undefined);
  return isSelf(cidr[0]) || usual.some((address) => within(address, cidr));
}

function fault(problem: string, mend: string): ConfigFault {
  return { variable: 'CLAVIGER_EGRESS_ALLOW', problem, mend };
}
