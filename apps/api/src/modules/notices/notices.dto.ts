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
  /** The key, quota, budget, policy or webhook that it is about. */
  subjectId!: string;
  /** Its name as it is now. */
  subjectName!: string;
  /** When the key ends, or ended; null for a notice about something else. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expiresAt!: string | null;
  /** How many days before that the notice was due: 30, 7, 1, or 0 for the end itself. */
  @ApiProperty({ type: 'integer', nullable: true })
  daysBefore!: number | null;
  /** How many per cent of a quota or budget are used up in the window that is now; null for a notice about something else. */
  @ApiProperty({ type: 'integer', nullable: true })
  threshold!: number | null;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class NoticePageDto {
  data!: NoticeDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
