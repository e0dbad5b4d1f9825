/** Why an answer of the judge counts for nothing. The engine then does what the policy says for a judge that fails. */
export type JudgeFailure = 'empty' | 'too_long' | 'not_json' | 'wrong_shape' | 'ambiguous';

export type JudgeAnswer =
  { ok: true; violates: boolean; reason: string } | { ok: false; failure: JudgeFailure };

const ANSWER_MAX = 4_000;
const REASON_MAX = 500;

/** Reads the judge's answer strictly: one object of `violates` and `reason`, nothing around it, no member twice. */
export function parseJudgeAnswer(raw: string): JudgeAnswer {
  const text = raw.trim();
  if (text === '') return failed('empty');
  if (text.length > ANSWER_MAX) return failed('too_long');
  const answer = parsed(text);
  if (answer === undefined) return failed('not_json');
  if (!isAnswer(answer)) return failed('wrong_shape');
  // JSON.parse takes the last of two members of one name: another reader would take the first.
  if (membersOf(text) !== 2) return failed('ambiguous');
  return { ok: true, violates: answer.violates, reason: answer.reason.slice(0, REASON_MAX) };
}

function failed(failure: JudgeFailure): JudgeAnswer {
  return { ok: false, failure };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAnswer(answer: unknown): answer is { violates: boolean; reason: string } {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return false;
  if (Object.keys(answer).sort().join() !== 'reason,violates') return false;
  return (
    'violates' in answer &&
    typeof answer.violates === 'boolean' &&
    'reason' in answer &&
    typeof answer.reason === 'string'
  );
}

/** How many members a flat object of valid JSON writes: its colons outside strings. */
function membersOf(text: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
}
