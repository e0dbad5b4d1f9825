import { ask, Person } from '../../prove/series/people.js';
import { MODEL, VENDOR_KEY } from '../load/shapes.js';

/** Policies that a governed call passes: of the kinds that every call is judged by. */
const POLICY = {
  name: 'what may be used',
  scope: { type: 'organization' },
  severity: 'HIGH',
  rules: [
    { type: 'providers', allow: ['openai'] },
    { type: 'models', allow: ['gpt-4.1*'] },
    { type: 'max_output_tokens', max: 4_096 },
  ],
};
/** Limits that are counted for every call and that the load does not reach. */
const LIMITS = { rpm: 100_000_000, tpm: 1_000_000_000 };

/** The organization whose calls are measured, made by the control plane. */
export class Tenancy {
  #made = 0;

  private constructor(
    private readonly owner: Person,
    private readonly upstream: string,
  ) {}

  static async make(api: string, upstream: string): Promise<Tenancy> {
    const owner = await Person.signUp(api, 'owner@bench.test');
    await owner.make('/policies', POLICY);
    return new Tenancy(owner, upstream);
  }

  /** A workspace with a key of its own, under limits; answers the token that its applications call with. */
  async application(): Promise<string> {
    const name = `application ${(this.#made += 1)}`;
    const { owner } = this;
    const { id: workspaceId } = await owner.make('/workspaces', { name });
    const settings = { provider: 'openai', secret: VENDOR_KEY, baseUrl: this.upstream, limits: LIMITS };
    const { id: aiProviderId } = await owner.make('/ai-providers', { name, ...settings });
    await owner.ok('PUT', `/workspaces/${workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId, priority: 0 }],
    });
    const { token } = await owner.make('/tokens', { name, kind: 'workspace', workspaceId, limits: LIMITS });
    return token;
  }
}

/** One call, for whoever wants to see that it works before it is measured. Throws with the answer. */
export async function tryCall(engine: string, token: string): Promise<void> {
  const body = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };
  const headers = { authorization: `Bearer ${token}` };
  const answer = await ask('POST', `${engine}/v1/chat/completions`, headers, body);
  if (answer.status !== 200) throw new Error(`the engine answers ${JSON.stringify(answer)}`);
}
