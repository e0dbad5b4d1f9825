import { startFakeUpstream, startTestDatabase, type FakeUpstream, type TestDatabase } from '#lib/testing';
import { makeKeyFiles, type KeyFiles } from './key-files.js';
import { Person } from './person.js';
import { startPlane, type PlaneProcess } from './plane-process.js';

/** Both planes as processes of their own over one fresh database, and a vendor that they may reach. */
export interface BothPlanes {
  database: TestDatabase;
  upstream: FakeUpstream;
  engine: PlaneProcess;
  api: PlaneProcess;
  /** An OWNER whose workspace has one OpenAI key, which calls the fake vendor. */
  owner: Person;
  aiProviderId: string;
  keyFiles: KeyFiles;
  /** Where tenants' URLs may lead, as each process is told. */
  egress: Record<string, string>;
  /** Runs an agent with a token, as a workflow engine does. */
  run<Answer extends object>(
    token: string,
    workspaceId?: string,
    more?: object,
  ): Promise<Answer & { httpStatus: number }>;
  stop(): Promise<void>;
}

/** Starts both planes from the build, with a key that holds `secret`. `ports`: of this machine, which tenants' URLs may reach too. */
export async function startBothPlanes(secret: string, ports: readonly number[] = []): Promise<BothPlanes> {
  const database = await startTestDatabase();
  const keyFiles = makeKeyFiles();
  const upstream = await startFakeUpstream();
  const listed = [upstream.port, ...ports].map((port) => `http://127.0.0.1/32:${port}`);
  const egress = { CLAVIGER_EGRESS_ALLOW: listed.join() };
  const engine = await startPlane('engine', {
    DATABASE_URL: database.engineUrl,
    ...keyFiles.engineEnv,
    ...egress,
  });
  const api = await startPlane('api', {
    DATABASE_URL: database.apiUrl,
    CLAVIGER_ENGINE_INTERNAL_URL: engine.url,
    ...keyFiles.env,
    ...egress,
  });
  const owner = await new Person(api.url).signUp('owner@example.test');
  const key = { name: 'K', provider: 'openai', secret, baseUrl: upstream.baseUrls.openai };
  const aiProviderId: string = (await owner.post('/ai-providers', key)).body.id;
  const assignments = [{ aiProviderId }];
  await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments });
  let runs = 0;
  return {
    ...{ database, upstream, engine, api, owner, aiProviderId, keyFiles, egress },
    run: async <Answer extends object>(token: string, workspaceId = owner.workspaceId, more: object = {}) => {
      const body = { nodeExecutionId: `n-${(runs += 1)}`, agent: { prompt: 'Say hello.' }, ...more };
      const response = await fetch(`${engine.url}/internal/v1/workspaces/${workspaceId}/agent-runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { ...((await response.json()) as Answer), httpStatus: response.status };
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
