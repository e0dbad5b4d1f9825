import { ApiProperty } from '@nestjs/swagger';
import { NOTICE_KINDS, NOTICE_LEVELS, type NoticeKind, type NoticeLevel } from '#lib/contracts';
import { PageQuery } from '#lib/http';

export class ListNoticesQuery extends PageQuery {}

/** Something that the OWNERs should know. */
export class NoticeDto {
  id!: string;
  @ApiProperty({ enum: NOTICE_KINDS })
  kind!: NoticeKind;
  @ApiProperty({ enum: NOTICE_LEVELS })
  level!: NoticeLevel;
  /** The key that it is about. */
  subjectId!: string;
  /** The key's name as it is now. */
  subjectName!: string;
  /** When the key ends, or ended. */
  @ApiProperty({ format: 'date-time' })
  expiresAt!: string;
  /** How many days before that the notice was due: 30, 7, 1, or 0 for the end itself. */
  daysBefore!: number;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class NoticePageDto {
  data!: NoticeDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
