import { UNKNOWN_CAPABILITIES } from './data/hosted.js';
import { catalogueData } from './data/index.js';
import { WIRE_HEADER } from './origins.js';
import type {
  CatalogueData,
  CatalogueEdits,
  CredentialShape,
  ModelRecord,
  ProviderEdit,
  ProviderRecord,
} from './types.js';

/** What a change of the edits comes to, by slug and `slug/model`. */
export interface EditChanges {
  added: string[];
  changed: string[];
  removed: string[];
}

/** Lays an operator's edits over what Claviger ships: member by member, their own records last and by name. */
export function withEdits(data: CatalogueData, edits: CatalogueEdits): CatalogueData {
  const providers = new Map(data.providers.map((record) => [record.slug, record]));
  const models = new Map(data.models.map((record) => [modelKey(record.provider, record.id), record]));
  for (const edit of [...edits.providers].sort((a, b) => (a.slug < b.slug ? -1 : 1))) {
    providers.set(edit.slug, providerWith(providers.get(edit.slug), edit));
    for (const model of edit.models ?? []) {
      const key = modelKey(edit.slug, model.id);
      const base = models.get(key) ?? uncataloguedModel(edit.slug, model.id);
      const capabilities = { ...base.capabilities, ...model.capabilities };
      models.set(key, { ...base, ...model, capabilities });
    }
  }
  return { providers: [...providers.values()], models: [...models.values()] };
}

/** What `after` adds to, changes in and takes out of `before`. */
export function editChanges(before: CatalogueEdits, after: CatalogueEdits): EditChanges {
  const [old, now] = [parts(before), parts(after)];
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    changed: [...now].filter(([name, text]) => old.has(name) && old.get(name) !== text).map(([name]) => name),
    removed: [...old.keys()].filter((name) => !now.has(name)),
  };
}

/** A model that is used though the catalogue doesn't list it: an Ollama tag, a gateway's model, one an owner curated. */
export function uncataloguedModel(provider: string, id: string): ModelRecord {
  return {
    id,
    provider,
    name: id,
    bestFor: null,
    contextWindow: null,
    capabilities: UNKNOWN_CAPABILITIES,
    price: null,
    lifecycle: 'active',
    replacement: null,
  };
}

/** What a vendor that only the database knows starts from: OpenAI's wire and one bearer key. */
export function blankProvider(slug: string): ProviderRecord {
  const custom = catalogueData.providers.find((record) => record.slug === 'custom')!;
  const credential = shapeOf({ kind: 'key' }, custom);
  const own = { slug, name: slug, credential, protocolChoices: [], versionPath: null };
  return { ...custom, ...own, isOperatorMade: true };
}

function providerWith(known: ProviderRecord | undefined, edit: ProviderEdit): ProviderRecord {
  const { models: _models, credential, ...members } = edit;
  const base = known ?? blankProvider(edit.slug);
  const record = { ...base, ...members };
  if (!known) record.versionPath = versionPathOf(record.baseUrl);
  record.credential = credential || !known ? shapeOf(credential ?? { kind: 'key' }, record) : base.credential;
  return record;
}

function versionPathOf(baseUrl: string | null): string | null {
  if (baseUrl === null || !URL.canParse(baseUrl)) return null;
  const path = new URL(baseUrl).pathname.replace(/\/+$/, '');
  return path === '' ? null : path;
}

/** The form of a credential by its kind: the clouds' as Claviger ships them, the others with the header that was named. */
function shapeOf(
  { kind, header }: NonNullable<ProviderEdit['credential']>,
  { protocol }: Pick<ProviderRecord, 'protocol'>,
): CredentialShape {
  const shipped = catalogueData.providers.find(({ credential }) => credential.kind === kind)!.credential;
  if (kind === 'iam_or_bearer' || kind === 'service_account_or_key') return shipped;
  return { ...shipped, header: header?.toLowerCase() ?? WIRE_HEADER[protocol] };
}

/** Each provider's own settings and each model as one text, to compare. */
function parts({ providers }: CatalogueEdits): Map<string, string> {
  return new Map(
    providers.flatMap(({ models = [], ...settings }): [string, string][] => [
      [settings.slug, canonical(settings)],
      ...models.map((model): [string, string] => [`${settings.slug}/${model.id}`, canonical(model)]),
    ]),
  );
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function modelKey(provider: string, id: string): string {
  return `${provider}\n${id}`;
}
