import { newId, newUuid, toUuid, type IdPrefix } from '#lib/kernel';
import type { Caller } from '#lib/testing';
import { NOTHING_YET } from '../../../src/agent-runs/run-row.js';
import type { Stage } from '../stage.js';
import type { Tenant } from '../tenants.js';

/** The kinds of rows that the engine's interface takes ids of, and one that it does not. */
export type Kind = Extract<IdPrefix, 'ws' | 'run' | 'aip' | 'mcp' | 'whk' | 'tok' | 'apv'>;

/** A caller of the matrices, with what is due to them. */
export interface Member extends Caller {
  rights: ReadonlySet<string>;
  /** 401 whatever they ask. */
  stranger: boolean;
  /** Workspaces of their own organization that they may not know of. */
  walled: readonly string[];
  house: House | null;
}

/** An organization with a workspace, a key, runs, and everybody who could call the engine for it. */
export interface House {
  name: string;
  tenant: Tenant;
  ids: Record<Kind, string>;
  dead: Record<'ws' | 'run' | 'mcp' | 'whk' | 'apv', string>;
  secondWorkspace: string;
  members: Member[];
  /** What would give this organization's rows away in somebody else's answer. */
  marks: string[];
}

const READ = ['workspaces:ListModels', 'agentRuns:GetAgentRun', 'agentRuns:ListAgentRuns'];
const RUN = [...READ, 'agentRuns:CreateAgentRun', 'agentRuns:CancelAgentRun', 'agentRuns:ApproveAgentRun'];
const MODELS = ['workspaces:ListModels'];

