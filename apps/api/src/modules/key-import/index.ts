export { KeyImportModule } from './key-import.module.js';
