import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  measureAllowed,
  measureReads,
  measureRefusals,
  printed,
  type Due,
  type MatrixOperation,
} from '#lib/testing';
import type { Member } from '../support/matrix/house.js';
import { headersOf } from '../support/matrix/house.js';
import { idleCall, ownId, realCall, startMatrix, type MatrixStage } from '../support/matrix/stage.js';

const KEY_WRITE =
  /^(aiProviders:(Create|Update|Delete|Test|Rotate|Assign|Manage)|secrets:(Create|Rotate|Delete))/;

/** Reading operations whose answers name no row of an organization: nothing of theirs could be missed there. */
const ROWLESS = new Set([
  'acceptInvite.preview',
  'account.listSessions', // a person's own, asked for by everybody: the ids' matrix has it
  'catalog.list',
  'installation.get', // of the installation as a whole
  'catalog.models',
  'keyActions.models', // asks the engine
  'livez',
  'openApi.get',
  'operatorKillSwitch.get', // stopped by nobody here: org-kill-switch.int-spec.ts has both
  'orgKillSwitch.get',
  'planLimits.get',
  'plans.list',
  'platform.killSwitch',
  'platformAudit.list', // the operator's, of no organization: operator-audit.int-spec.ts has both
  'platformCatalogue.get', // the operator's, of no organization
  'platformCatalogue.versions',
  'platformProviders.get',
  'platformProviders.list',
  'providerKeys.versions',
  'providerLimits.list',
  'readyz',
]);

describe('role × operation, from the OpenAPI document', () => {
  let stage: MatrixStage;
  beforeAll(async () => {
    stage = await startMatrix();
  });
  afterAll(() => stage.api.stop());

  const due = (caller: Member, operation: MatrixOperation): Due => {
    if (operation.operator) return caller === stage.operator ? null : [401, 'unauthenticated'];
    if (operation.open) return null;
    if (caller.stranger) return [401, 'unauthenticated'];
    return caller.rights.has(operation.permission ?? '') ? null : [403, 'forbidden'];
  };
  /** Whose rows the call names: the caller's own, and for who has none, a victim's. */
  const houseOf = ({ house }: Member) => house ?? stage.houses[0];

  it('#2 #5 refuses every caller everything that is not theirs, on rows that exist, and writes nothing', async () => {
    const { url } = stage.api;
    const call = (caller: Member, operation: MatrixOperation) => realCall(operation, houseOf(caller));
    const { result, writes } = await stage.writesOf(() => measureRefusals({ ...stage, url, due, call }));
    console.info(printed('refusals, control plane', result, writes));
    expect([result.faults, writes]).toEqual([[], []]);
    const closed = stage.operations.filter(({ open }) => !open);
    expect([...result.operations].sort()).toEqual(closed.map(({ id }) => id).sort());
  });

  it('#2 an ADMIN is refused every write to a key and every assignment, a MEMBER all settings', async () => {
    const keyWrites = stage.operations.filter(({ permission }) => KEY_WRITE.test(permission ?? ''));
    expect(keyWrites.length).toBeGreaterThanOrEqual(9);
    const admins = stage.callers.filter(({ name }) => name.includes('ADMIN'));
    for (const operation of keyWrites)
      for (const caller of admins)
        expect([operation.id, caller.name, due(caller, operation)?.[0]]).not.toContain(undefined);
    const settings = stage.operations.filter(
      ({ permission }) => permission && !/^(account|workspaces):|^orgs:GetKillSwitch$/.test(permission),
    );
    const members = stage.callers.filter(({ name }) => name.includes('MEMBER'));
    for (const operation of settings)
      for (const caller of members)
        expect([operation.id, due(caller, operation)?.[0]]).toEqual([operation.id, 403]);
  });

  it('#7 no answer of any operation shows another organization’s rows, or a workspace that was not joined', async () => {
    const { operations, callers } = stage;
    const hidden = (caller: Member): string[] => [
      ...stage.houses.filter((house) => house !== caller.house).flatMap(({ marks }) => marks),
      ...caller.walled,
    ];
    const reading = callers.filter((caller) => caller !== stage.operator);
    const measured = await measureReads({
      url: stage.api.url,
      operations,
      callers: reading,
      own: ownId,
      hidden,
    });
    console.info(printed('reads, control plane', measured, []));
    expect(measured.faults).toEqual([]);
    // The control: every one of these operations does show its owner their rows, so that there was something to leak.
    const [{ owner, marks }] = stage.houses;
    const silent: string[] = [];
    for (const operation of operations.filter(({ id, method }) => method === 'GET' && !ROWLESS.has(id))) {
      const { path } = realCall(operation, stage.houses[0]);
      const answer = await fetch(`${stage.api.url}${path}`, { headers: headersOf(owner) });
      const text = await answer.text();
      if (answer.status !== 200 || !marks.some((mark) => text.includes(mark))) silent.push(operation.id);
    }
    expect(silent).toEqual([]);
  });

  it('lets every caller do what is theirs', async () => {
    const call = (_: Member, operation: MatrixOperation) => idleCall(operation);
    const operations = stage.operations.filter(({ open }) => !open);
    const measured = await measureAllowed({ ...stage, operations, url: stage.api.url, due, call });
    console.info(printed('allowed, control plane', measured, []));
    expect(measured.faults).toEqual([]);
  });

  it('answers authentication and permission before it looks at body or id', async () => {
    const broken = { method: '', path: '', body: { unknown: true, id: 7 } };
    const call = (_: Member, operation: MatrixOperation) => ({
      ...broken,
      method: operation.method,
      path: operation.path.replace(/\{\w+\}/g, 'not-even-an-id'),
    });
    const writing = stage.operations.filter(({ hasBody }) => hasBody);
    const measured = await measureRefusals({ ...stage, operations: writing, url: stage.api.url, due, call });
    console.info(printed('refusals of broken calls, control plane', measured, []));
    expect(measured.faults).toEqual([]);
  });
});
