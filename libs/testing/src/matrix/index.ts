export { ask, codeOf, each, told, type Answered, type Asked, type Caller } from './ask.js';
export {
  documentFaults,
  fillPath,
  readOperations,
  type IdPlace,
  type MatrixDocument,
  type MatrixOperation,
} from './document.js';
export { measureReads, type ListMatrix } from './lists.js';
export { printed, type Measured } from './measured.js';
export { measureAllowed, measureRefusals, type Due, type RightsMatrix } from './rights.js';
export { snapshotRows, writesBetween, type RowSnapshot } from './row-snapshot.js';
export { measureIds, withField, type IdMatrix } from './strange-ids.js';
export { measureBodies, measureRepeated, measureUnknown, type WrongInput } from './wrong-input.js';
