import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalKmsConfig } from '#lib/config';
import { localKeysets, type LocalKeysetPaths, type Purpose } from '#lib/kms';

/** Freshly made key files of the local KMS in a temporary folder. */
export class LocalKmsFiles {
  readonly dir = mkdtempSync(join(tmpdir(), 'claviger-keys-'));
  readonly paths: LocalKeysetPaths = localKeysets.generate(this.dir, { ciphertextExists: false });

  /** The settings of a process that opens this purpose, or of one that only seals. */
  config(purpose?: Purpose): LocalKmsConfig {
    const { publicKeysetPath, privateKeysetPaths } = this.paths;
    const privateKeysetPath = purpose && privateKeysetPaths[purpose];
    return {
      adapter: 'local',
      publicKeysetPath,
      privateKeysetPath,
      allowProduction: false,
      allowSymlink: false,
    };
  }

  /** The text of a private keyset. */
  read(purpose: Purpose): string {
    return readFileSync(this.paths.privateKeysetPaths[purpose], 'utf8');
  }

  /** Puts a newer key before the present ones of this purpose, as a rotation does. */
  addPrimary(purpose: Purpose): void {
    localKeysets.generate(this.dir, { ciphertextExists: true, newPrimaryFor: purpose });
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
