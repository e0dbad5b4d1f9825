import { modelAliasesList, modelAliasesReplace } from '../generated/api/sdk.gen';
import { answer, tagged } from './http';
import type { ModelAlias } from './types';

/** All aliases of the organization, as they were under this tag. */
export interface ModelAliases {
  aliases: ModelAlias[];
  etag: string;
}

export async function listModelAliases(): Promise<ModelAliases> {
  const { body, etag } = await tagged(modelAliasesList());
  return { aliases: body.data, etag };
}

/** Puts `next` in place of `before`: without the one it is new, without the other it goes. The others stay; a change in between is refused. */
export async function changeModelAlias(
  { aliases, etag }: ModelAliases,
  before: ModelAlias | null,
  next: ModelAlias | null,
): Promise<void> {
  const kept = aliases.filter((alias) => !isSame(alias, before));
  const wanted = next ? [...kept, next] : kept;
  const body = {
    aliases: wanted.map(({ workspaceId, ...alias }) => (workspaceId ? { ...alias, workspaceId } : alias)),
  };
  await answer(modelAliasesReplace({ body, headers: { 'if-match': etag } }));
}

function isSame(one: ModelAlias, other: ModelAlias | null): boolean {
  return one.name === other?.name && one.workspaceId === other.workspaceId;
}
