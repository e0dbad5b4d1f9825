import { actingRules, ContentTally, contentRefusal, inspectValue, type PolicyContent } from '#lib/limits';
import type { PolicyRefusal } from '#lib/contracts';
import { violationBy } from '../policies/policy-violation.js';
import type { Json } from './body/json-walk.js';
import { sealedPart } from './sealed-parts.js';

/** What a body becomes by the rules that read what is said. */
export interface InspectedBody {
  /** Members that changed, with what is sent in their place. */
  changed: Json;
  noted: PolicyRefusal[];
}

/**
 * Reads all that a body says: every member but plain numbers and switches, and the name of the model. What no rule can read (an image,
 * a file kept at the vendor, an earlier answer) is refused by name where a rule would have to. Throws PolicyViolation; nothing has left.
 */
export async function inspectBody(content: PolicyContent, body: Json): Promise<InspectedBody> {
  if (content.texts.length === 0 && content.judges.length === 0) return { changed: {}, noted: [] };
  assertReadable(content, body);
  const tally = new ContentTally(content);
  const said = Object.fromEntries(
    Object.entries(body).filter(
      ([name, value]) => name !== 'model' && typeof value !== 'number' && typeof value !== 'boolean',
    ),
  );
  const inspection = await inspectValue(content.compiled, said, 'input');
  tally.add(inspection.findings, 'input');
  const broken = tally.blocked();
  if (broken) throw violationBy(broken);
  // What was read is what is sent, even where nothing was found: a name that stands twice further down would be read differently here
  // and there. A member whose very name was replaced must not leave the original behind.
  const safe = inspection.verdict === 'pass' ? said : (inspection.value as Json);
  const renamed = Object.keys(said).filter((name) => !(name in safe));
  return {
    changed: { ...safe, ...Object.fromEntries(renamed.map((name) => [name, null])) },
    noted: tally.noted(),
  };
}

function assertReadable(content: PolicyContent, body: Json): void {
  const acting = [...actingRules(content).values()].find(({ rule }) => 'on' in rule && rule.on !== 'output');
  if (!acting) return;
  const part = sealedPart(body);
  if (part === null) return;
  throw violationBy(contentRefusal(acting, `sends "${part}", which this rule cannot read`));
}
