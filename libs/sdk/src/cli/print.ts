/** Rows as columns, as wide as what is in them. */
export function table(rows: readonly (readonly unknown[])[]): string[] {
  const texts = rows.map((row) => row.map((cell) => oneLine(cell)));
  const widths = (texts[0] ?? []).map((_, at) => Math.max(...texts.map((row) => row[at]?.length ?? 0)));
  return texts.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** What came from elsewhere must not move the terminal's cursor or colour it. */
export function oneLine(cell: unknown): string {
  const text =
    cell === null || cell === undefined ? '–' : typeof cell === 'string' ? cell : JSON.stringify(cell);
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

/** Text of several lines, without control characters other than line breaks and tabs. */
export function plain(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '');
}
