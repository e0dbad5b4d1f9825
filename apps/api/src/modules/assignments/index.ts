export { type Dependents } from './assignment.js';
export { AssignmentsModule } from './assignments.module.js';
export { AssignmentsPort } from './assignments.port.js';
