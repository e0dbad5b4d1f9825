import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';
const OWN = '/orgs/current/kill-switch';

describe('#56 the kill switch of one organization', () => {
  let api: TestApi;
  let owner: Person;
  let operator: Person;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } });
    owner = await api.owner();
    operator = api.stranger().withToken(OPERATOR_TOKEN);
  });
  afterAll(() => api.stop());
  const OFF = { enabled: false, stops: [] };
  const path = () => `/platform/orgs/${owner.orgId}/kill-switch`;

  it('is the OWNER’s to set, everybody’s in the organization to see with its reason, and nobody else’s', async () => {
    const [admin, member] = [await joinAs(api, owner, 'ADMIN'), await joinAs(api, owner, 'MEMBER')];
    expect((await owner.get(OWN)).body).toEqual(OFF);
    const stop = { enabled: true, reason: 'A key leaked' };
    for (const person of [admin, member]) expect((await person.put(OWN, stop)).status).toBe(403);
    const on = { enabled: true, stops: [{ by: 'owner', reason: 'A key leaked' }] };
    const set = await owner.put(OWN, stop);
    expect([set.status, set.body]).toEqual([200, on]);
    for (const person of [owner, admin, member]) expect((await person.get(OWN)).body).toEqual(on);
    expect((await operator.get(path())).body).toEqual(on);
    const stranger = await api.owner();
    expect((await stranger.get(OWN)).body).toEqual(OFF);
    expect((await owner.put(OWN, { enabled: false })).body).toEqual(OFF);
  });

  it('an OWNER can’t lift the operator’s stop, nor the operator the OWNER’s; both are kept over restarts', async () => {
    await operator.put(path(), { enabled: true, reason: 'Unpaid' });
    await owner.put(OWN, { enabled: true, reason: 'Holiday' });
    const both = [
      { by: 'operator', reason: 'Unpaid' },
      { by: 'owner', reason: 'Holiday' },
    ];
    const { database, keyFiles } = api;
    const restarted = await startTestApi({ database, keyFiles });
    const again = restarted.stranger();
    await again.logIn(owner.email);
    expect((await again.get(OWN)).body).toEqual({ enabled: true, stops: both });
    await restarted.stop();
    expect((await owner.put(OWN, { enabled: false })).body).toEqual({ enabled: true, stops: [both[0]] });
    await owner.put(OWN, { enabled: true, reason: 'Holiday' });
    expect((await operator.put(path(), { enabled: false })).body).toEqual({
      enabled: true,
      stops: [both[1]],
    });
    expect((await owner.put(OWN, { enabled: false })).body).toEqual(OFF);
  });

  it('stops what `models` and `resolve` tell, with the reason and who can lift it', async () => {
    await owner.put(OWN, { enabled: true, reason: 'A key leaked' });
    const base = `/workspaces/${owner.workspaceId}`;
    const { data, unavailable } = (await owner.get(`${base}/models`)).body;
    expect(data).toEqual([]);
    expect(new Set(unavailable.map(({ code }: { code: string }) => code))).toEqual(new Set(['ai_disabled']));
    const { code, detail, trace } = (await owner.post(`${base}/resolve`, {})).body;
    expect([code, trace.at(-1).gate]).toEqual(['ai_disabled', 'kill_switch']);
    expect(detail).toMatch(/An OWNER can switch them on again. Reason: A key leaked/);
    await owner.put(OWN, { enabled: false });
  });

  it('the audit log tells who, and once for each change', async () => {
    const other = await api.owner();
    const place = `/platform/orgs/${other.orgId}/kill-switch`;
    for (const enabled of [true, true, false, false]) {
      expect((await operator.put(place, { enabled, reason: 'x' })).status).toBe(200);
      expect((await other.put(OWN, { enabled, reason: 'y' })).status).toBe(200);
    }
    const told = async (action: string) => (await other.get(`/audit-events?action=${action}`)).body.data;
    const [byOperator, byOwner] = [await told('platform:SetOrgKillSwitch'), await told('orgs:SetKillSwitch')];
    expect(byOperator.map(({ actor }: { actor: string }) => actor)).toEqual(['operator', 'operator']);
    expect(byOwner.map(({ actor }: { actor: string }) => actor)).toEqual([other.userId, other.userId]);
    expect(byOwner[0].change).toEqual({ enabled: [true, false], reason: ['y', null] });
  });

  it('#7 unknown organizations are 404, and what is sent is validated', async () => {
    for (const id of [newId('org'), 'nonsense']) {
      const place = `/platform/orgs/${id}/kill-switch`;
      expect([
        (await operator.get(place)).status,
        (await operator.put(place, { enabled: true })).status,
      ]).toEqual([404, 404]);
    }
    expect((await owner.get(path())).status).toBe(401);
    expect((await owner.put(OWN, { enabled: 'yes' })).status).toBe(422);
  });
});
