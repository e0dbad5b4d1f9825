import { ClavigerAdmin } from '../admin/admin.js';
import { Claviger } from '../claviger.js';
import { UsageError } from './io.js';
import type { Settings } from './settings.js';

/** The clients that the settings are enough for. */
export class Session {
  constructor(private readonly settings: Settings) {}

  /** Throws UsageError that says what to log in with. */
  get admin(): ClavigerAdmin {
    const { apiUrl, apiToken } = this.settings;
    if (!apiUrl || !apiToken)
      throw new UsageError('Not logged in: `claviger login --api <url> < token`, with a clv_api_… token.');
    return new ClavigerAdmin({ url: apiUrl, token: apiToken });
  }

  engine(workspace?: string): Claviger {
    const { engineUrl, engineToken } = this.settings;
    if (!engineUrl || !engineToken)
      throw new UsageError('Not logged in: `claviger login --engine <url> < token`, with a clv_eng_… token.');
    return new Claviger({ url: engineUrl, token: engineToken, workspaceId: this.workspaceId(workspace) });
  }

  workspaceId(asked?: string): string {
    const id = asked ?? this.settings.workspaceId;
    if (!id) throw new UsageError('Which workspace? --workspace ws_…, or `claviger login --workspace ws_…`.');
    return id;
  }
}
