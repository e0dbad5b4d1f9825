import { ownKmsDelete, ownKmsGet, ownKmsSet } from '../generated/api/sdk.gen';
import { answer, done } from './http';

export function getOwnKms() {
  return answer(ownKmsGet());
}

/** Answers once api and engine could really use the key. */
export function setOwnKms(body: { keyId: string; roleArn: string }) {
  return answer(ownKmsSet({ body }));
}

export function unsetOwnKms() {
  return done(ownKmsDelete());
}
