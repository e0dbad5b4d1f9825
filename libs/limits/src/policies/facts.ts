/** A tool that a call brings. */
export interface ToolFacts {
  /** null: not known yet, as of an MCP server that was not asked; then rules about kinds alone say something. */
  name: string | null;
  kind: string;
}

/** What is known of a call when its rules are judged. What is left out is not known, and rules about it are not judged. */
export interface CallFacts {
  now: Date;
  /** null: the call names none. */
  surface?: string | null;
  tools?: readonly ToolFacts[];
  /** null: the call names none, and can still be given one. */
  maxOutputTokens?: number | null;
  /** The call is under way: what it did not name it can't be given any more. */
  underWay?: boolean;
}

/** Where a call would go. A model of null stands for the provider as a whole. */
export interface TargetFacts {
  provider: string;
  model: string | null;
}
