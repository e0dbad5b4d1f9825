import { existsSync } from 'node:fs';
import { defineConfig } from '@hey-api/openapi-ts';

/** The committed document; while a plane has none yet, the one that the build has just emitted. */
function document(plane: 'api' | 'engine'): string {
  const committed = `apps/${plane}/openapi.json`;
  return existsSync(committed) ? committed : `dist/openapi/${plane}.json`;
}

export default defineConfig([
  {
    input: document('api'),
    output: { path: 'apps/web/lib/generated/api', tsConfigPath: 'apps/web/tsconfig.json' },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  },
  {
    input: document('engine'),
    output: { path: 'apps/web/lib/generated/engine', tsConfigPath: 'apps/web/tsconfig.json' },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  },
]);
