const DAY_MS = 86_400_000;

/** That many days from now, as a time in a body. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString();
}
