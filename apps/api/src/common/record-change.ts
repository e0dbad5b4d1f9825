import type { EventTopic } from '#lib/contracts';
import { requestContext } from '#lib/http';
import { appendAudit, appendOutbox, type TenantTx } from '#lib/persistence';
import { actorOf, type Principal } from '#lib/access';

export interface Change {
  /** The permission that was exercised; for what needs none, a name in the same style. */
  action: string;
  /** The id that was acted on. */
  target: string;
  /** Redacted before and after of what changed: never a secret. */
  change: Record<string, unknown>;
  topic: EventTopic;
  /** Ids of the rows touched, by role. */
  ids: Record<string, string | number>;
}

/** Who changed something: a principal, or a person before they are one (sign-up, accepting an invite). */
export type Actor = Pick<Principal, 'orgId' | 'userId' | 'tokenId'>;

/** Writes the audit row and the outbox event of a change, in the transaction of the change itself. */
export async function recordChange(tx: TenantTx, actor: Actor, change: Change): Promise<void> {
  await appendOutbox(tx, { orgId: actor.orgId, topic: change.topic, ids: change.ids });
  await appendAudit(tx, {
    orgId: actor.orgId,
    actor: actorOf(actor),
    action: change.action,
    target: change.target,
    requestId: requestContext.requestId,
    ip: requestContext.ip,
    change: change.change,
  });
}
