import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeVault, type VaultCall } from '#lib/testing';

const POLICIES = { api: 'api-seals', engine: 'engine-opens', worker: 'worker-rewraps' } as const;
type Process = keyof typeof POLICIES;
const CAPABILITY: Record<string, string> = { GET: 'read', POST: 'update' };

/** What Vault makes of a policy without globs: a request is allowed where its exact path has the capability. */
function allows(process: Process, call: VaultCall): boolean {
  const text = readFileSync(`${import.meta.dirname}/policies/${POLICIES[process]}.hcl`, 'utf8');
  const rules = text.matchAll(/^path "([^"]+)" \{ capabilities = \["(\w+)"\] \}$/gm);
  return [...rules].some(
    ([, path, may]) => path === `transit/${call.path}` && may === CAPABILITY[call.method],
  );
}

describe('#32 the Vault policies of the processes', () => {
  let vault: FakeVault;
  const purposes = ['call', 'webhook', 'login'];
  beforeAll(async () => {
    vault = await FakeVault.start(purposes.map((purpose) => `claviger-${purpose}`));
    vault.policy = (call) =>
      call.token === 'arrange' || (call.token in POLICIES && allows(call.token as Process, call));
  });
  afterAll(() => vault.stop());

  async function ask(token: string, path: string, body?: object) {
    const response = await fetch(`${vault.url}/v1/transit/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'x-vault-token': token },
      body: body && JSON.stringify(body),
    });
    const answer: { data?: { ciphertext?: string } } = JSON.parse(await response.text());
    return { status: response.status, ciphertext: answer.data?.ciphertext };
  }

  /** Tries every operation on the key of a purpose and names those that went through. */
  async function can(process: Process, purpose: string): Promise<string[]> {
    const key = `claviger-${purpose}`;
    const context = Buffer.from('context').toString('base64');
    const { ciphertext } = await ask('arrange', `datakey/plaintext/${key}`, { context });
    const operations = ['datakey/plaintext', 'decrypt', 'rewrap'];
    const answers = await Promise.all([
      ...operations.map((operation) => ask(process, `${operation}/${key}`, { context, ciphertext })),
      ask(process, `keys/${key}`),
    ]);
    return [...operations, 'read'].filter((_, at) => answers[at]?.status === 200);
  }

  it('let each process do its own thing and no other, purpose by purpose', async () => {
    const matrix = async (process: Process) => Promise.all(purposes.map((purpose) => can(process, purpose)));
    expect(await matrix('api')).toEqual(Array(3).fill(['datakey/plaintext', 'read']));
    expect(await matrix('engine')).toEqual([['decrypt'], [], []]);
    const moves = ['rewrap', 'read'];
    expect(await matrix('worker')).toEqual([moves, ['decrypt', ...moves], moves]);
  });
});
