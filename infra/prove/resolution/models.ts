import type { RefWorld } from '#lib/testing';
import { ask } from '../series/people.js';
import { run } from './asked.js';
import type { ResolutionStage } from './stage.js';
import type { MadeWorld } from './world-maker.js';

interface Listed {
  data: { id: string; provider: string; aiProviderIds: string[] }[];
  unavailable: { id: string; provider: string; code: string; detail: string }[];
}

const OF_EACH = 3;

function listed(answer: object): Listed {
  if (!isListed(answer)) throw new Error('that is no list of models');
  return answer;
}

function isListed(answer: object): answer is Listed {
  return (
    'data' in answer &&
    'unavailable' in answer &&
    Array.isArray(answer.data) &&
    Array.isArray(answer.unavailable)
  );
}

/** Whether the list of models says what a call gets: of a call's surface it knows nothing, and of what is used up neither. */
export function listsModels({ stopped, caller, policies, quotas, executions }: RefWorld): boolean {
  const isFine = caller.known && !caller.revoked && !caller.expired && caller.wall !== 'elsewhere';
  const may = caller.membership === 'active' && (caller.role !== 'MEMBER' || caller.mayExecute);
  return (
    stopped === null &&
    executions.max === null &&
    quotas.every(({ used, max }) => used * 2 < max && max > 10_000) &&
    isFine &&
    may &&
    !policies.some(({ rules }) => rules.some(({ type }) => type === 'surfaces'))
  );
}

/** Both planes' lists, and runs of some that they have and some that they say are not to be had. Answers what differs. */
export async function judgeModels(
  stage: ResolutionStage,
  made: MadeWorld,
): Promise<{ asked: number; faults: string[] }> {
  const { workspaceId, token } = made;
  const headers = { authorization: `Bearer ${token}` };
  const [here, there] = await Promise.all([
    ask('GET', `${stage.api.url}/api/v1/workspaces/${workspaceId}/models`, headers),
    ask('GET', `${stage.engine.url}/internal/v1/workspaces/${workspaceId}/models`, headers),
  ]);
  const faults: string[] = [];
  if (JSON.stringify(here.body) !== JSON.stringify(there.body))
    faults.push(`the lists of ${workspaceId} differ`);
  const { data, unavailable } = listed(there.body);
  const some = <T>(all: T[]) => all.filter((_, index) => index % Math.ceil(all.length / OF_EACH) === 0);
  let asked = 0;
  for (const { id, provider, aiProviderIds } of some(data)) {
    const got = await run(stage, made, { model: id, provider, tools: [] });
    asked += 1;
    if (got.choice !== `${aiProviderIds[0]} ${id}`)
      faults.push(`${provider}/${id} is listed and got ${JSON.stringify(got)}`);
  }
  for (const { id, provider, code, detail } of some(unavailable)) {
    const got = await run(stage, made, { model: id, provider, tools: [] });
    asked += 1;
    if (got.code !== code || got.detail !== detail)
      faults.push(`${provider}/${id} is ${code}, "${detail}", and got ${JSON.stringify(got)}`);
  }
  return { asked, faults };
}
