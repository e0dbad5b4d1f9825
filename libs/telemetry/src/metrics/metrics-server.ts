import { createServer, type Server } from 'node:http';
import type { Metrics } from './metrics.js';

/** A port that answers `GET /metrics` and nothing else: apart from the plane's own, so that no gateway lets tenants to it. */
export class MetricsServer {
  readonly #server: Server;

  constructor(metrics: Pick<Metrics, 'print'>) {
    this.#server = createServer((request, response) => {
      const path = request.url?.split('?')[0];
      if (request.method !== 'GET' || path !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      metrics.print().then(
        ({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
  }

  /** Answers the port, which the system chose where `port` is 0. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
