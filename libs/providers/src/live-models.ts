import { APICallError } from 'ai';
import { ClavigerError } from '#lib/contracts';
import { authHeaders, secretsOf, type ModelEndpoint } from './endpoint.js';
import { Scrubber } from './scrubber.js';
import { mapUpstreamError } from './upstream-errors.js';

export interface LiveModel {
  id: string;
  name: string;
}

const MOST_MODELS = 2_000;
const MOST_PAGES = 20;

/**
 * The models that the vendor lists for this very key (PRODUCT #12), sorted by id.
 * @throws ClavigerError listing_unsupported when the server has no such operation; else as `mapUpstreamError` says.
 */
export async function listLiveModels(endpoint: ModelEndpoint, signal?: AbortSignal): Promise<LiveModel[]> {
  if (endpoint.cloud) throw cannotList(endpoint.provider);
  const scrubber = new Scrubber(secretsOf(endpoint));
  const found = new Map<string, LiveModel>();
  try {
    let page: string | null = '';
    for (let pages = 0; page !== null && pages < MOST_PAGES && found.size < MOST_MODELS; pages += 1) {
      const body: Record<string, unknown> = await getPage(endpoint, page, signal);
      for (const model of modelsIn(body)) {
        const id = scrubber.text(model.id);
        found.set(id, { id, name: scrubber.text(model.name) });
      }
      page = nextPage(endpoint, body);
      // It would go into the address of the next request, where no key may ever be.
      if (page !== null && scrubber.text(page) !== page) break;
    }
  } catch (error) {
    throw mapUpstreamError(error, { scrubber, provider: endpoint.provider });
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function getPage(
  endpoint: ModelEndpoint,
  page: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const url = `${endpoint.baseUrl}/models${query(endpoint, page)}`;
  const headers = { accept: 'application/json', ...endpoint.headers, ...authHeaders(endpoint) };
  const response = await endpoint.fetch(url, { headers, signal: signal ?? null });
  const text = await response.text();
  if (response.status === 404 || response.status === 405 || response.status === 501) {
    throw cannotList(endpoint.provider, ` (${response.status})`);
  }
  if (!response.ok) {
    const responseHeaders = Object.fromEntries(response.headers);
    const { status: statusCode } = response;
    throw new APICallError({
      message: messageIn(text),
      url,
      requestBodyValues: {},
      statusCode,
      responseHeaders,
      responseBody: text,
    });
  }
  const body = parsed(text);
  if (Array.isArray(body['data']) || Array.isArray(body['models'])) return body;
  throw new ClavigerError(
    'listing_unsupported',
    `${endpoint.provider} answered something else than a list of models. Enter the model ids by hand.`,
  );
}

function cannotList(provider: string, status = ''): ClavigerError {
  const detail = `${provider} can't list its models${status}. Calls may work all the same: enter the model ids by hand.`;
  return new ClavigerError('listing_unsupported', detail);
}

function query({ protocol }: ModelEndpoint, page: string): string {
  switch (protocol) {
    case 'openai':
    case 'azure':
    case 'bedrock':
      return '';
    case 'anthropic':
      return `?limit=1000${page ? `&after_id=${encodeURIComponent(page)}` : ''}`;
    case 'gemini':
      return `?pageSize=1000${page ? `&pageToken=${encodeURIComponent(page)}` : ''}`;
  }
}

function nextPage({ protocol }: ModelEndpoint, body: Record<string, unknown>): string | null {
  if (protocol === 'anthropic' && body['has_more'] === true && typeof body['last_id'] === 'string')
    return body['last_id'];
  if (protocol === 'gemini' && typeof body['nextPageToken'] === 'string' && body['nextPageToken'])
    return body['nextPageToken'];
  return null;
}

/** OpenAI and Anthropic: `data[].id`; Gemini: `models[].name` = `models/<id>`. */
function modelsIn(body: Record<string, unknown>): LiveModel[] {
  const list: unknown[] = Array.isArray(body['data'])
    ? body['data']
    : Array.isArray(body['models'])
      ? body['models']
      : [];
  return list.flatMap((item): LiveModel[] => {
    if (typeof item !== 'object' || item === null) return [];
    const raw = 'id' in item ? item.id : 'name' in item ? item.name : undefined;
    if (typeof raw !== 'string' || raw === '') return [];
    const id = raw.replace(/^models\//, '');
    const name = 'display_name' in item ? item.display_name : 'displayName' in item ? item.displayName : id;
    return [{ id, name: typeof name === 'string' ? name : id }];
  });
}

function messageIn(text: string): string {
  const { error } = parsed(text);
  if (typeof error === 'string') return error;
  if (
    typeof error === 'object' &&
    error !== null &&
    'message' in error &&
    typeof error.message === 'string'
  ) {
    return error.message;
  }
  return text;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
