import { isRecord } from '../is-record.js';

/** A call of a tool that a model wrote as text. */
export interface PlainCall {
  name: string;
  /** As the text has it: an object, checked against the tool's schema where every call is. */
  input: Record<string, unknown>;
}

/** Names of the member that carries what the tool is given, as models write it. */
const INPUTS = ['arguments', 'parameters', 'input'] as const;

/** The call that this JSON is, if it is one of a tool of these names; undefined for anything else. */
export function parseCall(json: string, known: ReadonlySet<string>): PlainCall | undefined {
  const value = parsed(json);
  if (!isRecord(value)) return undefined;
  const { name } = value;
  if (typeof name !== 'string' || !known.has(name)) return undefined;
  const member = INPUTS.find((candidate) => candidate in value);
  // Anything beside the two makes it a piece of JSON that happens to have a name.
  if (member === undefined || Object.keys(value).length !== 2) return undefined;
  const given = value[member];
  const input = typeof given === 'string' ? parsed(given) : given;
  return isRecord(input) ? { name, input } : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
