import { randomUUID } from 'node:crypto';
import { NoticeStore, PgPool } from '#lib/persistence';
import type { Person } from './person.js';
import type { TestApi } from './test-api.js';

/** Writes the notices that are due, as the worker does once a minute. */
export async function writeDueNotices(api: TestApi, now: Date = new Date()): Promise<void> {
  const pool = new PgPool({ databaseUrl: api.database.workerUrl, max: 1 });
  try {
    const store = new NoticeStore(pool);
    for (const due of await store.dueExpiries(now, 100)) await store.add(due, now);
  } finally {
    await pool.close();
  }
}

/** The id of a notice to this OWNER: about a new key of theirs that ends in three days. */
export async function noticeTo(api: TestApi, owner: Person): Promise<string> {
  const expiresAt = new Date(Date.now() + 3 * 86_400_000).toISOString();
  const key = {
    name: `Ends soon ${randomUUID()}`,
    provider: 'openai',
    secret: 'sk-ends-soon-0123456789abcdef',
    expiresAt,
  };
  const { id } = (await owner.post('/ai-providers', key)).body;
  await writeDueNotices(api);
  const { data } = (await owner.get('/notices')).body;
  return data.find((notice: { subjectId: string }) => notice.subjectId === id).id;
}
