import type { SecretBytes } from '#lib/kernel';
import { assertNotSetAndCleared } from '../../common/patch.js';
import { packCredential } from '../secrets/index.js';
import type { McpServerPatch, NewMcpServer } from './mcp-server.js';
import type { CreateMcpServerDto, UpdateMcpServerDto } from './mcp-servers.dto.js';

/** What a creating body asks for. The secret leaves the body here and is bytes from now on. */
export function newServerFrom(body: CreateMcpServerDto): NewMcpServer {
  const { name, url, approval, approvers } = body;
  return { name, url, approval, approvers, entered: takeSecret(body) };
}

/** What a PATCH asks for. The secret leaves the body here and is bytes from now on. Throws validation_failed. */
export function serverPatchFrom(body: UpdateMcpServerDto): McpServerPatch {
  const { clear = [], ...sent } = body;
  assertNotSetAndCleared(sent, clear);
  const { name, url, enabled, approval, approvers } = body;
  const settings = { name, url, enabled, approval, approvers };
  return { ...settings, entered: takeSecret(body), clearSecret: clear.includes('secret') };
}

function takeSecret(body: { secret?: string }): SecretBytes | null {
  const { secret } = body;
  delete body.secret;
  return secret === undefined ? null : packCredential(secret);
}
