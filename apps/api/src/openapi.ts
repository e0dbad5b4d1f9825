import { writeFileSync } from 'node:fs';
import { loadApiConfig } from '#lib/config';
import { buildOpenApi, printOpenApi } from '#lib/http';
import { createApp } from './create-app.js';
import { API_DOCUMENT } from './document-info.js';

// Writes the OpenAPI document to the file named, or to standard output. Needs no database and no settings: the
// application is only previewed.
const config = loadApiConfig({
  DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
  CLAVIGER_TICKET_PRIVATE_KEY: '/nonexistent',
  CLAVIGER_FINGERPRINT_PEPPER: '/nonexistent',
  CLAVIGER_KMS_PUBLIC_KEYSET: '/nonexistent',
  CLAVIGER_LOG_LEVEL: 'silent',
});
const text = printOpenApi(buildOpenApi(await createApp(config, { preview: true }), API_DOCUMENT));
const file = process.argv[2];
if (file) writeFileSync(file, text);
else process.stdout.write(text);
