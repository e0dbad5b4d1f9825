import { toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';
import type { Installation } from '../series/installation.js';
import { ask, Person } from '../series/people.js';
import { kindOf } from './vendor.js';

/** A run that was accepted: whoever was told so relies on it. */
export interface Posted {
  id: string;
  prompt: string;
}

const SCHEMA = { inputSchema: { type: 'object', properties: {} }, description: 'Asks.' };
const BUDGETS = [
  { name: 'tokens', metric: 'total_tokens', max: 50_000_000 },
  { name: 'cost', metric: 'cost_micro_usd', max: 50_000_000_000 },
];

/** A workflow engine: one organization with budgets, one workspace, one token. */
export class Workflows {
  readonly posted: Posted[] = [];
  #numbers = 0;

  private constructor(
    readonly orgId: string,
    readonly workspaceId: string,
    private readonly headers: Record<string, string>,
    private readonly toolUrl: string,
  ) {}

  static async furnish({ api, upstream, tool }: Installation): Promise<Workflows> {
    const owner = await Person.signUp(api.url, 'workflows@prove.test');
    const { id: workspaceId } = await owner.make('/workspaces', { name: 'Workflows' });
    const baseUrl = upstream.baseUrls.openai;
    const key = { name: 'Key', provider: 'openai', secret: 'sk-prove-runs-0123456789abcdef', baseUrl };
    const { id: aiProviderId } = await owner.make('/ai-providers', key);
    const path = `/workspaces/${workspaceId}/ai-providers`;
    await owner.ok('PUT', path, { assignments: [{ aiProviderId }] });
    const { token } = await owner.make('/tokens', { name: 'Workflows', kind: 'engine' });
    const scope = { type: 'organization' };
    for (const budget of BUDGETS)
      await owner.make('/quotas', { window: 'month', mode: 'enforce', scope, ...budget });
    const headers = { authorization: `Bearer ${token}` };
    return new Workflows(owner.orgId, workspaceId, headers, tool.url);
  }

  /** What the next run of this kind is asked; never the same twice. */
  prompt(kind: string): string {
    return `${kind} ${(this.#numbers += 1)}`;
  }

  /** Posts a run that nobody waits for. Throws when the process dies before it has said that the run is accepted. */
  async post(engine: string, prompt: string): Promise<Posted> {
    const body = { nodeExecutionId: prompt, agent: this.#agent(prompt) };
    const headers = { ...this.headers, prefer: 'respond-async' };
    const answer = await ask('POST', this.#url(engine, ''), headers, body);
    // Over by the time that the same was asked again: answered as it ended.
    if (answer.status !== 202 && answer.status !== 200) throw new Refused(answer.status, answer.body);
    const posted = { id: String(answer.body['id'] ?? answer.body['runId']), prompt };
    if (!this.posted.some(({ id }) => id === posted.id)) this.posted.push(posted);
    return posted;
  }

  /** A run that is waited for, asked until it is let in. Answers its id: it is the process's that was asked. */
  async begin(engine: string): Promise<string> {
    for (;;) {
      const prompt = this.prompt('quick');
      const body = { nodeExecutionId: prompt, agent: this.#agent(prompt) };
      const answer = await ask('POST', this.#url(engine, ''), this.headers, body);
      if (answer.status === 200) return String(answer.body['id']);
      if (answer.status !== 503) throw new Refused(answer.status, answer.body);
    }
  }

  async cancel(engine: string, runId: string): Promise<void> {
    await ask('POST', this.#url(engine, `/${runId}/cancel`), this.headers);
  }

  /** Brings what a paused run waits for. */
  async bring(db: PgPool, engine: string, runId: string): Promise<void> {
    const { rows } = await db.query<{ id: string }>(
      `SELECT c ->> 'toolCallId' AS id FROM agent_runs, jsonb_path_query(result, '$.steps[*].toolCalls[*]') AS c WHERE id = $1`,
      [toUuid(runId)],
    );
    const outputs = rows.map(({ id }) => ({ toolCallId: id, output: { said: 'yes' } }));
    const headers = { ...this.headers, prefer: 'respond-async' };
    const answer = await ask('POST', this.#url(engine, `/${runId}/tool-outputs`), headers, { outputs });
    if (answer.status !== 202) throw new Refused(answer.status, answer.body);
  }

  #agent(prompt: string): object {
    const kind = kindOf(prompt);
    const http = { type: 'http', name: 'wait', method: 'GET', url: this.toolUrl, ...SCHEMA };
    const client = { type: 'client', name: 'ask', ...SCHEMA };
    const tools = kind === 'tool' ? [http] : kind === 'ask' ? [client] : [];
    return { model: 'gpt-4.1-mini', prompt, tools, maxOutputTokens: 60, maxSteps: 4 };
  }

  #url(engine: string, path: string): string {
    return `${engine}/internal/v1/workspaces/${this.workspaceId}/agent-runs${path}`;
  }
}

/** The engine answered, and not with a run. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    body: Record<string, unknown>,
  ) {
    super(`${status} ${JSON.stringify(body)}`);
  }
}
