import { describe, expect, it } from '@jest/globals';
import { buildCatalogue, callBaseUrl, protocolOf } from '#lib/catalog';
import { PROVIDER_SLUGS } from '#lib/contracts';
import type { CloudSettings, ModelEndpoint } from './endpoint.js';
import { listLiveModels } from './live-models.js';

const SECRET = 'secret-of-a-listing-0123456789';
const CLOUDS: Record<string, CloudSettings> = {
  azure: { kind: 'azure', apiVersion: 'v1', deployments: {} },
  bedrock: { kind: 'bedrock', region: 'us-east-1' },
  vertex: { kind: 'vertex', accessToken: null },
};
const HEADERS: Record<string, string> = {
  anthropic: 'x-api-key',
  gemini: 'x-goog-api-key',
  openai: 'authorization',
};
const catalogue = buildCatalogue();

function endpointOf(slug: string, answer: () => Response, over: Partial<ModelEndpoint> = {}) {
  const provider = catalogue.provider(slug)!;
  const seen: { url: string; headers: Headers }[] = [];
  const endpoint: ModelEndpoint = {
    ...{ provider: slug, protocol: protocolOf(provider, {}), secret: SECRET, cloud: CLOUDS[slug] },
    baseUrl: callBaseUrl(provider, provider.baseUrl ?? 'https://house.test/v1')!,
    fetch: async (url, init) => {
      seen.push({ url: String(url), headers: new Headers(init?.headers) });
      return answer();
    },
    ...over,
  };
  return { endpoint, seen };
}
const list = () => Response.json({ data: [{ id: 'b' }, { id: 'a' }], models: [{ name: 'models/a' }] });

describe('#12 live listing, for every provider of the catalogue', () => {
  it.each([...PROVIDER_SLUGS])(
    '%s: lists with the key in its header, or says that it can’t',
    async (slug) => {
      const { endpoint, seen } = endpointOf(slug, list);
      if (slug in CLOUDS) {
        await expect(listLiveModels(endpoint)).rejects.toMatchObject({ code: 'listing_unsupported' });
        expect(seen).toEqual([]);
        return;
      }
      const ids = (await listLiveModels(endpoint)).map(({ id }) => id);
      expect(ids).toEqual(['a', 'b']);
      expect(seen).toHaveLength(1);
      expect(seen[0]?.headers.get(HEADERS[endpoint.protocol]!)).toMatch(new RegExp(`^(Bearer )?${SECRET}$`));
      expect(seen[0]?.url).toMatch(/\/models(\?|$)/);
      expect(seen[0]?.url).not.toContain(SECRET);
    },
  );

  it.each([404, 405, 501])(
    'a server that answers %i can’t list; that is no failure of the key',
    async (status) => {
      const { endpoint } = endpointOf('custom', () => new Response('no', { status }));
      await expect(listLiveModels(endpoint)).rejects.toMatchObject({ code: 'listing_unsupported' });
    },
  );

  it.each<[string, () => Response, string]>([
    ['a page in place of a list', () => new Response('<html>'), 'listing_unsupported'],
    [
      'a refused key',
      () => Response.json({ error: { message: 'no' } }, { status: 401 }),
      'upstream_auth_failed',
    ],
    ['a fault of the server', () => Response.json({}, { status: 500 }), 'upstream_error'],
  ])('%s is told apart', async (_name, answer, code) => {
    await expect(listLiveModels(endpointOf('openai', answer).endpoint)).rejects.toMatchObject({ code });
  });

  it('#9 an operator’s own header carries the key, and no other does', async () => {
    const { endpoint, seen } = endpointOf('custom', list, { keyHeader: 'x-acme-key' });
    await listLiveModels(endpoint);
    expect([seen[0]?.headers.get('x-acme-key'), seen[0]?.headers.get('authorization')]).toEqual([
      SECRET,
      null,
    ]);
  });
});
