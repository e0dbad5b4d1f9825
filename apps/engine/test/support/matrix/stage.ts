import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signTicket } from '#lib/access';
import { fromUuid, newId, toUuid } from '#lib/kernel';
import {
  fillPath,
  readOperations,
  type Due,
  type IdMatrix,
  type IdPlace,
  type MatrixDocument,
  type MatrixOperation,
} from '#lib/testing';
import { startStage, type Stage } from '../stage.js';
import { furnish, outsider, type House, type Kind, type Member } from './house.js';

/** What a workflow engine calls its own things: no ids of ours. */
const FOREIGN_TERMS = ['nodeExecutionId', 'workflowId', '/nodeExecutionId', '/workflow/id', '/userId'];
/** Tool calls have the ids that models and callers give them. */
const CALLS = [
  '/outputs/0/toolCallId',
  '/agent/messages/0/toolCalls/0/toolCallId',
  '/agent/messages/0/content/0/toolCallId',
];
/** The operations that are meant to be open to the token guard: a ticket of the control plane lets in there. */
export const OPEN = [
  'keyActions.listModels',
  'keyActions.test',
  'livez',
  'openApi.get',
  'ownKms.check',
  'readyz',
];

/** A body that passes validation, for every operation that takes one. */
const SAMPLES: Record<string, object> = {
  'agentRuns.create': { nodeExecutionId: 'matrix', agent: { model: 'gpt-4.1-mini', prompt: 'Hi.' } },
  'compare.run': { models: ['gpt-4.1-mini', 'gpt-4.1'], agent: { prompt: 'Hi.' } },
  'runPauses.approve': { approve: true },
  'runPauses.bring': { outputs: [{ toolCallId: 'call_1', output: 'yes' }] },
};

export function sampleBody({ id, hasBody }: MatrixOperation): object | undefined {
  if (!hasBody) return undefined;
  const sample = SAMPLES[id];
  if (!sample) throw new Error(`give ${id} a sample body in apps/engine/test/support/matrix/stage.ts`);
  return sample;
}

/** The committed document of the execution plane. */
export function committedDocument(): MatrixDocument {
  const file = join(import.meta.dirname, '../../../openapi.json');
  return JSON.parse(readFileSync(file, 'utf8')) as MatrixDocument;
}

/** Operations whose token says the workspace and whose errors take a vendor's shape: compatible-walls.e2e-spec.ts is their matrix. */
const COMPATIBLE = /^(openai|anthropic|gemini)\./;

export function committedOperations(): MatrixOperation[] {
  return readOperations(committedDocument(), [...FOREIGN_TERMS, ...CALLS]);
}

/** One engine with two furnished organizations and everybody who could call. */
export interface MatrixStage {
  stage: Stage;
  url: string;
  houses: [House, House];
  callers: Member[];
  operations: MatrixOperation[];
}

export async function startMatrix(): Promise<MatrixStage> {
  const stage = await startStage();
  const houses: [House, House] = [await furnish(stage, 'ours'), await furnish(stage, 'theirs')];
  const ticket = signTicket(
    {
      ...{
        orgId: houses[0].tenant.orgId,
        userId: houses[0].tenant.owner.userId,
        aiProviderId: houses[0].ids.aip,
      },
      ...{ action: 'test', expiresAt: Math.floor(Date.now() / 1_000) + 30 },
    },
    stage.ticketPrivateKeyPem,
  );
  const nobodies = [
    outsider('nobody'),
    outsider('a guess', { authorization: `Bearer ${'x'.repeat(80)}` }),
    outsider('a control plane’s ticket', { authorization: `Bearer ${ticket}` }),
  ];
  const callers = [...houses.flatMap(({ members }) => members), ...nobodies];
  return {
    stage,
    url: stage.url,
    houses,
    callers,
    operations: committedOperations().filter(({ id }) => !COMPATIBLE.test(id)),
  };
}

export function ownId({ house }: Member, { kind }: Pick<IdPlace, 'kind'>): string {
  return house?.ids[kind as Kind] ?? newId(kind);
}

const mayNot = ({ rights }: Member, { permission }: MatrixOperation) => !rights.has(permission ?? '');
const seesOwn = ({ walled, house }: Member) => house !== null && !walled.includes(house.ids.ws);

/** The refusal that is due in the caller's own workspace. */
export function due(caller: Member, operation: MatrixOperation): Due {
  if (operation.open) return null;
  if (caller.stranger) return [401, 'unauthenticated'];
  if (!seesOwn(caller)) return [404, 'not_found'];
  return mayNot(caller, operation) ? [403, 'forbidden'] : null;
}

/** A call in the caller's own workspace, on its own run. */
export function realCall(caller: Member, operation: MatrixOperation) {
  return {
    method: operation.method,
    path: fillPath(operation, (place) => ownId(caller, place)),
    body: sampleBody(operation),
  };
}

export function idMatrix({ url, operations, callers, houses }: MatrixStage): IdMatrix<Member> {
  function strange(caller: Member, _: MatrixOperation, { kind, spelling }: IdPlace): Record<string, string> {
    const theirs = houses.find((house) => house !== caller.house) ?? houses[0];
    const foreign = { 'a foreign': theirs.ids[kind as Kind] };
    if (spelling !== '*') return foreign;
    const buried = kind as 'ws' | 'run' | 'mcp' | 'apv';
    const walled = kind === 'ws' ? caller.walled : [];
    return {
      ...foreign,
      'a foreign deleted': theirs.dead[buried],
      ...(caller.house && { 'a deleted': caller.house.dead[buried] }),
      ...Object.fromEntries(walled.map((id, index) => [`a walled (${index})`, id])),
      'another kind’s': caller.house?.ids.tok ?? newId('tok'),
      'another kind’s, under the right prefix,': fromUuid(kind, toUuid(theirs.ids.tok)),
      'a malformed': 'nonsense',
      'an empty': `${kind}_`,
      'a tricky': `${newId(kind)}' OR '1'='1`,
    };
  }
  return {
    url,
    operations,
    callers,
    unknown: ({ kind }) => newId(kind),
    own: ownId,
    strange,
    due: (caller, operation, { kind, spelling }) => {
      if (caller.stranger) return 401;
      // A workspace that is not theirs is not there, whatever they may.
      if (kind === 'ws' || !seesOwn(caller)) return 404;
      if (mayNot(caller, operation)) return 403;
      return spelling === '*' ? 404 : null;
    },
    body: (operation, caller) => withServer(sampleBody(operation), ownId(caller, { kind: 'mcp' })),
  };
}

/** A run that brings an MCP server of the caller's own: what is put in its place is another. */
function withServer(body: object | undefined, serverId: string): object | undefined {
  if (!body || !('agent' in body)) return body;
  return { ...body, agent: { ...(body.agent as object), tools: [{ type: 'mcp', serverId }] } };
}
