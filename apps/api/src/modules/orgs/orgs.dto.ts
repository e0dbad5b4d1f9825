import { IsName, Omittable } from '../../common/fields.js';

export class UpdateOrgDto {
  @Omittable()
  @IsName()
  name?: string;
}

export class OrgDto {
  id!: string;
  name!: string;
  slug!: string;
  plan!: string;
  createdAt!: string;
  updatedAt!: string;
}
