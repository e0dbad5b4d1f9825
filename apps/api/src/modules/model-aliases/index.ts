export { ModelAliasesModule } from './model-aliases.module.js';
