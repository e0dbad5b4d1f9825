import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ERROR_CODES } from '#lib/contracts';
import { dumpRoutes } from './route-dump.js';

export interface DocumentInfo {
  title: string;
  description: string;
  version: string;
}

/**
 * The OpenAPI 3.1 document of an application: its controllers, and the raw routes that carry `config.openapi`.
 * Keys are sorted, so that equal code gives an equal file. Needs no database: the application may be a preview.
 */
export function buildOpenApi(app: INestApplication, info: DocumentInfo): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(info.title)
    .setDescription(info.description)
    .setVersion(info.version)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A clv_… token.' }, 'token')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'CLAVIGER_OPERATOR_TOKEN.' }, 'operator')
    .addCookieAuth(
      'claviger_session',
      { type: 'apiKey', in: 'cookie', description: 'With X-CSRF-Token on writes.' },
      'session',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) =>
      `${lowerFirst(controller.replace(/Controller$/, ''))}.${method}`,
  });
  addRawRoutes(app, document);
  addProblems(document);
  return sorted(document) as OpenAPIObject;
}

/** The document as it is committed: two spaces, one newline at the end. */
export function printOpenApi(document: OpenAPIObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function addRawRoutes(app: INestApplication, document: OpenAPIObject): void {
  const fastify = (app as NestFastifyApplication).getHttpAdapter().getInstance();
  for (const { method, path, config } of dumpRoutes(fastify)) {
    if (!config.openapi) continue;
    const marks = config.public ? { 'x-public': true } : { 'x-permission': config.permission };
    const item = (document.paths[path] ??= {}) as Record<string, unknown>;
    item[method.toLowerCase()] = { responses: {}, ...config.openapi, ...marks };
  }
}

/** Every operation may answer with a problem: said once, as the default response. */
function addProblems(document: OpenAPIObject): void {
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema() },
  };
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item as Record<string, { responses?: Record<string, unknown> }>)) {
      operation.responses = {
        ...operation.responses,
        default: { description: 'A problem (RFC 9457).', content },
      };
    }
  }
}

function problemSchema() {
  const text = { type: 'string' } as const;
  return {
    type: 'object' as const,
    required: ['type', 'title', 'status', 'instance', 'code', 'requestId'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' as const },
      detail: text,
      instance: text,
      code: { type: 'string' as const, enum: [...ERROR_CODES] },
      requestId: text,
      errors: {
        type: 'array' as const,
        items: {
          type: 'object' as const,
          required: ['pointer', 'detail'],
          properties: { pointer: text, detail: text },
        },
      },
    },
    additionalProperties: true,
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]),
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
