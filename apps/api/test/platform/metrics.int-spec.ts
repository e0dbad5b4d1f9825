import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MetricsPort } from '#lib/http';
import { startTestApi, type TestApi } from '../support/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ env: { CLAVIGER_METRICS_PORT: '0' } });
});
afterAll(() => api?.stop());

describe('the metrics of the api', () => {
  it('are on CLAVIGER_METRICS_PORT and not on its own: requests by route, and sealing', async () => {
    const owner = await api.owner();
    const body = { name: 'OpenAI', provider: 'openai', secret: 'sk-metrics-0123456789abc' };
    const created = await owner.post('/ai-providers', body);
    expect(created.status).toBe(201);
    await owner.get(`/ai-providers/${(created.body as { id: string }).id}`);
    const answer = await fetch(`http://127.0.0.1:${api.app.get(MetricsPort).port}/metrics`);
    const text = await answer.text();
    expect(text).toMatch(
      /^claviger_http_request_duration_seconds_count\{plane="api",method="POST",route="\/api\/v1\/ai-providers",status="2xx"\} 1$/m,
    );
    expect(text).toMatch(
      /^claviger_http_request_duration_seconds_count\{plane="api",method="GET",route="\/api\/v1\/ai-providers\/:id",status="2xx"\} 1$/m,
    );
    expect(text).toMatch(
      /^claviger_kms_call_duration_seconds_count\{plane="api",operation="generateDataKey",outcome="ok"\} 1$/m,
    );
    expect(text).not.toMatch(/(?:aip|org|usr|sec)_[0-9a-z]{26}|sk-metrics/);
    expect((await fetch(`${api.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${api.url}/api/v1/metrics`)).status).toBe(404);
  });
});
