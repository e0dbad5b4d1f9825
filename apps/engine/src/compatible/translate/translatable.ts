import { protocolOf } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import type { NeutralRequest } from '#lib/providers';
import type { Json } from '../body/json-walk.js';
import type { WirePlan } from '../preparation.js';
import type { AskedCall, WireOperation } from '../wire.js';
import { untranslatable } from './fields.js';
import { TRANSLATIONS, type Translation } from './wires.js';

/** Throws the name of what another protocol has no word for, before anything is opened or sent: nothing is dropped in silence. */
export function assertTranslatable(operation: WireOperation, asked: AskedCall, plan: WirePlan): void {
  const translation = translationOf(operation, plan);
  const request = translation.read(translatedBody(asked, plan));
  if ('messages' in request) assertWords(request, plan);
}

/** How the operation is asked of the chosen provider. Throws validation_failed where it cannot be. */
export function translationOf({ id }: WireOperation, plan: WirePlan): Translation {
  const translation = TRANSLATIONS[id];
  if (!translation || !isSpokenBy(translation, plan)) throw notTranslated(id, plan);
  return translation;
}

/** What is translated: the body as the rules that read it left it. */
export function translatedBody({ body }: AskedCall, { changed }: WirePlan): Json {
  return { ...body.whole(), ...changed };
}

/** Every protocol has words; vectors and counts are only where their vendor has an endpoint for them. */
function isSpokenBy({ kind }: Translation, { choice }: WirePlan): boolean {
  if (kind === 'words') return true;
  const { provider, assignment } = choice;
  if (provider.credential.kind === 'service_account_or_key') return false;
  if (protocolOf(provider, assignment.config) === 'gemini') return true;
  return kind === 'count' && provider.slug === 'openai';
}

function assertWords({ messages, reasoning }: NeutralRequest, { choice }: WirePlan): void {
  const protocol = protocolOf(choice.provider, choice.assignment.config);
  // Claude's thoughts are paid for beside the end of the answer, and must come back with the results of tools.
  const thinks = protocol === 'anthropic' || protocol === 'bedrock';
  if (thinks && reasoning !== undefined && reasoning !== 'none') untranslatable('/reasoning');
  if (protocol !== 'gemini') return;
  // Gemini takes images in the request, or from its own store.
  const at = messages.findIndex(
    (message) => 'parts' in message && message.parts.some(({ type }) => type === 'imageUrl'),
  );
  if (at !== -1) untranslatable(`/messages/${at}`);
}

function notTranslated(id: string, { choice }: WirePlan): ClavigerError {
  const detail = `The key of ${choice.provider.name} speaks another protocol, and ${id} cannot be translated into it. Use a model of a provider with this protocol, or another endpoint.`;
  return new ClavigerError('validation_failed', detail, { extras: { model: choice.model } });
}
