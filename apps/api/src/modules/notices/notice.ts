import type { NoticeKind, NoticeLevel } from '#lib/contracts';

/** Something that the OWNERs should know, and of quotas, policies and webhooks ADMINs too, and that is still so. One of the OWNERs dismisses it for all. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  level: NoticeLevel;
  /** The key, the quota, the policy or the webhook that it is about. */
  subjectId: string;
  /** Its name as it is now. */
  subjectName: string;
  /** Per cent of a quota; null: it is about something else. */
  threshold: number | null;
  /** null: it is not about the key's end. */
  expiresAt: Date | null;
  /** Days before the end that it was due; 0 is the end itself. */
  daysBefore: number | null;
  createdAt: Date;
}
