import { ClavigerError } from '#lib/contracts';
import { wordsFor } from './address-words.js';
import { type Address, classify, parseAddress } from './addresses.js';
import { isPrivateName } from './private-names.js';
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
  // What a private name resolves to is not told: it would let tenants read the operator's internal DNS.
  const isLiteral = parseAddress(target.host) !== undefined || target.host === 'localhost';
  const shown =
    isLiteral && address ? entryFor(target, address) : `${target.scheme}://<its address>/32:${target.port}`;
  const why = whyNot(target, address, isLiteral);
  return blocked(
    `${why} The platform operator can allow it with CLAVIGER_EGRESS_ALLOW=${shown} (a local Ollama, for example).`,
  );
}

/** In plain words what of the target is not for tenants. */
function whyNot({ host }: Target, address: Address | undefined, isLiteral: boolean): string {
  if (isLiteral && address && classify(address) !== 'public')
    return `"${host}" is ${wordsFor(classify(address))}, which provider and tool URLs may not reach.`;
  if (isPrivateName(host))
    return `"${host}" is a name of a private network, which provider and tool URLs may not reach.`;
  if (address && classify(address) !== 'public')
    return `"${host}" is not a public address, which provider and tool URLs may not reach.`;
  return 'Only https on port 443 is allowed.';
}

function entryFor(target: Target, address: Address): string {
  const isV4 = address.kind() === 'ipv4';
  const cidr = isV4 ? `${address.toString()}/32` : `[${address.toString()}]/128`;
  return `${target.scheme}://${cidr}:${target.port}`;
}
