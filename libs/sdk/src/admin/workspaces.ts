import type {
  AssignedKeyDto,
  CreateWorkspaceDto,
  ModelListDto,
  ReplaceAssignmentsDto,
  ReplacedAssignmentsDto,
  ResolutionDto,
  ResolveDto,
  WorkspaceDto,
} from '../generated/api/types.gen.js';
import type { CallOptions } from '../http/options.js';
import { part, type Rest } from './rest.js';

export type Workspace = WorkspaceDto;

/** Workspaces, and which keys serve them. */
export class Workspaces {
  constructor(private readonly rest: Rest) {}

  list(options: CallOptions = {}): AsyncGenerator<Workspace, void> {
    return this.rest.list<Workspace>('/workspaces', {}, options);
  }

  create(workspace: CreateWorkspaceDto, options: CallOptions = {}): Promise<Workspace> {
    return this.rest.post<Workspace>('/workspaces', workspace, options);
  }

  /** The keys that the workspace was handed. */
  aiProviders(id: string, options: CallOptions = {}): AsyncGenerator<AssignedKeyDto, void> {
    return this.rest.list<AssignedKeyDto>(`/workspaces/${part(id)}/ai-providers`, {}, options);
  }

  /** Replaces all assignments. */
  assign(
    id: string,
    assignments: ReplaceAssignmentsDto,
    options: CallOptions = {},
  ): Promise<ReplacedAssignmentsDto> {
    const path = `/workspaces/${part(id)}/ai-providers`;
    return this.rest.write<ReplacedAssignmentsDto>('PUT', path, assignments, options);
  }

  models(id: string, options: CallOptions = {}): Promise<ModelListDto> {
    return this.rest.get<ModelListDto>(`/workspaces/${part(id)}/models`, options);
  }

  /** Which key would serve a call, and why not the others. Runs nothing. */
  resolve(id: string, call: ResolveDto, options: CallOptions = {}): Promise<ResolutionDto> {
    return this.rest.post<ResolutionDto>(`/workspaces/${part(id)}/resolve`, call, options);
  }
}
