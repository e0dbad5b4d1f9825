import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { ClavigerError } from '#lib/contracts';
import type { EgressProxyConfig } from '#lib/config';

/** The operator's proxy made no tunnel. `isItself`: the proxy is at fault, so that another address of the target is of no use. */
export class TunnelError extends ClavigerError {
  constructor(
    code: 'upstream_error' | 'upstream_timeout',
    detail: string,
    readonly isItself: boolean,
    cause?: unknown,
  ) {
    super(code, detail, { cause });
  }
}

/**
 * Has the proxy connect to `host:port` and gives out the raw socket, over which TLS with the target is spoken from end to end.
 * Nothing of the tenant's request is in what the proxy reads but this place. Rejects with a TunnelError that names neither the
 * proxy's address nor its credentials: tenants read it.
 */
export async function openTunnel(
  proxy: EgressProxyConfig,
  target: { host: string; port: number },
  options: { dial: () => Promise<Socket>; timeoutMs: number },
): Promise<Socket> {
  const socket = await options.dial().catch((error: unknown) => {
    throw unreachable(error);
  });
  const authority = `${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`;
  const authorization = proxy.authorization();
  const request = httpRequest({
    method: 'CONNECT',
    path: authority,
    headers: {
      host: authority,
      ...(authorization !== null && { 'proxy-authorization': authorization }),
    },
    // A socket at hand: no agent, so that no variable of the environment plays a part.
    createConnection: () => socket,
  });
  try {
    return await tunnelOf(request, options.timeoutMs);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function tunnelOf(request: ClientRequest, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(silent());
      request.destroy();
    }, timeoutMs);
    const settle = (settled: () => void) => {
      clearTimeout(timer);
      settled();
    };
    request.once('connect', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      const status = response.statusCode ?? 0;
      // In TLS the client speaks first: bytes that are here already come from the proxy itself.
      const isOpen = status >= 200 && status < 300 && head.length === 0;
      settle(() => (isOpen ? resolve(socket) : reject(refused(status))));
    });
    request.on('error', (error) => settle(() => reject(unreachable(error))));
    request.end();
  });
}

const WHO = 'The platform’s own proxy for outgoing calls';

function refused(status: number): TunnelError {
  if (status === 407) {
    const detail = `${WHO} wants other credentials (407). The platform operator can mend CLAVIGER_EGRESS_PROXY. Nothing was sent to the provider.`;
    return new TunnelError('upstream_error', detail, true);
  }
  if (status === 504) {
    const detail = `${WHO} could not reach the provider in time (504). Check the base URL, or ask the platform operator. Nothing was sent to the provider.`;
    return new TunnelError('upstream_timeout', detail, false);
  }
  const detail = `${WHO} did not connect to the provider (${status}). Check the base URL, and ask the platform operator whether the proxy lets this place through. Nothing was sent to the provider.`;
  return new TunnelError('upstream_error', detail, false);
}

function unreachable(cause: unknown): TunnelError {
  if (isTimeout(cause)) return silent(cause);
  const detail = `${WHO} could not be reached, or closed the connection. The platform operator can check CLAVIGER_EGRESS_PROXY and that the proxy is up. Nothing was sent to the provider.`;
  return new TunnelError('upstream_error', detail, true, cause);
}

function silent(cause?: unknown): TunnelError {
  const detail = `${WHO} did not answer in time. The platform operator can check CLAVIGER_EGRESS_PROXY and that the proxy is up. Nothing was sent to the provider.`;
  return new TunnelError('upstream_timeout', detail, true, cause);
}

function isTimeout(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT';
}
