import { Inject, Injectable } from '@nestjs/common';
import { forbidden, roleAllows } from '#lib/access';
import type { OwnKmsCheck, OwnKmsTicket } from '#lib/contracts';
import type { Opener } from '#lib/custody/opener';
import { fromUuid } from '#lib/kernel';
import { KmsError } from '#lib/kms';
import { StateCache } from '../keys/state-cache.js';
import { OPENER } from '../tokens.js';

/** The ticket names no provider key, and the state is asked for by one. */
const NO_KEY = fromUuid('aip', '00000000-0000-0000-0000-000000000000');

/** Tries a KMS key that an organization named, as a call would use it. */
@Injectable()
export class OwnKmsService {
  constructor(
    private readonly states: StateCache,
    @Inject(OPENER) private readonly opener: Pick<Opener, 'openProbe'>,
  ) {}

  /** A key that can't be opened is an answer. Throws forbidden when whom the ticket speaks for may not change the key. */
  async check({ orgId, userId, kmsRef, probe }: OwnKmsTicket): Promise<OwnKmsCheck> {
    const ticket = { orgId, userId, aiProviderId: NO_KEY };
    const { principal } = await this.states.get({ workspaceId: '', principal: { ticket } }, 0);
    if (
      principal?.memberStatus !== 'active' ||
      !principal.role ||
      !roleAllows(principal.role, 'orgs:UpdateOrgKms')
    )
      throw forbidden('orgs:UpdateOrgKms');
    try {
      await this.opener.openProbe(orgId, kmsRef, Buffer.from(probe, 'base64'));
      return { ok: true };
    } catch (error) {
      if (error instanceof KmsError) return { ok: false, said: error.message };
      throw error;
    }
  }
}
