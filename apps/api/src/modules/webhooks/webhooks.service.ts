import { Injectable } from '@nestjs/common';
import { seesWorkspace, type Principal } from '#lib/access';
import { notFound, SIGNING_OVERLAP_S, type WebhookEvent } from '#lib/contracts';
import { assertIfMatch, etagOf, toPage, type PageQuery } from '#lib/http';
import { isId, newId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { assertMayHear } from './may-hear.js';
import { SigningSecrets } from './signing-secrets.js';
import { WebhookUrls } from './webhook-urls.js';
import { changedSettings, recordedUrl, type Webhook } from './webhook.js';
import type {
  CreatedWebhookDto,
  CreateWebhookDto,
  UpdateWebhookDto,
  WebhookDto,
  WebhookPageDto,
} from './webhooks.dto.js';
import { changedMeanwhile, notOfWorkspace, tooMany } from './webhooks.errors.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { dtoOf } from './webhooks.view.js';

/** Each of them may want a message of each event. */
const MAX_WEBHOOKS = 50;

/** Webhooks of an organization (PRODUCT #55); the worker sends to them. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: WebhooksRepository,
    private readonly urls: WebhookUrls,
    private readonly secrets: SigningSecrets,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<WebhookPageDto> {
    const { orgId } = principal;
    const window = pageWindow('whk', query);
    return this.db.withOrg(orgId, async (tx) => {
      const rows = await coveredRows(principal, 'webhooks:ListWebhooks', window, (part) =>
        this.repository.list(tx, orgId, part),
      );
      return toPage(rows, query.limit, ({ id }) => id, dtoOf);
    });
  }

  async get({ orgId }: Principal, id: string): Promise<Tagged<WebhookDto>> {
    assertWebhookId(id);
    return this.db.withOrg(orgId, (tx) => this.present(tx, orgId, id));
  }

  /** Throws forbidden, egress_blocked, name_taken, not_found, validation_failed, conflict when there are too many, kms_unavailable. */
  async create(principal: Principal, sent: CreateWebhookDto): Promise<Tagged<CreatedWebhookDto>> {
    const { orgId, userId } = principal;
    const { name, url, events, workspaceId = null } = sent;
    if (workspaceId !== null && !(isId('ws', workspaceId) && seesWorkspace(principal, workspaceId)))
      throw notFound();
    assertOfWorkspace(events, workspaceId);
    assertMayHear(principal, events, workspaceId);
    await this.urls.check(orgId, url);
    const secret = await this.secrets.first(orgId);
    const id = newId('whk');
    return this.db.withOrg(orgId, async (tx) => {
      if ((await this.repository.countLocked(tx, orgId)) >= MAX_WEBHOOKS) throw tooMany(MAX_WEBHOOKS);
      if (workspaceId !== null && !(await this.repository.workspaceExists(tx, orgId, workspaceId)))
        throw notFound();
      const secretId = await this.secrets.keep(tx, secret, name, userId);
      const row = { name, url, events, workspaceId, id, secretId, createdBy: userId };
      await this.repository.insert(tx, orgId, row);
      await recordChange(tx, principal, {
        action: 'webhooks:CreateWebhook',
        target: id,
        change: { name, url: recordedUrl(url), events, workspaceId, mask: secret.prepared.mask },
        topic: 'webhook.created',
        ids: { webhookId: id },
      });
      const { body, etag } = await this.present(tx, orgId, id);
      return { body: { ...body, secret: secret.shown }, etag };
    });
  }

  /** Throws not_found, precondition_failed and what creating does. */
  async update(
    principal: Principal,
    id: string,
    sent: UpdateWebhookDto,
    ifMatch: string | undefined,
  ): Promise<Tagged<WebhookDto>> {
    const { orgId } = principal;
    assertWebhookId(id);
    if (sent.url !== undefined) {
      // Whose it is comes first: a foreign id is told nothing else.
      await this.db.withOrg(orgId, (tx) => this.matched(tx, orgId, id, ifMatch));
      await this.urls.check(orgId, sent.url);
    }
    return this.db.withOrg(orgId, async (tx) => {
      const before = await this.matched(tx, orgId, id, ifMatch);
      const { name = before.name, url = before.url, events = before.events, enabled = before.enabled } = sent;
      assertOfWorkspace(events, before.workspaceId);
      // Whoever may move it somewhere else has everything sent there that it subscribed to.
      if (url !== before.url || sent.events) assertMayHear(principal, events, before.workspaceId);
      const after = { name, url, events, enabled };
      const change = changedSettings(before, after);
      if (Object.keys(change).length === 0) return { body: dtoOf(before), etag: etagOf(id, before.revision) };
      await this.repository.update(tx, orgId, id, after);
      await recordChange(tx, principal, {
        action: 'webhooks:UpdateWebhook',
        target: id,
        change,
        topic: 'webhook.updated',
        ids: { webhookId: id },
      });
      return this.present(tx, orgId, id);
    });
  }

  async delete(principal: Principal, id: string, ifMatch: string | undefined): Promise<void> {
    const { orgId } = principal;
    assertWebhookId(id);
    await this.db.withOrg(orgId, async (tx) => {
      const { name, url, events, workspaceId, secret } = await this.matched(tx, orgId, id, ifMatch);
      await this.repository.delete(tx, orgId, id);
      await recordChange(tx, principal, {
        action: 'webhooks:DeleteWebhook',
        target: id,
        change: { name, url: recordedUrl(url), events, workspaceId, mask: secret.mask },
        topic: 'webhook.deleted',
        ids: { webhookId: id },
      });
    });
  }

  /** The new secret is in this answer only; the old one signs beside it until the overlap ends. Throws not_found, conflict, kms_unavailable. */
  async rotateSecret(
    principal: Principal,
    id: string,
    overlapSeconds: number = SIGNING_OVERLAP_S,
  ): Promise<Tagged<CreatedWebhookDto>> {
    const { orgId, userId } = principal;
    assertWebhookId(id);
    const seen = await this.db.withOrg(orgId, (tx) => this.matched(tx, orgId, id, undefined));
    const next = await this.secrets.next(this.db, seen);
    return this.db.withOrg(orgId, async (tx) => {
      const before = await this.matched(tx, orgId, id, undefined);
      if (before.secret.version !== seen.secret.version) throw changedMeanwhile();
      await this.secrets.rotate(tx, next, before, { createdBy: userId, overlapSeconds });
      await this.repository.touch(tx, orgId, id);
      await recordChange(tx, principal, {
        action: 'webhooks:RotateWebhookSecret',
        target: id,
        change: {
          mask: [before.secret.mask, next.prepared.mask],
          secretVersion: [before.secret.version, next.prepared.version],
          overlapSeconds,
        },
        topic: 'webhook.secret-rotated',
        ids: { webhookId: id },
      });
      const { body, etag } = await this.present(tx, orgId, id);
      return { body: { ...body, secret: next.shown }, etag };
    });
  }

  private async matched(
    tx: TenantTx,
    orgId: string,
    id: string,
    ifMatch: string | undefined,
  ): Promise<Webhook> {
    const webhook = await this.repository.findLocked(tx, orgId, id);
    if (!webhook) throw notFound();
    assertIfMatch(ifMatch, etagOf(id, webhook.revision));
    return webhook;
  }

  private async present(tx: TenantTx, orgId: string, id: string): Promise<Tagged<WebhookDto>> {
    const webhook = await this.repository.find(tx, orgId, id);
    if (!webhook) throw notFound();
    return { body: dtoOf(webhook), etag: etagOf(id, webhook.revision) };
  }
}

function assertWebhookId(id: string): void {
  if (!isId('whk', id)) throw notFound();
}

/** Throws validation_failed for an event that a webhook of one workspace would never be told of. */
function assertOfWorkspace(events: readonly WebhookEvent[], workspaceId: string | null): void {
  if (workspaceId === null) return;
  const at = events.findIndex((event) => !event.startsWith('run.') && event !== 'policy.violated');
  if (at >= 0) throw notOfWorkspace(events, at);
}
