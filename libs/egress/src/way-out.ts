import { isIP } from 'node:net';
import tls from 'node:tls';
import type { EgressProxyConfig, WayOutConfig } from '#lib/config';
import { isPrivateName } from './private-names.js';
import type { Target } from './target.js';

/** How one connection may be made: straight to a judged address, or by a CONNECT of the operator's proxy to `host`. */
export type Route =
  { via: 'direct'; address: string } | { via: 'proxy'; proxy: EgressProxyConfig; host: string };

/** The operator's way out: proxy and trusted certificates. Nothing of it comes from a tenant or a vendor's variable. */
export class WayOut {
  readonly proxy: EgressProxyConfig | null;
  /** Undefined: Node's usual roots. Made once, as the roots take milliseconds to parse. */
  readonly secureContext: tls.SecureContext | undefined;

  constructor(config: Partial<WayOutConfig> = {}) {
    this.proxy = config.egressProxy ?? null;
    const own = config.egressCa ?? [];
    if (own.length > 0) {
      this.secureContext = tls.createSecureContext({ ca: [...tls.getCACertificates('default'), ...own] });
    }
  }

  /** The route to an address that was judged. What the operator listed is near: it is reached straight, never by the proxy. */
  routeTo(target: Target, address: string, isListed: boolean): Route {
    const { proxy } = this;
    if (!proxy || isListed) return { via: 'direct', address };
    return { via: 'proxy', proxy, host: proxy.connectBy === 'name' ? target.host : address };
  }

  /**
   * The route to a name that has no address here. Only where the operator said that the proxy connects by name, and only to what
   * looks like a public place: that name can't be judged here, so the proxy's own rules stand in (ADR 0013).
   */
  routeToUnresolved(target: Target): Route | undefined {
    const { proxy } = this;
    if (proxy?.connectBy !== 'name' || target.scheme !== 'https' || target.port !== 443) return undefined;
    return looksPublic(target.host) ? { via: 'proxy', proxy, host: target.host } : undefined;
  }
}

/** Top-level labels that are nobody's (RFC 6761, 9476), besides those of private names. */
const NOBODYS = new Set(['test', 'invalid', 'example', 'onion', 'alt']);

function looksPublic(host: string): boolean {
  const last = host.toLowerCase().split('.').at(-1) ?? '';
  return isIP(host) === 0 && !isPrivateName(host) && !NOBODYS.has(last);
}
