// The house's own lint rules: what is banned and what to do instead. Proved one by one in lint.spec.ts.

const BANNED = {
  exportStar: {
    selector: 'ExportAllDeclaration',
    message: 'Name what you export: a door that lets everything through hides what is public.',
  },
  doubleCast: {
    selector: 'TSAsExpression > TSAsExpression.expression > TSUnknownKeyword',
    message: '`as unknown as` tells the compiler a lie: narrow with a check instead.',
  },
  forwardRef: {
    selector: "CallExpression[callee.name='forwardRef']",
    message: 'Two modules that need each other: let the lower one state a port.',
  },
  rawUnsafe: {
    selector: 'MemberExpression[property.name=/RawUnsafe$/]',
    message: 'Use the tagged template ($queryRaw`…`): it sends values as parameters.',
  },
  httpException: {
    selector:
      'NewExpression[callee.name=/^(?:HttpException|[A-Z]\\w+(?:Request|Found|Unauthorized|Forbidden|Conflict)Exception)$/]',
    message: 'Throw ClavigerError(code, detail): libs/http turns it into a status.',
  },
  manyDependencies: {
    selector: "MethodDefinition[kind='constructor'] > FunctionExpression[params.length>5]",
    message: 'More than five dependencies: this class does more than one thing.',
  },
  environment: {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'libs/config is the only reader of the environment.',
  },
  defaultExport: {
    selector: 'ExportDefaultDeclaration',
    message: 'Named exports only: a name is found by search.',
  },
  mockedModule: {
    selector:
      "CallExpression[callee.object.name='jest'][callee.property.name=/^(?:mock|doMock|unstable_mockModule)$/]",
    message: 'Use a real fake of the port (libs/testing) instead of mocking our own code.',
  },
  skippedTest: {
    selector:
      'CallExpression[callee.name=/^(?:xit|xdescribe|fit|fdescribe|xtest)$/], MemberExpression[object.name=/^(?:it|test|describe)$/][property.name=/^(?:skip|todo|only|failing)$/]',
    message: 'A test runs or does not exist.',
  },
};

const CRYPTO = {
  ciphers: {
    importNames: [
      'createCipheriv',
      'createDecipheriv',
      'hkdf',
      'hkdfSync',
      'pbkdf2',
      'pbkdf2Sync',
      'scrypt',
      'scryptSync',
      'diffieHellman',
      'publicEncrypt',
      'privateDecrypt',
      'encapsulate',
      'decapsulate',
    ],
    message: 'Ciphers and key derivation live in libs/kms alone.',
  },
  hashes: {
    importNames: ['createHash', 'createHmac', 'hash', 'argon2', 'argon2Sync', 'timingSafeEqual'],
    message: 'Hashing lives in libs/kernel: sha256, hmacSha256, equalBytes, hashPassword.',
  },
};

/** Entries for `no-restricted-syntax`. */
export function banned(...names) {
  return names.map((name) => BANNED[name]);
}

/** Entries for `no-restricted-imports`, for both spellings of the module. */
export function restrictedImports(...names) {
  return names.flatMap((name) =>
    ['node:crypto', 'crypto'].map((module) => ({ name: module, ...CRYPTO[name] })),
  );
}
