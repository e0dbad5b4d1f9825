import { ClavigerError } from '#lib/contracts';
import { type Address, classify, isMetadata, parseAddress } from './addresses.js';
import { isListed, type AllowEntry } from './allow-list.js';
import { systemResolver, type Resolver } from './resolver.js';
import { blocked, parseTarget, type Target } from './target.js';

/** A service of the platform itself (database, Redis, KMS): never reachable by tenants, even when listed. */
export interface ForbiddenService {
  host: string;
  port: number;
}

export interface EgressGuardOptions {
  resolver?: Resolver;
  forbidden?: ForbiddenService[];
}

/**
 * Decides where a tenant's URL may lead (CUSTODY §7): public https on port 443, or what the operator listed. Judged after
 * WHATWG parsing and after DNS, for every address of the name, and once more for the socket's real peer.
 */
export class EgressGuard {
  readonly #allow: readonly AllowEntry[];
  readonly #resolver: Resolver;
  readonly #forbidden: readonly ForbiddenService[];

  constructor(allow: readonly AllowEntry[], options: EgressGuardOptions = {}) {
    this.#allow = allow;
    this.#resolver = options.resolver ?? systemResolver;
    this.#forbidden = options.forbidden ?? [];
  }

  /**
   * Judges a URL when it is saved. A name that doesn't resolve passes: it can't be judged now, and is judged again each
   * time it is dialled.
   * @throws ClavigerError egress_blocked
   */
  async checkUrl(url: string | URL, orgId: string): Promise<void> {
    const target = parseTarget(url);
    const addresses = await this.#addressesOf(target.host).catch(() => []);
    await this.#judgeAll(target, addresses, orgId);
  }

  /**
   * The addresses that may be dialled for this target.
   * @throws ClavigerError egress_blocked when one of the name's addresses may not be; upstream_error when there is none.
   */
  async addressesFor(target: Target, orgId: string): Promise<string[]> {
    const addresses = await this.#addressesOf(target.host).catch((error: unknown) => {
      throw unresolved(target, error);
    });
    if (addresses.length === 0) throw unresolved(target, null);
    await this.#judgeAll(target, addresses, orgId);
    return addresses.map((address) => address.toString());
  }

  /**
   * Judges the peer of a connected socket: it must be the address that was judged before, and pass again (rebinding).
   * @throws ClavigerError egress_blocked
   */
  async checkPeer(target: Target, dialled: string, peer: string | undefined, orgId: string): Promise<void> {
    const address = peer === undefined ? undefined : parseAddress(peer);
    if (!address || address.toString() !== parseAddress(dialled)?.toString()) {
      throw blocked(
        'The connection reached another address than the one that was checked. Nothing was sent.',
      );
    }
    await this.#judgeAll(target, [address], orgId);
  }

  async #addressesOf(host: string): Promise<Address[]> {
    const literal = parseAddress(host);
    if (literal) return [literal];
    const found = await this.#resolver(host);
    return found.map((text) => parseAddress(text)).filter((address) => address !== undefined);
  }

  async #judgeAll(target: Target, addresses: Address[], orgId: string): Promise<void> {
    for (const address of addresses) {
      if (isMetadata(address))
        throw blocked('This is an address of cloud metadata services. No setting allows it.');
      if (await this.#isForbidden(address, target.port)) {
        throw blocked('This is an address of the platform’s own services. No setting allows it.');
      }
      const isPublic = classify(address) === 'public' && target.scheme === 'https' && target.port === 443;
      if (!isPublic && !isListed(this.#allow, target, address, orgId)) throw notAllowed(target, address);
    }
    // Nothing to judge by address (a name that doesn't resolve at save): the shape still has to be right or listable.
    const mayBeRight = (target.scheme === 'https' && target.port === 443) || this.#anyEntryFor(target, orgId);
    if (addresses.length === 0 && !mayBeRight) throw notAllowed(target, undefined);
  }

  #anyEntryFor(target: Target, orgId: string): boolean {
    return this.#allow.some(
      (entry) =>
        entry.scheme === target.scheme &&
        entry.port === target.port &&
        (entry.orgId === null || entry.orgId === orgId),
    );
  }

  async #isForbidden(address: Address, port: number): Promise<boolean> {
    for (const service of this.#forbidden) {
      if (service.port !== port) continue;
      const own = await this.#addressesOf(service.host).catch(() => []);
      if (own.some((candidate) => sameHost(candidate, address))) return true;
    }
    return false;
  }
}

/** All of loopback is one machine, and so is the unspecified address. */
function sameHost(a: Address, b: Address): boolean {
  return a.toString() === b.toString() || (isSelf(a) && isSelf(b));
}

function isSelf(address: Address): boolean {
  return ['loopback', 'unspecified'].includes(classify(address));
}

function unresolved(target: Target, cause: unknown): ClavigerError {
  const detail = `The host "${target.host}" has no address. Check the base URL, or the DNS of the machine that runs the engine.`;
  return new ClavigerError('upstream_error', detail, { cause });
}

function notAllowed(target: Target, address: Address | undefined): ClavigerError {
  const kind = address ? classify(address) : 'public';
  // What a private name resolves to is not told: it would let tenants read the operator's internal DNS.
  const isLiteral = parseAddress(target.host) !== undefined || target.host === 'localhost';
  const shown =
    isLiteral && address ? entryFor(target, address) : `${target.scheme}://<its address>/32:${target.port}`;
  const why =
    kind === 'public'
      ? 'Only https on port 443 is allowed.'
      : `"${target.host}" is ${isLiteral ? `a ${kind}` : 'not a public'} address, which provider and tool URLs may not reach.`;
  return blocked(
    `${why} The platform operator can allow it with CLAVIGER_EGRESS_ALLOW=${shown} (a local Ollama, for example).`,
  );
}

function entryFor(target: Target, address: Address): string {
  const isV4 = address.kind() === 'ipv4';
  const cidr = isV4 ? `${address.toString()}/32` : `[${address.toString()}]/128`;
  return `${target.scheme}://${cidr}:${target.port}`;
}
