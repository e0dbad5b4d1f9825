export { OwnKmsModule } from './own-kms.module.js';
