import { Injectable } from '@nestjs/common';
import { EgressGuard } from '#lib/egress';
import { blockedUrl } from './webhooks.errors.js';

/** Judges where messages may go when it is saved; the worker judges it again each time it dials. */
@Injectable()
export class WebhookUrls {
  constructor(private readonly guard: EgressGuard) {}

  /** Throws egress_blocked at /url. */
  async check(orgId: string, url: string): Promise<void> {
    await this.guard.checkUrl(url, orgId).catch((error: unknown) => {
      throw blockedUrl(error);
    });
  }
}
