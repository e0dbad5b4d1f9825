import { roleAllows } from '#lib/access';
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

/** Who made a link, as their membership is now. */
export interface Maker {
  role: OrgRole;
  status: string;
}

const DAY_MS = 86_400_000;
/** How long a link is open, in days, when its maker doesn't say, and at most. */
export const INVITE_DAYS = { unless: 7, most: 30 } as const;

/** The end of a link made now: the one asked for, or the default's. Null: too far off, or over already. */
export function endOf(asked: Date | null, now: Date): Date | null {
  const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS);
  const end = asked ?? inDays(INVITE_DAYS.unless);
  return end > now && end <= inDays(INVITE_DAYS.most) ? end : null;
}

/** Whether the link's time is over. Links from before there was a default have no end. */
export function hasEnded({ expiresAt }: Pick<Invite, 'expiresAt'>, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** Whether somebody of this rank may ask people to become `role`. A link counts for as long as its maker may. */
export function mayInvite(maker: Maker | null, role: OrgRole): boolean {
  if (maker?.status !== 'active' || !roleAllows(maker.role, 'invites:CreateInvite')) return false;
  return role !== 'OWNER' || maker.role === 'OWNER';
}

/** Where the web app takes an invite. */
export function linkOf(publicUrl: string, token: string): string {
  return new URL(`/invite/${token}`, publicUrl).toString();
}
