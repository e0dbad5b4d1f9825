import { writeFileSync } from 'node:fs';
import { loadEngineConfig } from '#lib/config';
import { buildOpenApi, printOpenApi } from '#lib/http';
import { createApp } from './create-app.js';
import { ENGINE_DOCUMENT } from './document-info.js';

// Writes the OpenAPI document to the file named, or to standard output. Needs no database and no settings: the
// application is only previewed.
const config = loadEngineConfig({
  DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
  CLAVIGER_TICKET_PUBLIC_KEY: '/nonexistent',
  CLAVIGER_KMS_PRIVATE_KEYSET: '/nonexistent',
  CLAVIGER_LOG_LEVEL: 'silent',
});
const text = printOpenApi(buildOpenApi(await createApp(config, { preview: true }), ENGINE_DOCUMENT));
const file = process.argv[2];
if (file) writeFileSync(file, text);
else process.stdout.write(text);
