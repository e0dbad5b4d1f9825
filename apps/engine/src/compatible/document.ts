import type { WireName, WireOperation } from './wire.js';

const TAG = 'compatible endpoints';
const SECURITY = [{ token: [] }];

/** The operation object of a call in the OpenAPI document. What a body may have is the vendor's to say. */
export function callDocument(
  { id, wire }: WireOperation,
  summary: string,
  path: string,
): Record<string, unknown> {
  const named = ['pin', 'model'].filter((name) => path.includes(`:${name}(`));
  return {
    operationId: named.includes('pin') ? `${id}Pinned` : id,
    summary: `${summary}, with a workspace token`,
    description: `Bodies, answers and errors are those of ${NAMES[wire]}. A key of another protocol is translated for; what cannot be is a 422.`,
    tags: [TAG],
    security: SECURITY,
    ...(named.length > 0 && {
      parameters: named.map((name) => ({ in: 'path', name, required: true, schema: { type: 'string' } })),
    }),
    requestBody: { required: true, content: json({ type: 'object', additionalProperties: true }) },
    responses: {
      200: { description: 'The vendor’s own answer, whole or as server-sent events.', content: json({}) },
    },
  };
}

export function listDocument(id: string, wire: WireName): Record<string, unknown> {
  return {
    operationId: id,
    summary: `The models that the token’s workspace may use, as ${NAMES[wire]} lists models`,
    tags: [TAG],
    security: SECURITY,
    responses: {
      200: { description: 'The list.', content: json({ type: 'object', additionalProperties: true }) },
    },
  };
}

const NAMES: Record<WireName, string> = { openai: 'OpenAI', anthropic: 'Anthropic', gemini: 'Google' };

function json(schema: object) {
  return { 'application/json': { schema } };
}
