import { toUuid, type IdPrefix } from '#lib/kernel';
import type { Caller } from '#lib/testing';
import { withSuperuser } from '../members.js';
import { noticeTo } from '../notices.js';
import type { Person } from '../person.js';
import { addReceipt } from '../receipts.js';
import { addViolation } from '../violations.js';
import { joinAs, joinPending } from '../team.js';
import type { TestApi } from '../test-api.js';
import { RIGHTS, type RightsName } from './rights.js';
import { inDays } from '../times.js';

/** The kinds of rows that an organization has here. */
export type Kind = Extract<
  IdPrefix,
  | 'org'
  | 'usr'
  | 'mem'
  | 'ses'
  | 'inv'
  | 'ws'
  | 'aip'
  | 'sec'
  | 'tok'
  | 'ntc'
  | 'pol'
  | 'apv'
  | 'quo'
  | 'prc'
  | 'mcp'
  | 'whk'
  | 'dlv'
>;
export const KINDS: readonly Kind[] = [
  'org',
  'usr',
  'mem',
  'ses',
  'inv',
  'ws',
  'aip',
  'sec',
  'tok',
  'ntc',
  'pol',
  'apv',
  'quo',
  'prc',
  'mcp',
  'whk',
  'dlv',
];

/** A caller of the matrices, with what is due to them. */
export interface Member extends Caller {
  rights: ReadonlySet<string>;
  /** 401 whatever they ask. */
  stranger: boolean;
  /** The workspaces of their own organization that they may not know of. */
  walled: readonly string[];
  house: House | null;
}

/** An organization with a row of every kind, some that were deleted, and everybody who could call for it. */
export interface House {
  name: string;
  owner: Person;
  ids: Record<Kind, string>;
  /** Ids that were the organization's and are no longer; organizations and people are never deleted. */
  dead: Partial<Record<Kind, string>>;
  secondWorkspace: string;
  members: Member[];
  /** What would give this organization's rows away in somebody else's answer. */
  marks: string[];
}

const SECRET = 'sk-matrix-0123456789abcdef';
const ORIGINS = ['https://api.openai.com'];
const PRICE = { provider: 'openai', model: 'gpt-4.1', inputMicroUsdPerMTok: 1, outputMicroUsdPerMTok: 1 };
const MCP_URL = 'https://1.1.1.1/mcp';
const webhook = (name: string) => ({ name, url: 'https://1.1.1.1/hook', events: ['run.finished'] });
const quota = (name: string) => ({
  ...{ name, scope: { type: 'organization' }, metric: 'cost_micro_usd' },
  ...{ window: 'month', max: 1_000_000 },
});

/** Furnishes an organization over the API; only receipts and a passed expiry are written behind the walls. */
export async function furnish(api: TestApi, name: string): Promise<House> {
  const owner = await api.owner(name);
  const make = async (path: string, body: object): Promise<{ id: string; token: string }> => {
    const { status, body: made } = await owner.post(path, body);
    if (status !== 201) throw new Error(`${path} answered ${status}: ${JSON.stringify(made)}`);
    return made;
  };
  const [admin, member, joined, editor] = [
    await joinAs(api, owner, 'ADMIN'),
    await joinAs(api, owner, 'MEMBER'),
    await joinAs(api, owner, 'MEMBER'),
    await joinAs(api, owner, 'MEMBER'),
  ];
  const { person: pending } = await joinPending(api, owner, 'ADMIN');
  const grant = (who: Person, all: boolean) =>
    owner.put(`/workspaces/${owner.workspaceId}/members/${who.memberId}`, {
      ...{ canEdit: all, canDelete: all, canExecute: all },
    });
  await grant(joined, false);
  await grant(editor, true);
  const second = (await make('/workspaces', { name: `${name}-second` })).id;
  const ws = owner.workspaceId;
  const pol = (await make('/policies', policy(`${name}-policy`))).id;
  const whk = (await make('/webhooks', webhook(`${name}-webhook`))).id;
  const exception = { workspaceId: ws, reason: name, expiresAt: inDays(30) };
  const ids: Record<Kind, string> = {
    org: owner.orgId,
    usr: owner.userId,
    mem: member.memberId,
    ses: (await owner.get('/auth/sessions')).body.data[0].id,
    inv: (await make('/invites', {})).id,
    ws,
    aip: (await make('/ai-providers', { name: `${name}-key`, provider: 'openai', secret: SECRET + name })).id,
    sec: (await make('/secrets', { name: `${name}-secret`, secret: SECRET, origins: ORIGINS })).id,
    tok: (await make('/tokens', { name: `${name}-token`, kind: 'api' })).id,
    ntc: await noticeTo(api, owner),
    pol,
    apv: (await make(`/policies/${pol}/approvals`, exception)).id,
    quo: (await make('/quotas', quota(`${name}-quota`))).id,
    prc: (await make('/price-overrides', PRICE)).id,
    mcp: (await make('/mcp-servers', { name: `${name}-mcp`, url: MCP_URL })).id,
    whk,
    dlv: (await owner.post(`/webhooks/${whk}/test`)).body.id,
  };
  await owner.put(`/workspaces/${ws}/ai-providers`, { assignments: [{ aiProviderId: ids.aip }] });
  await owner.put(`/workspaces/${ws}/mcp-servers`, { assignments: [{ mcpServerId: ids.mcp }] });
  await owner.put('/model-aliases', {
    aliases: [{ name: `${name}-alias`, workspaceId: ws, models: ['gpt-4.1'] }],
  });
  await addReceipt(api, owner, ids.aip);
  await addViolation(api, owner, pol);
  const dead = await bury(api, owner, make);
  const issue = async (body: object, by = owner) =>
    api.stranger().withToken((await by.post('/tokens', { name: `${name}-t`, ...body })).body.token);
  const revoked = await make('/tokens', { name: `${name}-revoked`, kind: 'api' });
  await owner.delete(`/tokens/${revoked.id}`);
  const expired = await make('/tokens', { name: `${name}-expired`, kind: 'api' });
  await withSuperuser(api, async (pool) => {
    await pool.query(`UPDATE tokens SET expires_at = now() - interval '1 s' WHERE id = $1`, [
      toUuid(expired.id),
    ]);
    await pool.query(
      `INSERT INTO provider_key_health (org_id, id, provider_key_id, at, source, outcome, message, refused_in_a_row)
       VALUES ($1, gen_random_uuid(), $2, now(), 'test', 'refused', $3, 0)`,
      [toUuid(ids.org), toUuid(ids.aip), `${name}-was told`],
    );
  });
  const leaver = api.stranger();
  await leaver.logIn(owner.email);
  const { cookie, csrfToken } = leaver;
  await leaver.post('/auth/logout');
  const signedOut = Object.assign(api.stranger(), { cookie, csrfToken });
  const house: House = { name, owner, ids, dead, secondWorkspace: second, members: [], marks: [] };
  const as = (who: string, person: Person, rights: RightsName, walled: readonly string[] = []): Member => ({
    name: `${name}’s ${who}`,
    headers: headersOf(person),
    rights: RIGHTS[rights],
    stranger: rights === 'nobody',
    walled,
    house,
  });
  house.members = [
    as('OWNER', owner, 'owner'),
    as('ADMIN', admin, 'admin'),
    as('MEMBER who joined nothing', member, 'member', [ws, second]),
    as('MEMBER who joined without grants', joined, 'member', [second]),
    as('MEMBER with every grant', editor, 'editor', [second]),
    as('pending ADMIN', pending, 'pending'),
    as('api token', await issue({ kind: 'api' }), 'ownersToken'),
    as('api token of an ADMIN', await issue({ kind: 'api' }, admin), 'adminsToken'),
    as('api token of one workspace', await issue({ kind: 'api', workspaceId: ws }), 'boundToken', [second]),
    as('engine token', await issue({ kind: 'engine' }), 'engineToken'),
    as('engine token of one workspace', await issue({ kind: 'engine', workspaceId: ws }), 'engineToken', [
      second,
    ]),
    as('workspace token', await issue({ kind: 'workspace', workspaceId: ws }), 'workspaceToken', [second]),
    as('revoked token', api.stranger().withToken(revoked.token), 'nobody'),
    as('expired token', api.stranger().withToken(expired.token), 'nobody'),
    as('ended session', signedOut, 'nobody'),
  ];
  const people = [admin, member, joined, editor].flatMap(({ memberId, email }) => [memberId, email]);
  house.marks = [...Object.values(ids), second, ...Object.values(ids).map(toUuid), ...people, `${name}-`];
  return house;
}

