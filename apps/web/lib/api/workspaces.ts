import {
  assignmentsList,
  assignmentsModels,
  assignmentsReplace,
  assignmentsResolve,
  workspacesCreate,
  workspacesDelete,
  workspacesGrant,
  workspacesList,
  workspacesMembers,
  workspacesUngrant,
  workspacesUpdate,
} from '../generated/api/sdk.gen';
import { answer, done, WHATEVER_IT_IS } from './http';
import { allPages } from './paging';
import type {
  AssignedKey,
  Assignment,
  AssignmentPreview,
  ModelList,
  ModelQuestion,
  Workspace,
  WorkspaceChange,
  WorkspaceGrant,
  WorkspaceMember,
} from './types';

export function listWorkspaces(): Promise<Workspace[]> {
  return allPages((cursor) => answer(workspacesList({ query: { limit: 200, cursor } })));
}

export function createWorkspace(body: { name: string }): Promise<Workspace> {
  return answer(workspacesCreate({ body }));
}

export function updateWorkspace(id: string, body: WorkspaceChange): Promise<Workspace> {
  return answer(workspacesUpdate({ path: { id }, body, headers: WHATEVER_IT_IS }));
}

export function deleteWorkspace(id: string): Promise<void> {
  return done(workspacesDelete({ path: { id } }));
}

export function listWorkspaceMembers(id: string): Promise<WorkspaceMember[]> {
  return allPages((cursor) => answer(workspacesMembers({ path: { id }, query: { limit: 200, cursor } })));
}

export function setGrant(id: string, memberId: string, body: WorkspaceGrant): Promise<void> {
  return done(workspacesGrant({ path: { id, memberId }, body }));
}

export function removeFromWorkspace(id: string, memberId: string): Promise<void> {
  return done(workspacesUngrant({ path: { id, memberId } }));
}

/** What a request may say of an assigned key: its answer has more fields, and null for what is not set. */
export function toAssignment({
  aiProviderId,
  priority,
  weight,
  active,
  defaultModel,
  models,
}: AssignedKey): Assignment {
  return { aiProviderId, priority, weight, active, ...(defaultModel ? { defaultModel } : {}), models };
}

export async function listAssignments(id: string): Promise<Assignment[]> {
  const keys = await allPages((cursor) =>
    answer(assignmentsList({ path: { id }, query: { limit: 200, cursor } })),
  );
  return keys.map(toAssignment);
}

export function saveAssignments(id: string, assignments: Assignment[]): Promise<void> {
  return done(assignmentsReplace({ path: { id }, body: { assignments } }));
}

export function previewAssignments(id: string, assignments: Assignment[]): Promise<AssignmentPreview> {
  return answer(assignmentsReplace({ path: { id }, body: { assignments }, query: { preview: 'true' } }));
}

export function listModels(id: string): Promise<ModelList> {
  return answer(assignmentsModels({ path: { id } }));
}

export function resolveModel(id: string, body: ModelQuestion) {
  return answer(assignmentsResolve({ path: { id }, body }));
}
