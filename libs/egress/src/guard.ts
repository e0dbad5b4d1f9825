import type { WayOutConfig } from '#lib/config';
import { type Address, classify, isMetadata, parseAddress } from './addresses.js';
import { isListed, type AllowEntry } from './allow-list.js';
import { OwnServices, type ForbiddenService } from './own-services.js';
import { isMetadataName, isPrivateName } from './private-names.js';
import { notAllowed, unresolved } from './refusals.js';
import { systemResolver, type Resolver } from './resolver.js';
import { blocked, parseTarget, type Target } from './target.js';
import { WayOut, type Route } from './way-out.js';

export interface EgressGuardOptions {
  resolver?: Resolver;
  forbidden?: readonly ForbiddenService[];
  /** The operator's proxy and certificates; straight and the usual roots unless told. */
  wayOut?: Partial<WayOutConfig>;
}

/**
 * Decides where a tenant's URL may lead (CUSTODY §7): public https on port 443, or what the operator listed. Judged after
 * WHATWG parsing and after DNS, for every address of the name, and once more for the socket's real peer.
 */
export class EgressGuard {
  readonly wayOut: WayOut;
  readonly #allow: readonly AllowEntry[];
  readonly #resolver: Resolver;
  readonly #own: OwnServices;

  constructor(allow: readonly AllowEntry[], options: EgressGuardOptions = {}) {
    this.#allow = allow;
    this.#resolver = options.resolver ?? systemResolver;
    this.#own = new OwnServices(options.forbidden ?? [], this.#resolver);
    this.wayOut = new WayOut(options.wayOut);
  }

  /**
   * Judges a URL when it is saved. A name that doesn't resolve passes: it can't be judged now, and is judged again each
   * time it is dialled.
   * @throws ClavigerError egress_blocked
   */
  async checkUrl(url: string | URL, orgId: string): Promise<void> {
    const target = parseTarget(url);
    assertNoMetadataName(target);
    const addresses = await this.#addressesOf(target.host).catch(() => []);
    for (const address of addresses) await this.#judge(target, address, orgId);
    // Nothing to judge by address (a name that doesn't resolve at save): the name and the shape still have to be right or listable.
    const mayBeRight = isPublicShape(target) || this.#anyEntryFor(target, orgId);
    if (addresses.length === 0 && !mayBeRight) throw notAllowed(target, undefined);
  }

  /**
   * The ways by which this target may be reached, in the order of its addresses.
   * @throws ClavigerError egress_blocked when one of the name's addresses may not be reached; upstream_error when there is none.
   */
  async routesFor(target: Target, orgId: string): Promise<Route[]> {
    assertNoMetadataName(target);
    let cause: unknown = null;
    const addresses = await this.#addressesOf(target.host).catch((error: unknown) => {
      cause = error;
      return [];
    });
    if (addresses.length === 0) {
      if (isPrivateName(target.host) && !this.#anyEntryFor(target, orgId))
        throw notAllowed(target, undefined);
      const route = this.wayOut.routeToUnresolved(target);
      if (!route) throw unresolved(target, cause, this.wayOut.proxy !== null);
      return [route];
    }
    const routes = new Map<string, Route>();
    for (const address of addresses) {
      const listed = await this.#judge(target, address, orgId);
      const route = this.wayOut.routeTo(target, address.toString(), listed);
      // One route for a name that a proxy is asked for, however many addresses it has.
      routes.set(route.via === 'direct' ? route.address : `proxy ${route.host}`, route);
    }
    return [...routes.values()];
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
    await this.#judge(target, address, orgId);
  }

  async #addressesOf(host: string): Promise<Address[]> {
    const literal = parseAddress(host);
    if (literal) return [literal];
    const found = await this.#resolver(host);
    return found.map((text) => parseAddress(text)).filter((address) => address !== undefined);
  }

  /** Whether the address may be reached because the operator listed it; false when anybody may. */
  async #judge(target: Target, address: Address, orgId: string): Promise<boolean> {
    if (isMetadata(address))
      throw blocked('This is an address of cloud metadata services. No setting allows it.');
    if (await this.#own.includes(address, target.port)) {
      throw blocked('This is an address of the platform’s own services. No setting allows it.');
    }
    if (isListed(this.#allow, target, address, orgId)) return true;
    const isPublic = classify(address) === 'public' && isPublicShape(target);
    if (!isPublic) throw notAllowed(target, address);
    return false;
  }

  #anyEntryFor(target: Target, orgId: string): boolean {
    return this.#allow.some(
      (entry) =>
        entry.scheme === target.scheme &&
        entry.port === target.port &&
        (entry.orgId === null || entry.orgId === orgId),
    );
  }
}

/** What anybody may call as far as the URL tells: https on its usual port, by a public name or an address. */
function isPublicShape({ scheme, port, host }: Target): boolean {
  return scheme === 'https' && port === 443 && !isPrivateName(host);
}

function assertNoMetadataName({ host }: Target): void {
  if (isMetadataName(host)) throw blocked('This is a name of cloud metadata services. No setting allows it.');
}
