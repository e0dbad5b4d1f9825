import type { IncomingHttpHeaders } from 'node:http';

/** What of the vendor's headers a client can use. Its rate limits are those of the key: ours are told in their place. */
const PASSED = [
  ...['content-type', 'retry-after', 'retry-after-ms', 'x-should-retry'],
  ...['openai-version', 'openai-processing-ms'],
];
const REQUEST_IDS = ['x-request-id', 'request-id', 'x-goog-request-id', 'apim-request-id', 'cf-ray'];

export function passedHeaders(
  headers: IncomingHttpHeaders,
  scrub: (value: string) => string,
): Record<string, string> {
  const passed = PASSED.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, scrub(value)] as const] : [];
  });
  const id = upstreamId(headers);
  return { ...Object.fromEntries(passed), ...(id && { 'claviger-upstream-request-id': scrub(id) }) };
}

/** The id under which the vendor's support finds the call. */
export function upstreamId(headers: IncomingHttpHeaders): string | null {
  const found = REQUEST_IDS.map((name) => headers[name]).find((value) => typeof value === 'string');
  return typeof found === 'string' ? found.slice(0, 200) : null;
}
