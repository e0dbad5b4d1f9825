// Texts without personal data, by what they are mistaken for: near misses of each kind, and what ordinary texts are full of.
import { anyIban, withLuhn } from './check-digits.js';
import type { SeededRandom } from './random.js';

type MakeText = (random: SeededRandom) => string;

/** Another last digit than the one that fits. */
function spoilt(number: string): string {
  return number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10);
}

const day: MakeText = (random) =>
  random.pick([
    random.fill('202#-1#-2#').replace(/1\d-/, '11-'),
    `${random.int(1, 28)}/${random.int(1, 12)}/${random.int(1990, 2030)}`,
    `${random.int(10, 28)}.0${random.int(1, 9)}.${random.int(1990, 2030)}`,
    `${random.int(1, 28)} March ${random.int(1990, 2030)}`,
    `202${random.int(0, 9)}-0${random.int(1, 9)}-1${random.int(0, 9)}T1${random.int(0, 9)}:3${random.int(0, 9)}:00.000Z`,
  ]);

const KINDS: Record<string, MakeText> = {
  email: (random) =>
    random.pick([
      random.fill('npm i react@1#.#.# @types/node@2#.1.#'),
      'ping @marta and @li about it',
      random.fill('logo@Nx.png is missing'),
      'user at example dot com',
      'git@github.com:acme/widgets.git',
      'a @ b is matrix multiplication',
      'foo@bar',
      '@media (min-width: 40em) {',
      'me@localhost',
      'mail@.com is not one',
      'docker pull acme/web@sha256:0f3c',
      'x@y@z',
    ]),
  phone: (random) =>
    random.pick([
      random.fill('order number 1#########'),
      random.fill('Bestellnummer ########'),
      random.fill('Rechnung 2024-######'),
      random.fill('INV-2024-####-###'),
      random.fill('ISBN 978-3-16-######-#'),
      random.fill('1#.###.###,## €'),
      random.fill('$1#,###,###.##'),
      random.fill('timestamp 17########'),
      random.fill('17###########'),
      random.fill('population 8 ### ###'),
      random.fill('0.########'),
      random.fill('ticket #4####### is open'),
      random.fill('room 4## on floor 2'),
      random.fill('EAN 40#########3'),
      random.fill('12 ### ### visitors'),
      random.fill('seed=##########'),
      random.fill('lines 100-2## of 3000'),
      random.fill('factura 2024/000###'),
      random.fill('SKU 55-###-####'),
      random.fill('3.1415926535#####'),
    ]),
  credit_card: (random) =>
    random.pick([
      spoilt(withLuhn(random.fill('4##############'))),
      spoilt(withLuhn(random.fill('51#############'))).replace(/(.{4})(?=.)/g, '$1 '),
      withLuhn(random.fill('9##############')),
      withLuhn(random.fill('1##############')),
      random.fill('tracking 1Z999AA1##########'),
      random.fill('17########.######'),
      random.fill('4###-12-31'),
    ]),
  iban: (random) => {
    const good = anyIban(random);
    const wrong =
      good.slice(0, 2) + String(((Number(good.slice(2, 4)) + 1) % 97) + 1).padStart(2, '0') + good.slice(4);
    return random.pick([
      wrong,
      wrong.replace(/(.{4})(?=.)/g, '$1 '),
      random.fill('ZZ## #### #### #### ####'),
      random.fill('part no. AB12CD34EF56GH78'),
    ]);
  },
  us_ssn: (random) =>
    random.pick([
      random.fill('000-##-####'),
      random.fill('666-1#-1###'),
      random.fill('9##-00-####'),
      random.fill('N##-00-####'),
      random.fill('N##-1#-0000'),
      random.fill('12345-####'),
      random.fill('SKU 1##-##-###'),
    ]),
  national_id: (random) =>
    random.pick([
      random.fill('ref 1##########'),
      random.fill('invoice 2########'),
      random.fill('123.456.789-1#').replace(/-1.$/, '-10'),
      random.fill('form QQ12345E'),
      random.fill('GB123456A is no such prefix'),
      random.fill('model X####Z'),
      random.fill('batch #########'),
    ]),
  ipv4: (random) =>
    random.pick([
      random.fill('version 1.N.#.#'),
      random.fill('v2.1#.#.4'),
      random.fill('section 4.N.1.2'),
      '127.0.0.1',
      '0.0.0.0',
      '255.255.255.0',
      '999.10.10.300',
      random.fill('1.3.6.1.4.1.#'),
      random.fill('lib-1.2.3.4-beta'),
      '256.1.1.1',
    ]),
  ipv6: (random) =>
    random.pick([
      'std::vector<int>',
      '::1',
      '::',
      random.fill('1#:3#:2#'),
      'a::b',
      'Foo::Bar::baz()',
      random.fill('ratio 16:9:4'),
      'dead::beef',
      'fn::<u32>()',
      random.fill('sha256:xxxxxxxxxxxxxxxx'),
    ]),
  mac: (random) =>
    random.pick([
      random.fill('xx:xx:xx:xx:xx:xx:xx:xx'),
      random.fill('xx:xx:xx:xx'),
      random.fill('1#:2#:3#'),
      'gg:hh:ii:jj:kk:ll',
      'ff:ff:ff:ff:ff:ff',
    ]),
  date_of_birth: (random) =>
    `${random.pick(['released on', 'Meeting', 'Stand vom', 'due', 'publié le', 'Rechnung vom', 'valido dal', 'updated:', '発売日：'])} ${day(random)}`,
  secret: (random) =>
    random.pick([
      random.fill('commit xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'),
      random.fill('xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx'),
      'set OPENAI_API_KEY first',
      'sk-learn and sk-image',
      'Bearer token is missing',
      random.fill('sha256-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'),
      'a -----BEGIN CERTIFICATE----- block',
      'task-management-for-large-organizations',
      'eyJhbGci is how it starts',
      'ask-me-anything-about-this-topic-today',
      'AKIA is a prefix',
    ]),
  prose: (random) =>
    random.pick([
      'The quick brown fox jumps over the lazy dog.',
      'Bitte fasse den Vertrag in drei Sätzen zusammen.',
      'Résume ce document en français, s’il te plaît.',
      'Escribe una función que ordene la lista.',
      '请总结这份文件。',
      'この文書を要約してください。',
      'const total = items.reduce((a, b) => a + b.price * 1.19, 0);',
      'SELECT id, name FROM users WHERE id = 42 AND age > 18;',
      random.fill('In 202# sales rose by 1#.# % to 4,### units.'),
      random.fill('Chapter 1#, page 2##, paragraph 3.'),
      random.fill('{"id": "xxxxxxxxxxxx", "count": 1##, "ok": true}'),
      random.fill('error 404 at /api/v1/items/####?page=2'),
      random.fill('see RFC ### and PEP 8'),
      random.fill('temperature -1#.# °C, humidity 4# %'),
      'Обобщи этот документ, пожалуйста.',
      random.fill('Los resultados de 202# superan los 1.###.### euros.'),
      random.fill('rgb(1##, 2#, 3#) #xxxxxx'),
      random.fill('x = [1, 2, 3, 4, 5, 6, 7, 8, 9, ##]'),
    ]),
  date: day,
};

const AROUND: [string, string][] = [
  ['', ''],
  ['See ', '.'],
  ['Bitte prüfe ', ' noch einmal.'],
  ['Voici : ', ''],
  ['The value is ', ', as before.'],
  ['(', ')'],
  ['El valor ', ' no cambia.'],
];

/** A text of the named sort, in which nothing must be found. */
export function negativeText(sort: string, random: SeededRandom): string {
  const make = KINDS[sort];
  if (!make) throw new Error(`there is no negative of the sort ${sort}`);
  const [before, after] = AROUND[random.int(0, AROUND.length - 1)] ?? ['', ''];
  return before + make(random) + after;
}

export const NEGATIVE_SORTS: string[] = Object.keys(KINDS);
