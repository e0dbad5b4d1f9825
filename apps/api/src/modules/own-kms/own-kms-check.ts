import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { OWN_KMS_ACTION, type OwnKmsCheck as EngineAnswer } from '#lib/contracts';
import { Sealer } from '#lib/custody/sealer';
import { KmsError } from '#lib/kms';
import { EngineDoor } from '../../common/engine-door.js';
import { refusedByCloud, refusedToEngine } from './own-kms.errors.js';

/** Tries a KMS key of the organization's by really using it, as each process will. */
@Injectable()
export class OwnKmsCheck {
  constructor(
    private readonly sealer: Sealer,
    private readonly engine: EngineDoor,
  ) {}

  /**
   * Has a data key made under the named key and opened by the engine; nothing is ever sealed under it.
   * Throws validation_failed with what the cloud said, kms_unavailable when it said nothing, engine_unavailable.
   */
  async assertUsable({ orgId, userId }: Principal, kmsRef: string): Promise<void> {
    const wrapped = await this.sealer.probe(orgId, kmsRef).catch((error: unknown) => {
      throw error instanceof KmsError ? refusedByCloud(error) : error;
    });
    const claims = {
      orgId,
      userId,
      action: OWN_KMS_ACTION,
      kmsRef,
      probe: wrapped.toString('base64'),
    } as const;
    const answer = await this.engine.ask<EngineAnswer>(claims);
    if (!answer.ok) throw refusedToEngine(answer.said);
  }
}
