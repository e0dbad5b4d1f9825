import { Output } from 'ai';
import { ClavigerError } from '#lib/contracts';
import { checker, sdkSchema } from './json-schema.js';
import type { LoopOutput } from './loop-types.js';
import { withoutFences } from './without-fences.js';

type JsonSchema = Record<string, unknown>;

const JSON_ONLY = 'Answer with JSON only: no other text, no code fence.';

/** What to ask the upstream for, and how to read its answer. */
export interface OutputPlan {
  /** What the instructions have to say when the vendor's API isn't told; undefined for text. */
  instruction: string | undefined;
  spec: ReturnType<typeof Output.json> | ReturnType<typeof Output.object<unknown>> | undefined;
  /** @throws ClavigerError output_invalid, with the text kept. */
  read(text: string): unknown;
}

/** The plan for an output (PRODUCT #35). Score, category and boolean travel as `{"result": …}`: vendors want objects. */
export function outputPlan(output: LoopOutput | undefined): OutputPlan {
  const type = output?.type ?? 'text';
  switch (type) {
    case 'text':
      return { instruction: undefined, spec: undefined, read: (text) => text };
    case 'json':
      if (!output?.schema)
        return { instruction: JSON_ONLY, spec: Output.json(), read: (text) => parsed(text) };
      return planFor(output.schema, (text) => checked(text, output.schema!));
    case 'score':
      return wrapped({ type: 'number', minimum: 0, maximum: 1, ...output?.schema });
    case 'category':
      return wrapped({ type: 'string', enum: output?.categories ?? [] });
    case 'boolean':
      return wrapped({ type: 'boolean' });
  }
}

function wrapped(result: JsonSchema): OutputPlan {
  const schema = {
    type: 'object',
    properties: { result },
    required: ['result'],
    additionalProperties: false,
  };
  const read = (text: string) => {
    const value = checked(text, schema);
    return typeof value === 'object' && value !== null && 'result' in value ? value.result : value;
  };
  return planFor(schema, read);
}

function planFor(schema: JsonSchema, read: OutputPlan['read']): OutputPlan {
  const instruction = `${JSON_ONLY} It must fit this JSON schema: ${JSON.stringify(schema)}`;
  return { instruction, spec: Output.object({ schema: sdkSchema(schema) }), read };
}

function checked(text: string, schema: JsonSchema): unknown {
  const value = parsed(text);
  const fault = checker(schema)?.(value) ?? null;
  if (fault !== null) throw invalid(text, `it does not fit the schema (${fault})`);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(withoutFences(text));
  } catch {
    throw invalid(text, 'it is not JSON');
  }
}

function invalid(text: string, why: string): ClavigerError {
  const detail = `The model's answer can't be used: ${why}. Try again, simplify the schema, or pick a model with structured output.`;
  return new ClavigerError('output_invalid', detail, { extras: { text } });
}
