import { defineConfig } from 'prisma/config';

// The URL is never dialled: only `generate`, `validate` and `format` run, and migrations are plain SQL (ADR 0002).
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: 'postgresql://unused@localhost/unused' },
});
