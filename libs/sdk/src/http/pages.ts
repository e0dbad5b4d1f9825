import type { Ask, Transport } from './transport.js';

export interface Page<Row> {
  data: Row[];
  nextCursor: string | null;
  hasMore: boolean;
}

/** Every row of a list, page after page as they are asked for. */
export async function* rowsOf<Row>(transport: Transport, ask: Ask): AsyncGenerator<Row, void> {
  let cursor: string | null = null;
  do {
    const query: Record<string, unknown> = { ...ask.query, cursor };
    const page: Page<Row> = await transport.json<Page<Row>>({ ...ask, query });
    yield* page.data;
    cursor = page.hasMore ? page.nextCursor : null;
  } while (cursor !== null);
}
