export { AuthThrottle } from './auth-throttle.js';
export { SessionDto } from './auth.dto.js';
export { AuthModule } from './auth.module.js';
export { AccountService, AuthService, type SignedIn } from './auth.service.js';
export { setSessionCookie } from './session-cookie.js';
