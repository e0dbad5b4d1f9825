import {
  noticesDismiss,
  noticesList,
  orgLifecycleDelete,
  orgLifecyclePreview,
  orgsUpdate,
} from '../generated/api/sdk.gen';
import { answer, done } from './http';
import { allPages } from './paging';
import type { Notice, OrgDeletionPreview } from './types';

export function listNotices(): Promise<Notice[]> {
  return allPages((cursor) => answer(noticesList({ query: { limit: 200, cursor } })));
}

export function dismissNotice(id: string): Promise<void> {
  return done(noticesDismiss({ path: { id } }));
}

export function renameOrg(id: string, name: string): Promise<void> {
  return done(orgsUpdate({ path: { id }, body: { name } }));
}

/** Where the browser fetches the export from: it goes to a file, never through the page. */
export function orgExportHref(id: string): string {
  return `/api/v1/orgs/${id}/export`;
}

export function previewOrgDeletion(id: string): Promise<OrgDeletionPreview> {
  return answer(orgLifecyclePreview({ path: { id } }));
}

export function deleteOrg(id: string, confirm: string): Promise<void> {
  return done(orgLifecycleDelete({ path: { id }, body: { confirm } }));
}
