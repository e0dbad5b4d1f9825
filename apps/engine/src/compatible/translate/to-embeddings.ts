/** An answer of embeddings, as OpenAI says it (platform.openai.com/docs/api-reference/embeddings/object). */
export function embeddingsAnswer(
  vectors: number[][],
  { model, tokens, asBase64 }: { model: string; tokens: number; asBase64: boolean },
): object {
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: asBase64 ? base64Of(vector) : vector,
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** 32-bit floats, the lowest byte first, whatever this machine's order. */
function base64Of(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
