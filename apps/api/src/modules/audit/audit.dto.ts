import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '#lib/http';
import { IsTime } from '../../common/fields.js';

export class AuditFilterQuery {
  /** A permission string, e.g. `tokens:CreateToken`. */
  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  action?: string;

  /** `usr_…`, `tok_…`, `operator` or `system`. */
  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  actor?: string;

  /** The id that was acted on. */
  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  target?: string;

  /** RFC 3339, inclusive. */
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @IsOptional()
  @IsTime()
  from?: string;

  /** RFC 3339, exclusive. */
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @IsOptional()
  @IsTime()
  to?: string;
}

export class AuditListQuery extends IntersectionType(PageQuery, AuditFilterQuery) {}

export class AuditEventDto {
  id!: string;
  /** Place in the organization's chain. */
  seq!: number;
  at!: string;
  actor!: string;
  action!: string;
  target!: string;
  requestId!: string;
  ip!: string | null;
  /** Redacted before and after. */
  change!: Record<string, unknown>;
  /** SHA-256 over the event before and this record, hexadecimal. */
  hash!: string;
}

export class AuditPageDto {
  data!: AuditEventDto[];
  nextCursor!: string | null;
  hasMore!: boolean;
}

/** A head that the worker signed; a line of the file of checkpoints. */
export class SignedCheckpointDto {
  /** Number of the installation's checkpoint; only grows. */
  epoch!: number;
  seq!: number;
  hash!: string;
  at!: string;
  /** The first 16 digits of SHA-256 of the public key. */
  signedBy!: string;
  /** Ed25519, hexadecimal. */
  signature!: string;
}

/** The head of the chain: keep it elsewhere, and a later truncation shows. */
export class AuditCheckpointDto {
  orgId!: string;
  /** 0: nothing has been recorded yet. */
  seq!: number;
  hash!: string;
  at!: string;
  /** The latest head that was signed; null before the first. */
  signed!: SignedCheckpointDto | null;
}
