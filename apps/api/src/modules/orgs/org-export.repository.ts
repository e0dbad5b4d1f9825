import { Injectable } from '@nestjs/common';
import { fromUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import type { ColumnForm, ExportSection } from './export-sections.js';

/** Where a page ends: the values of the section's key, as text. */
export type ExportCursor = string[];

export interface ExportPage {
  rows: Record<string, unknown>[];
  last: ExportCursor | undefined;
}

@Injectable()
export class OrgExportRepository {
  /**
   * The next rows of a section. The transaction's tenant is the only filter: row-level security shows no other rows. Names of
   * tables and columns are constants of export-sections.ts; values are bound.
   */
  async page(
    tx: TenantTx,
    section: ExportSection,
    after: ExportCursor | undefined,
    take: number,
  ): Promise<ExportPage> {
    const { table, key, columns } = section;
    const names = key.map(({ column }) => column).join(', ');
    const fields = columns.map(({ column, form }) => `'${column}', ${form === 'hex' ? hex(column) : column}`);
    const keys = key.map(({ column }) => `${column}::text`);
    const start = after ? startAfter(section, after) : Prisma.empty;
    const rows = await tx.$queryRaw<{ row: Record<string, unknown>; key: ExportCursor }[]>`
      SELECT jsonb_build_object(${Prisma.raw(fields.join(', '))}) AS row, ARRAY[${Prisma.raw(keys.join(', '))}] AS key
      FROM ${Prisma.raw(table)} ${start} ORDER BY ${Prisma.raw(names)} LIMIT ${take}`;
    return { rows: rows.map(({ row }) => written(section, row)), last: rows.at(-1)?.key };
  }
}

function hex(column: string): string {
  return `encode(${column}, 'hex')`;
}

function startAfter({ key }: ExportSection, after: ExportCursor): Prisma.Sql {
  const names = Prisma.raw(key.map(({ column }) => column).join(', '));
  const values = key.map(({ type }, i) => Prisma.sql`CAST(${after[i]}::text AS ${Prisma.raw(type)})`);
  return Prisma.sql`WHERE (${names}) > (${Prisma.join(values)})`;
}

function written({ columns }: ExportSection, row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ column, field, form }) => [field, valueOf(form, row[column])]));
}

function valueOf(form: ColumnForm, value: unknown): unknown {
  if (form === 'plain' || form === 'hex' || typeof value !== 'string') return value;
  return form === 'time' ? new Date(value).toISOString() : fromUuid(form, value);
}
