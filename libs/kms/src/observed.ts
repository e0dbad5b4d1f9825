import { KmsError } from './kms-error.js';
import type { KmsByPrivilege, KmsOpenPort, KmsPrivilege, KmsSealPort } from './kms.port.js';

/** Told of each call to the key service: its outcome is `ok` or the kind of the failure. */
export type KmsObserver = (operation: string, outcome: string, seconds: number) => void;

function observedSeal(kms: KmsSealPort, observer: KmsObserver): KmsSealPort {
  return {
    describe: (...args: Parameters<KmsSealPort['describe']>) =>
      timed('describe', observer, () => kms.describe(...args)),
    generateDataKey: (...args: Parameters<KmsSealPort['generateDataKey']>) =>
      timed('generateDataKey', observer, () => kms.generateDataKey(...args)),
  };
}

function observedOpen(kms: KmsOpenPort, observer: KmsObserver): KmsOpenPort {
  return {
    describe: (...args: Parameters<KmsOpenPort['describe']>) =>
      timed('describe', observer, () => kms.describe(...args)),
    decrypt: (...args: Parameters<KmsOpenPort['decrypt']>) =>
      timed('decrypt', observer, () => kms.decrypt(...args)),
  };
}

/** Each privilege, measured; re-wrapping is told by its own figures. */
export const observed: {
  [P in KmsPrivilege]: (kms: KmsByPrivilege[P], observer: KmsObserver) => KmsByPrivilege[P];
} = { seal: observedSeal, open: observedOpen, rewrap: (kms) => kms };

async function timed<T>(operation: string, observer: KmsObserver, call: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const tell = (outcome: string) => observer(operation, outcome, (performance.now() - start) / 1_000);
  try {
    const answer = await call();
    tell('ok');
    return answer;
  } catch (error) {
    tell(error instanceof KmsError ? error.kind : 'failed');
    throw error;
  }
}
