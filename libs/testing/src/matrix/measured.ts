/** What a matrix saw. Its faults are what must be empty; the numbers say that it looked at all. */
export interface Measured {
  operations: Set<string>;
  cells: number;
  /** How often each status was answered. */
  statuses: Map<number, number>;
  faults: string[];
}

export function nothingMeasured(): Measured {
  return { operations: new Set(), cells: 0, statuses: new Map(), faults: [] };
}

export function count(measured: Measured, operation: string, status: number): void {
  measured.operations.add(operation);
  measured.cells += 1;
  measured.statuses.set(status, (measured.statuses.get(status) ?? 0) + 1);
}

/** One line for the log of a suite. */
export function printed(name: string, measured: Measured, writes: readonly string[]): string {
  const statuses = [...measured.statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status} × ${times}`);
  return `${name}: ${measured.operations.size} operations, ${measured.cells} cells (${statuses.join(', ')}), ${writes.length} writes`;
}
