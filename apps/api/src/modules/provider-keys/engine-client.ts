import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { KeyTestResult, TicketAction } from '#lib/contracts';
import { EngineDoor } from '../../common/engine-door.js';

export interface LiveModels {
  data: { id: string; inCatalogue?: boolean }[];
}

/** Asks the execution plane for what needs a key's plaintext; the plaintext never comes back. */
@Injectable()
export class EngineClient {
  constructor(private readonly door: EngineDoor) {}

  /** A 1-token ping over the real call path, with the active version or one that waits. Throws engine_unavailable, or what the engine refused the request with. */
  test(principal: Principal, aiProviderId: string, secretVersion?: number): Promise<KeyTestResult> {
    return this.ask<KeyTestResult>(principal, aiProviderId, 'test', secretVersion);
  }

  /** What the vendor lists for this key. Throws listing_unsupported, upstream_auth_failed, …, engine_unavailable. */
  listModels(principal: Principal, aiProviderId: string): Promise<LiveModels> {
    return this.ask<LiveModels>(principal, aiProviderId, 'list-models');
  }

  private ask<Answer>(
    { orgId, userId }: Principal,
    aiProviderId: string,
    action: TicketAction,
    secretVersion?: number,
  ): Promise<Answer> {
    return this.door.ask<Answer>({ orgId, userId, aiProviderId, action, secretVersion });
  }
}
