import { randomBytes } from 'node:crypto';
import type { DemoClient } from './client.js';

/** A demo key per wire protocol. The fake vendors take any key; these are made up at the moment they are sent. */
export const DEMO_PROVIDERS = [
  { provider: 'openai', name: 'Demo OpenAI', model: 'gpt-4.1-mini', path: '/openai/v1', prefix: 'sk-demo-' },
  {
    provider: 'anthropic',
    name: 'Demo Anthropic',
    model: 'claude-sonnet-4-6',
    path: '/anthropic/v1',
    prefix: 'sk-ant-demo-',
  },
  {
    provider: 'google',
    name: 'Demo Google',
    model: 'gemini-2.5-flash',
    path: '/gemini/v1beta',
    prefix: 'AIzaDemo',
  },
] as const;
export type DemoProvider = (typeof DEMO_PROVIDERS)[number];

export interface ProviderKey {
  id: string;
  name: string;
  provider: string;
  mask: string | null;
  baseUrl: string | null;
  enabled: boolean;
}

interface TestAnswer {
  ok: boolean;
  status: string;
  latencyMs: number;
  message: string;
}

export interface EnsuredKey {
  key: ProviderKey;
  demo: DemoProvider;
  /** Whether this start added it. */
  added: boolean;
  test: TestAnswer;
}

/**
 * Adds the demo's key for one vendor unless it is there, points it at the fake vendors, and tests it over the engine's real
 * call path. A stored key may not follow a new address, so that a moved upstream is given a new secret (CUSTODY §1).
 */
export async function ensureKey(
  owner: DemoClient,
  demo: DemoProvider,
  upstream: string,
): Promise<EnsuredKey> {
  const baseUrl = `${upstream}${demo.path}`;
  const { data } = await owner.get<{ data: ProviderKey[] }>('/api/v1/ai-providers?limit=100');
  const found = data.find(({ name }) => name === demo.name);
  const key = found
    ? await atAddress(owner, found, demo, baseUrl)
    : await owner.post<ProviderKey>('/api/v1/ai-providers', {
        name: demo.name,
        provider: demo.provider,
        secret: madeUpSecret(demo),
        baseUrl,
      });
  const test = await owner.post<TestAnswer>(`/api/v1/ai-providers/${key.id}/test`);
  return { key, demo, added: !found, test };
}

async function atAddress(
  owner: DemoClient,
  key: ProviderKey,
  demo: DemoProvider,
  baseUrl: string,
): Promise<ProviderKey> {
  if (key.baseUrl === baseUrl && key.enabled) return key;
  const moved = key.baseUrl !== baseUrl && { baseUrl, secret: madeUpSecret(demo) };
  return owner.patch<ProviderKey>(`/api/v1/ai-providers/${key.id}`, { enabled: true, ...moved });
}

function madeUpSecret(demo: DemoProvider): string {
  return demo.prefix + randomBytes(18).toString('base64url');
}

/** Hands the keys to the workspace and leaves what else it was handed as it is. Answers how many are new there. */
export async function handOver(owner: DemoClient, workspaceId: string, keys: ProviderKey[]): Promise<number> {
  const path = `/api/v1/workspaces/${workspaceId}/ai-providers`;
  const { data } = await owner.get<{ data: Assignment[] }>(`${path}?limit=200`);
  const missing = keys.filter(({ id }) => !data.some(({ aiProviderId }) => aiProviderId === id));
  if (missing.length === 0) return 0;
  const kept = data.map(({ aiProviderId, priority, weight, active, defaultModel, models }) => ({
    aiProviderId,
    priority,
    weight,
    active,
    ...(defaultModel && { defaultModel }),
    ...(models.length > 0 && { models }),
  }));
  await owner.put(path, { assignments: [...kept, ...missing.map(({ id }) => ({ aiProviderId: id }))] });
  return missing.length;
}

interface Assignment {
  aiProviderId: string;
  priority: number;
  weight: number;
  active: boolean;
  defaultModel: string | null;
  models: string[];
}
