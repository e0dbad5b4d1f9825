import { ClavigerError } from '#lib/contracts';
import { type Address, classify, parseAddress } from './addresses.js';
import { blocked, type Target } from './target.js';

/** A name without an address. `isProxied`: the operator's proxy may know it although this machine doesn't. */
export function unresolved(target: Target, cause: unknown, isProxied: boolean): ClavigerError {
  const hint = isProxied
    ? ' Where only the proxy knows names, the platform operator can set CLAVIGER_EGRESS_PROXY_CONNECT=name.'
    : '';
  const detail = `The host "${target.host}" has no address. Check the base URL, or the DNS of the machine that runs the engine.${hint}`;
  return new ClavigerError('upstream_error', detail, { cause });
}

/** An address that tenants may not reach, with the operator's entry that would allow it. */
export function notAllowed(target: Target, address: Address | undefined): ClavigerError {
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
