import {
  installationGet,
  noticesDismiss,
  noticesList,
  orgLifecycleDelete,
  orgKillSwitchGet,
  orgKillSwitchSet,
  orgLifecyclePreview,
  orgsUpdate,
} from '../generated/api/sdk.gen';
import { answer, done } from './http';
import { allPages } from './paging';
import type { Installation, Notice, OrgDeletionPreview, OrgKillSwitch } from './types';

export function getInstallation(): Promise<Installation> {
  return answer(installationGet());
}

export function listNotices(): Promise<Notice[]> {
  return allPages((cursor) => answer(noticesList({ query: { limit: 200, cursor } })));
}

export function dismissNotice(id: string): Promise<void> {
  return done(noticesDismiss({ path: { id } }));
}

/** Whether all calls of the organization are stopped, by whom and why. */
export function getKillSwitch(): Promise<OrgKillSwitch> {
  return answer(orgKillSwitchGet());
}

export function setKillSwitch(enabled: boolean, reason: string): Promise<OrgKillSwitch> {
  return answer(orgKillSwitchSet({ body: { enabled, reason } }));
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