/** Writes an organization as the control plane would. */
export async function furnish(stage: Stage, name: string): Promise<House> {
  const { tenants, db } = stage;
  const tenant = await tenants.create();
  const { orgId, workspaceId, owner } = tenant;
  const org = toUuid(orgId);
  const secondWorkspace = await tenants.workspace(orgId);
  const buried = await tenants.workspace(orgId);
  await db.query('DELETE FROM workspaces WHERE org_id = $1 AND id = $2', [org, toUuid(buried)]);
  const [apv, deadApproval] = [newId('apv'), newId('apv')];
  const addRun = async (workspace: string, approval = newId('apv')): Promise<string> => {
    const id = newId('run');
    await db.query(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, result)
       VALUES ($1, $2, $3, $4, '\\x00', $5, 'succeeded', $6)`,
      [
        ...[org, toUuid(id), toUuid(workspace), `${name}-${newUuid()}`, owner.userId],
        JSON.stringify(withCall(approval)),
      ],
    );
    return id;
  };
  const [run, deadRun, secondRun] = [
    await addRun(workspaceId, apv),
    await addRun(workspaceId, deadApproval),
    await addRun(secondWorkspace),
  ];
  await db.query('DELETE FROM agent_runs WHERE org_id = $1 AND id = $2', [org, toUuid(deadRun)]);
  const aip = await tenants.key(tenant, {
    provider: 'openai',
    secret: `sk-${name}-0123456789abcdef`,
    baseUrl: stage.upstream.baseUrls.openai,
  });
  const url = `${stage.tools.url}/mcp`;
  const mcp = await tenants.mcpServer(tenant, { name: `${name}-mcp`, url });
  const deadServer = await tenants.mcpServer(tenant, { name: `${name}-gone`, url, assign: false });
  await db.query('DELETE FROM mcp_servers WHERE org_id = $1 AND id = $2', [org, toUuid(deadServer)]);
  const addWebhook = async (): Promise<string> => {
    const [id, secret] = [newId('whk'), newUuid()];
    await db.query(
      `INSERT INTO secrets (org_id, id, name, purpose, mask, current_version) VALUES ($1, $2, $3, 'webhook', '…', 1)`,
      [org, secret, `${name}-${secret}`],
    );
    await db.query(
      `INSERT INTO webhooks (org_id, id, name, url, events, secret_id, created_by)
       VALUES ($1, $2, $3, 'https://1.1.1.1/hook', '{run.failed}', $4, $5)`,
      [org, toUuid(id), `${name}-${secret}`, secret, toUuid(owner.userId)],
    );
    return id;
  };
  const [whk, deadWebhook] = [await addWebhook(), await addWebhook()];
  await db.query('DELETE FROM webhooks WHERE org_id = $1 AND id = $2', [org, toUuid(deadWebhook)]);
  const ids = { ws: workspaceId, run, aip, mcp, whk, tok: tenant.tokenId, apv };
  const dead = { ws: buried, run: deadRun, mcp: deadServer, whk: deadWebhook, apv: deadApproval };
  const house: House = { name, tenant, ids, dead, secondWorkspace, members: [], marks: [] };
  house.marks = [...Object.values(ids), secondRun, secondWorkspace, `${name}-`];
  house.members = await people(stage, house);
  return house;
}

/** The result of a run that is over, with a call that nobody approved in time. */
function withCall(approval: string): object {
  const undecided = { status: 'pending', reason: null, decidedBy: null, decidedAt: null };
  const call = {
    ...{ toolCallId: 'call_1', name: 'pay', input: {}, output: null, error: null },
    approval: { id: approval, kind: 'http', mcp: null, ...undecided },
  };
  const step = { step: 1, text: '', toolCalls: [call], finishReason: 'tool-calls', usage: NOTHING_YET.usage };
  return { ...NOTHING_YET, steps: [step] };
}

async function people(stage: Stage, house: House): Promise<Member[]> {
  const { tenants, db } = stage;
  const { name, tenant, ids, secondWorkspace } = house;
  const { orgId, workspaceId, owner } = tenant;
  const as = (
    who: string,
    headers: Record<string, string>,
    rights: string[],
    walled: string[] = [],
  ): Member => ({
    ...{ name: `${name}’s ${who}`, headers, walled, house },
    rights: new Set(rights),
    stranger: false,
  });
  const session = async (person: typeof owner) => {
    const { cookie, csrf } = await tenants.session(orgId, person);
    return { cookie, 'x-csrf-token': csrf };
  };
  const bearer = async (
    kind: 'api' | 'engine' | 'workspace',
    workspace: string | null = null,
    issuer = owner,
  ) => {
    const { token } = await tenants.token(orgId, issuer, kind, workspace);
    return { authorization: `Bearer ${token}` };
  };
  const [admin, member, joined, editor] = [
    await tenants.person(orgId, 'ADMIN'),
    await tenants.person(orgId, 'MEMBER'),
    await tenants.person(orgId, 'MEMBER'),
    await tenants.person(orgId, 'MEMBER'),
  ];
  await tenants.grant(orgId, workspaceId, joined, false);
  await tenants.grant(orgId, workspaceId, editor, true);
  const ended = async (what: string, set: string): Promise<Member> => {
    const { tokenId, token } = await tenants.token(orgId, owner);
    await db.query(`UPDATE tokens SET ${set} WHERE id = $1`, [toUuid(tokenId)]);
    return { ...as(what, { authorization: `Bearer ${token}` }, []), stranger: true };
  };
  const past = await session(owner);
  await db.query(`UPDATE sessions SET expires_at = now() - interval '1 s' WHERE user_id = $1`, [
    toUuid(owner.userId),
  ]);
  return [
    as('OWNER', await session(owner), RUN),
    as('ADMIN', await session(admin), RUN),
    as('MEMBER who joined nothing', await session(member), READ, [ids.ws, secondWorkspace]),
    as('MEMBER who joined without grants', await session(joined), READ, [secondWorkspace]),
    as('MEMBER with every grant', await session(editor), RUN, [secondWorkspace]),
    as('engine token', await bearer('engine'), RUN),
    as('engine token of one workspace', await bearer('engine', workspaceId), RUN, [secondWorkspace]),
    as('api token', await bearer('api'), MODELS),
    as('api token of one workspace', await bearer('api', workspaceId), MODELS, [secondWorkspace]),
    as('workspace token', await bearer('workspace', workspaceId), MODELS, [secondWorkspace]),
    // Their owner is a MEMBER by now who joined nothing. What the token was made for is refused with the reason, the rest is not there.
    as('engine token of a demoted owner', await bearer('engine', null, member), []),
    as(
      'engine token of one workspace, of a demoted owner',
      await bearer('engine', workspaceId, member),
      [],
      [secondWorkspace],
    ),
    as(
      'workspace token of a demoted owner',
      await bearer('workspace', workspaceId, member),
      [],
      [secondWorkspace],
    ),
    as('api token of a demoted owner', await bearer('api', null, member), [], [ids.ws, secondWorkspace]),
    await ended('revoked token', 'revoked_at = now()'),
    await ended('expired token', `expires_at = now() - interval '1 s'`),
    { ...as('ended session', past, []), stranger: true },
  ];
}

/** Somebody outside of every organization. */
export function outsider(name: string, headers: Record<string, string> = {}): Member {
  return { name, headers, rights: new Set(), stranger: true, walled: [], house: null };
}
