import { modelOfRequest, type RefRequest } from '#lib/testing';
import { bearer, type ResolutionStage } from './stage.js';
import type { MadeWorld } from './world-maker.js';

/** What one plane answered: its code, null when the call is served, and its sentence. */
export interface Told {
  code: string | null;
  detail: string | null;
  /** `aip_…` and model of the choice. */
  choice: string | null;
}

let runs = 0;

/** A real agent run, by the engine. */
export async function run(
  { engine, vendor }: ResolutionStage,
  { workspaceId, token, keyId }: MadeWorld,
  request: RefRequest,
): Promise<Told> {
  const { provider, surface, maxOutputTokens } = request;
  const tools = request.tools.map(({ name, kind }) => ({
    ...{ type: kind, name, description: 'A tool.', inputSchema: { type: 'object', properties: {} } },
    ...(kind === 'http' && { method: 'GET', url: `http://127.0.0.1:${vendor.port}/tool` }),
  }));
  const agent = {
    model: modelOfRequest(request, keyId),
    provider,
    surface,
    maxOutputTokens,
    tools,
    prompt: 'Hello.',
  };
  const url = `${engine.url}/internal/v1/workspaces/${workspaceId}/agent-runs`;
  const { status, body } = await bearer(url, token, { nodeExecutionId: `n-${(runs += 1)}`, agent });
  if (status !== 200) return { code: String(body['code']), detail: String(body['detail']), choice: null };
  const served = body['served'] as { aiProviderId: string; model: string };
  return { code: null, detail: null, choice: `${served.aiProviderId} ${served.model}` };
}

/** The same question, of the control plane. */
export async function resolve(
  { api }: ResolutionStage,
  { workspaceId, token, keyId }: MadeWorld,
  request: RefRequest,
): Promise<Told> {
  const { provider, surface, tools, maxOutputTokens } = request;
  const body = {
    ...{ model: modelOfRequest(request, keyId), provider, surface, maxOutputTokens },
    tools: tools.map(({ kind, name }) => ({ kind, name })),
  };
  const answer = await bearer(`${api.url}/api/v1/workspaces/${workspaceId}/resolve`, token, body);
  const { code, detail, choice } = answer.body as {
    code?: string;
    detail?: string;
    choice?: { aiProviderId: string; model: string };
  };
  return {
    code: code ?? null,
    detail: detail ?? null,
    choice: choice ? `${choice.aiProviderId} ${choice.model}` : null,
  };
}
