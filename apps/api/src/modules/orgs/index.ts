export { OrgsModule } from './orgs.module.js';
