import { PgPool } from '#lib/persistence';
import {
  makeKeyFiles,
  REF_PRICE,
  REF_VENDORS,
  startTestDatabase,
  type RefVendor,
  type TestDatabase,
} from '#lib/testing';
import { ask, Person } from '../series/people.js';
import { startProcess, type RunningProcess } from '../series/processes.js';
import { startVendor, type NotingVendor } from './vendor.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';

/** Both planes as processes over one database, with the vendors of the reference model in the platform tier. */
export interface ResolutionStage {
  api: RunningProcess;
  engine: RunningProcess;
  vendor: NotingVendor;
  /** Behind the walls: what no interface can arrange. */
  db: PgPool;
  operator: Person;
  /** The vendors that are off in the worlds: only once they are made, as nobody is given a key of theirs later. */
  switchOff(): Promise<void>;
  stop(): Promise<void>;
}

/** @param build the folder of the built code */
export async function startResolutionStage(build?: string): Promise<ResolutionStage> {
  const database: TestDatabase = await startTestDatabase();
  const keyFiles = makeKeyFiles();
  const vendor = await startVendor();
  const egress = { CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${vendor.port}` };
  const engine = await startProcess(
    'engine',
    {
      ...{ DATABASE_URL: database.engineUrl, ...keyFiles.engineEnv, ...egress },
    },
    build,
  );
  const api = await startProcess(
    'api',
    {
      ...{ DATABASE_URL: database.apiUrl, ...keyFiles.env, ...egress },
      ...{ CLAVIGER_ENGINE_INTERNAL_URL: engine.url, CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN },
      CLAVIGER_AUTH_THROTTLE: 'off',
    },
    build,
  );
  const db = new PgPool({ databaseUrl: database.superuserUrl, max: 4 });
  const base = vendor.baseUrl('nobody');
  const operator = new Person(api.url, { authorization: `Bearer ${OPERATOR_TOKEN}` }, '');
  const put = (vendor: RefVendor, enabled: boolean) =>
    operator.ok('PUT', `/platform/providers/${vendor.slug}`, recordOf(vendor, base, enabled));
  for (const record of REF_VENDORS) await put(record, true);
  return {
    ...{ api, engine, vendor, db, operator },
    switchOff: async () => {
      for (const record of REF_VENDORS) if (record.off) await put(record, false);
    },
    stop: async () => {
      await api.stop();
      await engine.stop();
      await db.close();
      await vendor.stop();
      await database.stop();
      keyFiles.remove();
    },
  };
}

function recordOf(vendor: RefVendor, baseUrl: string, enabled: boolean): object {
  const { slug, defaultModel, surfaces, takesAny, needsSecret, models } = vendor;
  return {
    ...{ name: slug, protocol: 'openai', baseUrl, acceptsBaseUrl: true, enabled },
    credential: { kind: needsSecret ? 'key' : 'optional_key' },
    ...(defaultModel !== null && { defaultModel }),
    ...{ surfaces, openModels: takesAny },
    models: models.map(({ id, tools, retired, priced }) => ({
      ...{ id, capabilities: { tools } },
      ...(priced && { price: REF_PRICE }),
      ...(retired && { lifecycle: 'retired', replacement: 'a-large' }),
    })),
  };
}

/** One call of a plane with a bearer token. */
export function bearer(url: string, token: string, body: object): ReturnType<typeof ask> {
  return ask('POST', url, { authorization: `Bearer ${token}` }, body);
}
