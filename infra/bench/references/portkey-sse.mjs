// Preloaded into Portkey's gateway. Its streams answer 500 on current Node: it changes the headers of what `fetch` answered, and those
// are immutable. Streamed answers are handed to it with headers of their own; whatever else it does is its own code, unchanged.
const call = globalThis.fetch;
// Its server puts a class of its own in the place of this one.
const { Response } = globalThis;

globalThis.fetch = async (...args) => {
  const answer = await call(...args);
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer;
  const { status, statusText } = answer;
  return new Response(answer.body, { status, statusText, headers: new Headers(answer.headers) });
};
