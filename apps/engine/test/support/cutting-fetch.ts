/** A `fetch` whose connections break: after so many bytes of each answer's body, before its head, or not at all. */
export interface CuttingFetch {
  fetch: typeof fetch;
  /** What was sent, in order. */
  sent: { method: string; url: string; headers: Headers; body: string }[];
}

/** `cuts`: for the n-th request, bytes of the body that come through; null: all of them; -1: the answer is lost, though it was given. */
export function cuttingFetch(cutOf: (n: number) => number | null): CuttingFetch {
  const sent: CuttingFetch['sent'] = [];
  const cutting: typeof fetch = async (input, init) => {
    const n = sent.length;
    sent.push({
      method: init?.method ?? 'GET',
      url: String(input),
      headers: new Headers(init?.headers),
      body: typeof init?.body === 'string' ? init.body : '',
    });
    const response = await fetch(input, init);
    const cut = cutOf(n);
    if (cut === null || !response.body) return response;
    if (cut < 0) {
      // The run is over by the time that its answer is: only then is the answer lost, and not the run.
      await response.arrayBuffer();
      throw new TypeError('fetch failed');
    }
    return new Response(cutAfter(response.body, cut), { status: response.status, headers: response.headers });
  };
  return { fetch: cutting, sent };
}

function cutAfter(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = bytes;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      if (left > 0) controller.enqueue(value.subarray(0, left));
      left -= value.length;
      if (left > 0) return;
      await reader.cancel();
      controller.error(new TypeError('terminated'));
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
