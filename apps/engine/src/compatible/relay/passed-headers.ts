import type { IncomingHttpHeaders } from 'node:http';

/** What of the vendor's headers a client can use. Its rate limits are those of the key: ours are told in their place. */
const PASSED = [
  ...['content-type', 'retry-after', 'retry-after-ms', 'x-should-retry'],
  ...['openai-version', 'openai-processing-ms'],
];
const REQUEST_IDS = ['x-request-id', 'request-id', 'x-goog-request-id', 'apim-request-id', 'cf-ray'];

export function passedHeaders(headers: IncomingHttpHeaders, scrub: (value: string) => string): string[] {
  const passed: string[] = [];
  for (const name of PASSED) {
    const value = headers[name];
    if (typeof value === 'string') passed.push(name, scrub(value));
  }
  const id = upstreamId(headers);
  if (id) passed.push('claviger-upstream-request-id', scrub(id));
  return passed;
}

/** The id under which the vendor's support finds the call. */
export function upstreamId(headers: IncomingHttpHeaders): string | null {
  const found = REQUEST_IDS.map((name) => headers[name]).find((value) => typeof value === 'string');
  return typeof found === 'string' ? found.slice(0, 200) : null;
}
