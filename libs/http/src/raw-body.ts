import type { IncomingMessage } from 'node:http';
import { ClavigerError } from '#lib/contracts';
import { drainRest, DRAIN_BOUNDS } from './drain.js';

const NOTHING = Buffer.alloc(0);

/**
 * The whole body of a request that no parser reads. What is over `limit` bytes is read on for a while and thrown away, so that its sender
 * gets the answer. @throws ClavigerError payload_too_large; rejects when the sender goes away in the middle
 */
export function rawBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    const refuse = (error: Error): void => {
      request.removeAllListeners('data');
      request.removeAllListeners('end');
      first = more = undefined;
      drainRest(request, DRAIN_BOUNDS);
      reject(error);
    };
    if (Number(request.headers['content-length']) > limit) return refuse(tooLarge(limit));
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) return refuse(tooLarge(limit));
      if (!first) first = chunk;
      else (more ??= [first]).push(chunk);
    });
    request.on('end', () => resolve(more ? Buffer.concat(more) : (first ?? NOTHING)));
    request.on('error', (cause) => reject(left(cause)));
  });
}

function left(cause: unknown): ClavigerError {
  return new ClavigerError('run_cancelled', 'The client closed the connection before its body was over.', {
    cause,
  });
}

function tooLarge(limit: number): ClavigerError {
  return new ClavigerError(
    'payload_too_large',
    `The body is larger than the ${limit / 1_048_576} MiB that this endpoint takes. Send less.`,
  );
}
