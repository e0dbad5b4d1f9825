import { ClavigerError, type TestStatus, type TestStep, type TestStepName } from '#lib/contracts';

const ORDER: TestStepName[] = ['name', 'tls', 'auth', 'model', 'call'];
const PASSED: Record<TestStepName, string> = {
  name: 'The host name was found, and its addresses may be called.',
  tls: 'The connection was made.',
  auth: 'The provider accepted the key.',
  model: 'The provider has the model.',
  call: 'The model answered.',
};

/** The steps of a test up to the one that failed; all of them when none did. */
export function testSteps(failed: TestStepName | null, detail: string, isPlain: boolean): TestStep[] {
  const passed = failed === null ? ORDER : ORDER.slice(0, ORDER.indexOf(failed));
  const steps = passed.map((name) => ({ name, ok: true, detail: passedDetail(name, isPlain) }));
  return failed === null ? steps : [...steps, { name: failed, ok: false, detail }];
}

/**
 * Which step a failed ping failed at. `bytesLeft`: whether the request was sent, so that name and connection were in order. A rate
 * limit or a fault of the provider says that the key was accepted; a 404 names the model or its path.
 */
export function failedStep(error: ClavigerError, bytesLeft: boolean): TestStepName {
  if (!bytesLeft) return isAboutName(error) ? 'name' : 'tls';
  if (error.code === 'upstream_auth_failed') return 'auth';
  const status = error.extras?.['upstreamStatus'];
  const aboutModel = status === 404 || (status === 400 && /model/i.test(error.message));
  return aboutModel ? 'model' : 'call';
}

/** A provider that is silent was not reached, whichever step it was silent at. */
export function statusOf(error: ClavigerError, step: TestStepName): TestStatus {
  return error.code === 'upstream_timeout' ? 'unreachable' : statusAt(step);
}

/** The time of a test is ours: there is nothing that its caller could raise. */
export function inWordsOfATest(error: unknown, provider: string, deadlineMs: number): unknown {
  if (!(error instanceof ClavigerError) || error.code !== 'upstream_timeout') return error;
  const { code, extras } = error;
  const detail =
    `${provider} did not answer within ${deadlineMs / 1_000} s. Check the base URL and whether the server is up, ` +
    'then try again.';
  return new ClavigerError(code, detail, { extras, cause: error });
}

function statusAt(step: TestStepName): TestStatus {
  switch (step) {
    case 'name':
    case 'tls':
      return 'unreachable';
    case 'auth':
      return 'auth_failed';
    case 'model':
      return 'model_failed';
    case 'call':
      return 'error';
  }
}

function isAboutName(error: ClavigerError): boolean {
  return error.code === 'egress_blocked' || /has no address|could not be looked up/.test(error.message);
}

function passedDetail(name: TestStepName, isPlain: boolean): string {
  return name === 'tls' && isPlain
    ? 'The connection was made, over plain HTTP as the operator allows.'
    : PASSED[name];
}
