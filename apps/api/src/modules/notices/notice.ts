import type { NoticeKind, NoticeLevel } from '#lib/contracts';

/** Something that the OWNERs should know, and that is still so. One of them dismisses it for all. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  level: NoticeLevel;
  aiProviderId: string;
  /** The key's name as it is now. */
  aiProviderName: string;
  expiresAt: Date;
  /** Days before the end that it was due; 0 is the end itself. */
  daysBefore: number;
  createdAt: Date;
}
