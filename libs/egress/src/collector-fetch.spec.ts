import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '#lib/config';
import { collectorFetch } from './collector-fetch.js';
import { createEgressGuard } from './create-guard.js';

const settings = {
  databaseUrl: 'postgresql://x@127.0.0.1:5432/x',
  redisUrl: null,
  kms: { adapter: 'aws' as const, keyId: 'k', region: 'eu-central-1' },
};

let port = 0;
const paths: string[] = [];
const server = createServer((request, response) => {
  paths.push(request.url ?? '');
  if (request.url === '/moved') response.writeHead(307, { location: '/v1/traces' }).end();
  else response.end();
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const at = (path: string) => `http://127.0.0.1:${port}${path}`;

describe('the way to the operator’s collector', () => {
  it('reaches it where it is, near and without TLS too, and nothing else', async () => {
    const send = collectorFetch(at('/v1/traces'), settings, 2_000);
    expect((await send(at('/v1/traces'), { method: 'POST', body: 'x' })).status).toBe(200);
    await expect(send(`http://127.0.0.1:${port + 1}/v1/traces`)).rejects.toMatchObject({
      code: 'egress_blocked',
    });
    await expect(send(at('/moved'), { method: 'POST', body: 'x' })).rejects.toThrow();
    expect(paths).toEqual(['/v1/traces', '/moved']);
  });

  it('leads to no metadata service and to no other service of the platform', async () => {
    for (const url of ['http://169.254.169.254/v1/traces', 'http://127.0.0.1:5432/v1/traces'])
      await expect(collectorFetch(url, settings, 2_000)(url)).rejects.toMatchObject({
        code: 'egress_blocked',
      });
  });

  it('is no way for tenants: an allow-list that opens it does not boot, and a call to it is refused', async () => {
    const tracing = { url: at('/v1/traces') };
    const listed = { ...settings, tracing, egressAllow: [`http://127.0.0.1/32:${port}`] };
    await expect(createEgressGuard('engine', listed)).rejects.toThrow(ConfigError);
    const guard = await createEgressGuard('engine', { ...settings, tracing, egressAllow: [] });
    await expect(guard.checkUrl(at('/'), 'org_x')).rejects.toMatchObject({ code: 'egress_blocked' });
  });
});
