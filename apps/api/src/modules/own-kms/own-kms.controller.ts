import { Body, Controller, Delete, Get, HttpCode, Put } from '@nestjs/common';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { OwnKmsDto, SetOwnKmsDto } from './own-kms.dto.js';
import { OwnKmsService } from './own-kms.service.js';

@Controller('orgs/current/kms')
export class OwnKmsController {
  constructor(private readonly ownKms: OwnKmsService) {}

  /** The KMS key that the organization's new secrets are wrapped under, and what its role's trust policy needs. */
  @Get()
  @RequiresPermission('orgs:GetOrgKms')
  get(@CurrentPrincipal() principal: Principal): Promise<OwnKmsDto> {
    return this.ownKms.get(principal);
  }

  /** Wraps new secrets under a KMS key of the organization's own AWS account, once api and engine could really use it. */
  @Put()
  @RequiresPermission('orgs:UpdateOrgKms')
  set(@CurrentPrincipal() principal: Principal, @Body() input: SetOwnKmsDto): Promise<OwnKmsDto> {
    return this.ownKms.set(principal, input);
  }

  /** Wraps new secrets under the platform's key again. What is wrapped under the own key opens as long as its role lets us. */
  @Delete()
  @HttpCode(204)
  @RequiresPermission('orgs:UpdateOrgKms')
  delete(@CurrentPrincipal() principal: Principal): Promise<void> {
    return this.ownKms.unset(principal);
  }
}
