import { startFakeUpstream, startTestDatabase, type FakeUpstream, type TestDatabase } from '#lib/testing';
import { makeKeyFiles } from '../support/key-files.js';
import { Person } from '../support/person.js';
import { startPlane, type PlaneProcess } from '../support/plane-process.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';

/** Both planes as processes of their own over one database, an operator, an OWNER, and a vendor that is none. */
export interface TwoPlanes {
  database: TestDatabase;
  upstream: FakeUpstream;
  engine: PlaneProcess;
  operator: Person;
  owner: Person;
  token: string;
  run(agent: object, accept?: string): Promise<Response>;
  engineModels(): Promise<{
    data: { id: string; provider: string }[];
    unavailable: { id: string; code: string }[];
    aliases: object[];
  }>;
  /** Adds a key and gives the workspace it and those that it had. */
  give(body: object): Promise<string>;
  stop(): Promise<void>;
}

/** @param ports further ports of this machine that may be called */
export async function startTwoPlanes(...ports: number[]): Promise<TwoPlanes> {
  const database = await startTestDatabase();
  const keyFiles = makeKeyFiles();
  const upstream = await startFakeUpstream();
  const allowed = [upstream.port, ...ports].map((port) => `http://127.0.0.1/32:${port}`);
  const egress = { CLAVIGER_EGRESS_ALLOW: allowed.join(',') };
  const engine = await startPlane('engine', {
    ...{ DATABASE_URL: database.engineUrl, ...keyFiles.engineEnv, ...egress },
  });
  const api = await startPlane('api', {
    ...{ DATABASE_URL: database.apiUrl, ...keyFiles.env, ...egress },
    ...{ CLAVIGER_ENGINE_INTERNAL_URL: engine.url, CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN },
  });
  const owner = await new Person(api.url).signUp('owner@example.test');
  const token = (await owner.post('/tokens', { name: 'flows', kind: 'engine' })).body.token as string;
  const internal = `${engine.url}/internal/v1/workspaces/${owner.workspaceId}`;
  const authorization = `Bearer ${token}`;
  let runs = 0;
  const assigned: string[] = [];
  return {
    ...{ database, upstream, engine, owner, token },
    operator: new Person(api.url).withToken(OPERATOR_TOKEN),
    run: (agent, accept = 'application/json') =>
      fetch(`${internal}/agent-runs`, {
        method: 'POST',
        headers: { authorization, accept, 'content-type': 'application/json' },
        body: JSON.stringify({ nodeExecutionId: `n-${(runs += 1)}`, agent }),
      }),
    engineModels: async () =>
      (await (await fetch(`${internal}/models`, { headers: { authorization } })).json()) as Awaited<
        ReturnType<TwoPlanes['engineModels']>
      >,
    give: async (body) => {
      const created = await owner.post('/ai-providers', body);
      if (created.status !== 201) throw new Error(JSON.stringify(created.body));
      assigned.push(created.body.id as string);
      const assignments = assigned.map((aiProviderId) => ({ aiProviderId }));
      await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments });
      return created.body.id as string;
    },
    stop: async () => {
      await api.stop();
      await engine.stop();
      await upstream.stop();
      await database.stop();
      keyFiles.remove();
    },
  };
}
