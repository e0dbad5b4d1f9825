import type { Capability, ModelCapabilities, ModelLifecycle, ModelPrice, WireProtocol } from '#lib/contracts';

/** One named field of a credential, as a form shows it. */
export interface CredentialField {
  /** Where it is sent in a request body: `secret`, `secondSecret`, or a member of the JSON that `secret` holds. */
  name: string;
  label: string;
  required: boolean;
}

/** What a provider wants to be entered (PRODUCT #16). */
export interface CredentialShape {
  kind: 'key' | 'key_and_second' | 'iam_or_bearer' | 'service_account_or_key' | 'optional_key';
  /** Whether a key without a secret is unconfigured. A local Ollama needs none. */
  required: boolean;
  /** The header that carries the secret upstream; null where it is no plain header (SigV4, OAuth). */
  header: string | null;
  fields: CredentialField[];
}

/** A provider of the platform tier: data, so that a new OpenAI-compatible vendor needs no code (PRODUCT #9, #10). */
export interface ProviderRecord {
  slug: string;
  name: string;
  protocol: WireProtocol;
  /** The protocols that `config.protocol` may choose from; empty where the protocol is fixed. */
  protocolChoices: WireProtocol[];
  /** Carries the version path. null where a key must bring its own, or where its settings say it (a region, a project). */
  baseUrl: string | null;
  acceptsBaseUrl: boolean;
  /** Path that the vendor's own base URL ends with; a hint is given when an entered one lacks it. */
  versionPath: string | null;
  /** Appended to the base URL before the wire protocol's own paths (Ollama's OpenAI surface lives under `/v1`). */
  callPath: string;
  credential: CredentialShape;
  /** null where every key must name its own. */
  defaultModel: string | null;
  /** Surfaces whose model differs from the default one, by name. */
  surfaces: Record<string, string>;
  /** Whether models that the catalogue doesn't list are accepted (local tags, deployments). */
  openModels: boolean;
  supportsTools: Capability;
  supportsStreaming: boolean;
  /** Beginnings that the vendor's keys have; used for masks and for "this looks like another vendor's key". */
  keyPrefixes: string[];
  /** Where an owner makes a key. */
  consoleUrl: string | null;
  /** The operator's gate over all organizations; false refuses every call and test, whatever keys exist. */
  enabled: boolean;
  /** Whether an operator made it; the others are Claviger's own, changed by an operator or not. */
  isOperatorMade: boolean;
}

/** A model of the platform tier (PRODUCT #11). */
export interface ModelRecord {
  id: string;
  provider: string;
  name: string;
  bestFor: string | null;
  /** In tokens. */
  contextWindow: number | null;
  capabilities: ModelCapabilities;
  price: ModelPrice | null;
  lifecycle: ModelLifecycle;
  /** The model to move to, of the same provider; null while there is no need. */
  replacement: string | null;
}

/** What an operator says of a model; what is left out stays as Claviger ships it. */
export type ModelEdit = Pick<ModelRecord, 'id'> &
  Partial<Omit<ModelRecord, 'id' | 'provider' | 'capabilities'>> & {
    capabilities?: Partial<ModelCapabilities>;
  };

type Editable = Omit<
  ProviderRecord,
  'slug' | 'credential' | 'protocolChoices' | 'versionPath' | 'callPath' | 'isOperatorMade'
>;

/** What an operator says of a provider and its models; what is left out stays as Claviger ships it. */
export type ProviderEdit = Pick<ProviderRecord, 'slug'> &
  Partial<Editable> & {
    credential?: { kind: CredentialShape['kind']; header?: string };
    models?: ModelEdit[];
  };

/** Everything that operators changed, as one version keeps it: never the whole catalogue, so that an upgrade still brings what is new. */
export interface CatalogueEdits {
  providers: ProviderEdit[];
}

/** Rows of the platform tier as the database keeps them: the record is JSON of the types above. */
export interface CatalogueRows {
  providers: { slug: string; record: unknown }[];
  models: { provider: string; id: string; record: unknown }[];
  /** The operator's latest version on top; undefined while there is none. */
  edits?: CatalogueEdits | undefined;
  version?: number;
}

export interface CatalogueData {
  providers: ProviderRecord[];
  models: ModelRecord[];
}

/** The platform tier, indexed for look-up. Immutable. */
export interface Catalogue extends CatalogueData {
  /** Of the operator's edits that are in it; 0 for none. */
  version: number;
  provider(slug: string): ProviderRecord | undefined;
  model(provider: string, id: string): ModelRecord | undefined;
  modelsOf(provider: string): ModelRecord[];
  /** Slugs of the providers that list a model of this id, in catalogue order. */
  providersListing(id: string): string[];
}