/** One that forbids nothing that anybody here does. */
function policy(name: string): object {
  return {
    name,
    scope: { type: 'organization' },
    severity: 'HIGH',
    rules: [{ type: 'models', deny: ['nothing-*'] }],
  };
}

/** Makes one row of each kind that can be deleted, and deletes it. */
async function bury(
  api: TestApi,
  owner: Person,
  make: (path: string, body: object) => Promise<{ id: string }>,
): Promise<Partial<Record<Kind, string>>> {
  const guest = api.stranger();
  await guest.logIn(owner.email);
  const ses = (await guest.get('/auth/sessions')).body.data.find(
    (one: { current: boolean }) => one.current,
  ).id;
  await guest.delete(`/auth/sessions/${ses}`);
  const gone = await joinAs(api, owner, 'MEMBER');
  const dead = {
    ses,
    mem: gone.memberId,
    inv: (await make('/invites', {})).id,
    ws: (await make('/workspaces', { name: 'gone' })).id,
    aip: (await make('/ai-providers', { name: 'gone', provider: 'openai', secret: SECRET })).id,
    sec: (await make('/secrets', { name: 'gone', secret: SECRET, origins: ORIGINS })).id,
    pol: (await make('/policies', policy('gone'))).id,
    quo: (await make('/quotas', quota('gone'))).id,
    mcp: (await make('/mcp-servers', { name: 'gone', url: MCP_URL })).id,
    whk: (await make('/webhooks', webhook('gone'))).id,
  };
  const dlv = (await owner.post(`/webhooks/${dead.whk}/test`)).body.id;
  // A revoked token keeps its row; one of a deleted workspace is gone with it.
  const tok = (await make('/tokens', { name: 'gone', kind: 'engine', workspaceId: dead.ws })).id;
  for (const path of [
    `/quotas/${dead.quo}`,
    `/mcp-servers/${dead.mcp}`,
    `/webhooks/${dead.whk}`,
    `/members/${dead.mem}`,
    `/invites/${dead.inv}`,
    `/workspaces/${dead.ws}`,
    `/ai-providers/${dead.aip}`,
    `/secrets/${dead.sec}`,
    `/policies/${dead.pol}`,
  ]) {
    const { status } = await owner.delete(path);
    if (status !== 204) throw new Error(`DELETE ${path} answered ${status}`);
  }
  return { ...dead, tok, dlv };
}

export function headersOf({ cookie, csrfToken, bearer }: Person): Record<string, string> {
  return {
    ...(cookie ? { cookie } : {}),
    ...(csrfToken ? { 'x-csrf-token': csrfToken } : {}),
    ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
  };
}

/** Somebody outside of every organization. */
export function outsider(name: string, headers: Record<string, string> = {}): Member {
  return { name, headers, rights: RIGHTS.nobody, stranger: true, walled: [], house: null };
}
