import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** How much of a refused body is still read, and for how long. */
export interface DrainBounds {
  bytes: number;
  ms: number;
}

export const DRAIN_BOUNDS: DrainBounds = { bytes: 64 * 1_048_576, ms: 10_000 };

/**
 * Reads what is left of a body that was refused half-way, and throws it away. Closing instead would make the system answer the
 * bytes under way with a reset, and the client, still writing, would see a broken connection in place of our 413.
 */
export function registerDraining(fastify: FastifyInstance, bounds: DrainBounds): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode >= 400 && !request.raw.complete) {
      // Fastify asks for the connection to be closed at once when it refuses a body.
      void reply.removeHeader('connection');
      drainRest(request.raw, bounds);
    }
    done(null, payload);
  });
}

/** Reads what is left of a request's body and throws it away, within these bounds. */
export function drainRest(raw: IncomingMessage, { bytes, ms }: DrainBounds): void {
  let left = bytes;
  const timer = setTimeout(() => raw.socket.destroy(), ms);
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) raw.socket.destroy();
  });
  for (const over of ['end', 'close']) raw.once(over, () => clearTimeout(timer));
  // Begun before the answer is out: of a body that nobody had begun to read, Node then drops the rest uncounted and without an end.
  raw.resume();
}
