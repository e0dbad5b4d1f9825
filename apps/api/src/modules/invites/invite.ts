import type { OrgRole } from '#lib/contracts';

/** A link that lets whoever has it ask to join; only the hash of its token is kept. */
export interface Invite {
  id: string;
  role: OrgRole;
  enabled: boolean;
  expiresAt: Date | null;
  uses: number;
  createdBy: string;
  createdAt: Date;
}

/** Whether the link can be used now. */
export function isOpen(invite: Pick<Invite, 'enabled' | 'expiresAt'>, now: Date): boolean {
  return invite.enabled && (invite.expiresAt === null || invite.expiresAt > now);
}

/** Where the web app takes an invite. */
export function linkOf(publicUrl: string, token: string): string {
  return new URL(`/invite/${token}`, publicUrl).toString();
}
