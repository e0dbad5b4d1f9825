/** Where the plane is and how it is spoken to. Nothing is read from anywhere else. */
export interface ConnectionOptions {
  /** Its address, e.g. `https://engine.example.com`; a path in it is kept. */
  url: string;
  /** `clv_eng_…` for the engine, `clv_api_…` for the control plane. */
  token: string;
  /** How often a call is tried again after the network failed, a 503, or a 429 that says when; 4 unless told. */
  maxRetries?: number;
  /** A `Retry-After` above so many seconds is thrown rather than waited for; 60 unless told. */
  maxRetryAfterSeconds?: number;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
}

/** What every call takes. */
export interface CallOptions {
  /** Gives up waiting. What that means for a run is said where it is made. */
  signal?: AbortSignal;
}

/** The address without a trailing slash. Throws TypeError for what is no http address. */
export function baseUrl(url: string): string {
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError(`${protocol} is no http address`);
  return url.replace(/\/+$/, '');
}

/** A token as a header can carry it. Its value is in no message. */
export function bearer(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TypeError('the token is empty, or holds what no header can');
  return `Bearer ${token}`;
}
