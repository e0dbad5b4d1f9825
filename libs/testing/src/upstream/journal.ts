import { createHash } from 'node:crypto';
import type { RecordedRequest } from './types.js';

const AUTH_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'x-api-secret'];

/** A request as the demo's journal shows it: auth values as SHA-256, the body as its size and model only. */
export interface JournalEntry {
  at: string;
  method: string;
  url: string;
  status: number;
  /** SHA-256 in hex of each auth header's value, without `Bearer `. */
  authSha256: Record<string, string>;
  headers: Record<string, string>;
  model: string | null;
  bodyBytes: number;
}

export function journalEntry(request: RecordedRequest, status: number, model: string | null): JournalEntry {
  const authSha256: Record<string, string> = {};
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    if (AUTH_HEADERS.includes(name)) authSha256[name] = sha256Hex(text.replace(/^Bearer /, ''));
    else headers[name] = text;
  }
  const { at, method, url } = request;
  return { at, method, url, status, authSha256, headers, model, bodyBytes: Buffer.byteLength(request.body) };
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
