import type { LedgerTarget } from '#lib/testing';
import type { Installation } from '../series/installation.js';
import { Person } from '../series/people.js';

/** An organization with a key of each protocol, handed to one workspace, and what its load is sent as. */
export interface LedgerTenant {
  owner: Person;
  target: Omit<LedgerTarget, 'urls'>;
}

const SECRETS = {
  openai: 'sk-metering-0123456789abcdef0123',
  anthropic: 'sk-ant-metering-0123456789abcdef',
  google: 'AIzaMetering0123456789abcdefABCDEF',
};

export async function furnish({ api, upstream }: Installation, name: string): Promise<LedgerTenant> {
  const owner = await Person.signUp(api.url, `${name}@prove.test`);
  const { id: workspaceId } = await owner.make('/workspaces', { name: 'Ledger' });
  const assignments = [];
  for (const [provider, secret] of Object.entries(SECRETS)) {
    const baseUrl = provider === 'google' ? upstream.baseUrls.gemini : `${upstream.url}/${provider}/v1`;
    const { id } = await owner.make('/ai-providers', { name: provider, provider, secret, baseUrl });
    assignments.push({ aiProviderId: id });
  }
  await owner.ok('PUT', `/workspaces/${workspaceId}/ai-providers`, { assignments });
  const { token: engineToken } = await owner.make('/tokens', { name: 'Engine', kind: 'engine' });
  const application = { name: 'Application', kind: 'workspace', workspaceId };
  const { token: workspaceToken } = await owner.make('/tokens', application);
  return { owner, target: { workspaceId, engineToken, workspaceToken } };
}

/** Waits for `holds`, at most so long; answers whether it came about. */
export async function comesAbout(holds: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return true;
}
