import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { PEER_HEADER } from '@/lib/forward';

/**
 * Next does not tell a route handler who is at the other end of the socket, and passes on an `X-Forwarded-For` that the
 * browser wrote itself. Node announces each request before Next sees it: the peer's address is noted there, over
 * whatever the caller put into that header, and `forward` appends it to the chain.
 */
export function register(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[PEER_HEADER] = request.socket.remoteAddress ?? 'unknown';
  });
}
