// Values of each kind as people write them, made from the public specifications.
import { anyAadhaar, anyBsn, anyCpf, anyDni, anyIban, anySteuerId, withLuhn } from './check-digits.js';
import type { SeededRandom } from './random.js';

/** A text with one value in it. */
export interface PiiSample {
  kind: string;
  text: string;
  /** Where the value stands in the text. */
  start: number;
  end: number;
}

export type MakeSample = (random: SeededRandom) => [lead: string, value: string, trail: string];

const FIRST = 'john maria peter li anna joão søren çağla tom priya olga hans chloe marco jan';
const LAST = 'doe smith müller garcia rossi nowak tanaka kumar jensen dubois silva ivanova';
const HOST = 'example acme mail contoso uni-bonn big-corp sub.example web.de bücher gov.service';
const TLD = 'com org net de fr co.uk io es it nl com.br in dev museum';

const email: MakeSample = (random) => {
  const [first, last] = [random.word(FIRST), random.word(LAST)];
  const local = random.pick([
    first,
    `${first}.${last}`,
    `${first}_${last}${random.int(1, 99)}`,
    `${first}+news`,
    `${first}-${last}`,
    `${first.toUpperCase()}.${last}`,
    `${first.charAt(0)}${last}`,
    `o'${last}`,
    `${first}.${last}+tag`,
  ]);
  const lead = random.pick([
    '',
    'Write to ',
    'mailto:',
    '<',
    'E-Mail: ',
    'Schreib an ',
    'contact=',
    '"',
    '(',
    '联系邮箱：',
    'Escribe a ',
  ]);
  const trail = random.pick(['', '.', ', please', '>', '"', ')', ' today', '; thanks', '?', '。']);
  return [lead, `${local}@${random.word(HOST)}.${random.word(TLD)}`, trail];
};

const PHONE_FORMS =
  '+49 (0)89 ####-####|+49 89 #######|+4989########|+49 17# ########|0049 30 ########|089 ####-####|089/#######|(089) #######|030 ########|0171 #######|' +
  '0176-########|(N15) N55-####|N15-N55-####|N15.N55.####|1-N15-N55-####|+1 N15 N55 ####|+1 (N15) N55-####|+1N15N55####|+1-N15-N55-####|' +
  '020 7### ####|07### ######|+44 20 7### ####|+44 (0)20 7### ####|+44 7### ######|01 ## ## ## ##|06 ## ## ## ##|06.##.##.##.##|+33 6 ## ## ## ##|+33 1 ## ## ## ##|' +
  '+34 6## ### ###|6## ## ## ##|+39 06 ########|+39 33# ### ####|333 #######|+31 6 ########|06-########|020-#######|+41 44 ### ## ##|044 ### ## ##|' +
  '+55 11 9####-####|(11) 9####-####|+91 98### #####|98### #####|+91-98########|+81 3-####-####|03-####-####|+86 138 #### ####|138 #### ####|+61 4## ### ###|04## ### ###|' +
  '+48 6## ### ###|+45 ## ## ## ##|+46 70 ### ## ##|+7 9## ###-##-##|+971 50 ### ####|+65 9### ####|+52 55 #### ####';

const phone: MakeSample = (random) => {
  const forms = PHONE_FORMS.split('|');
  const value = random.fill(forms[random.int(0, forms.length - 1)] ?? '');
  const lead = random.pick([
    '',
    'Call ',
    'Tel.: ',
    'my number is ',
    'Meine Nummer: ',
    'Appelle-moi au ',
    'Reach me on ',
    'llámame al ',
    'phone=',
    '电话：',
  ]);
  return [lead, value, random.pick(['', '.', ', thanks', ' tomorrow', ' bitte', ')', '!', '\nBye'])];
};

const CARDS =
  '4:16 4:13 51:16 55:16 2221:16 2720:16 34:15 37:15 6011:16 65:16 36:14 305:14 3528:16 62:16 4:19';

const creditCard: MakeSample = (random) => {
  const [head = '4', length = '16'] = random.word(CARDS).split(':');
  const number = withLuhn(head + random.digits(Number(length) - head.length - 1));
  const separator = random.pick(['', ' ', '-']);
  const groups =
    number.length === 15 ? /^(....)(......)(.+)$/ : number.length === 14 ? /^(....)(......)(....)$/ : null;
  const grouped = groups
    ? number.replace(groups, `$1${separator}$2${separator}$3`)
    : number.replace(/(.{4})(?=.)/g, `$1${separator}`);
  return [
    random.pick(['', 'Card: ', 'Visa ', 'charge ', 'Kreditkarte ', 'tarjeta ']),
    grouped,
    random.pick(['', '.', ' exp 12/28', ', CVC 123', ' please', ' 09/27']),
  ];
};

const iban: MakeSample = (random) => {
  const value = anyIban(random);
  const written = random.pick([
    value,
    value.replace(/(.{4})(?=.)/g, '$1 '),
    value.replace(/(.{4})(?=.)/g, '$1 '),
    value.toLowerCase(),
  ]);
  return [
    random.pick(['', 'IBAN: ', 'Konto ', 'pay to ', 'cuenta ']),
    written,
    random.pick(['', '.', ', BIC COBADEFF', ' bitte', ' (EUR)', '\n']),
  ];
};

const usSsn: MakeSample = (random) => {
  const area = random.pick([random.int(1, 665), random.int(667, 899)]);
  const parts = [
    String(area).padStart(3, '0'),
    String(random.int(1, 99)).padStart(2, '0'),
    String(random.int(1, 9999)).padStart(4, '0'),
  ];
  if (random.chance(0.2))
    return [random.pick(['SSN ', 'social security number: ']), parts.join(''), random.pick(['', '.'])];
  return [
    random.pick(['', 'SSN: ', 'his social is ']),
    parts.join(random.pick(['-', '-', ' '])),
    random.pick(['', '.', ', ok', ' on file']),
  ];
};

const nationalId: MakeSample = (random) => {
  const steuer = anySteuerId(random);
  return random.pick<[string, string, string]>([
    ['Steuer-ID: ', steuer, '.'],
    ['Meine IdNr ist ', steuer, ''],
    ['', steuer.replace(/^(..)(...)(...)(...)$/, '$1 $2 $3 $4'), ' steht im Bescheid'],
    [
      'NI number ',
      random.fill(
        `${random.word('AB CE JG LM PR SW YZ')}${random.pick(['######', ' ## ## ## '])}${random.word('A B C D')}`,
      ),
      ' applies',
    ],
    ['DNI ', anyDni(random), ', gracias'],
    ['', anyDni(random), ''],
    ['BSN ', anyBsn(random), '.'],
    ['Mijn burgerservicenummer is ', anyBsn(random), ''],
    ['CPF: ', anyCpf(random), '.'],
    ['', anyCpf(random), ' é meu'],
    ['Aadhaar ', anyAadhaar(random), '.'],
    ['', anyAadhaar(random).replace(/(.{4})(?=.)/g, '$1 '), ' is mine'],
  ]);
};

const ipv4: MakeSample = (random) => {
  const first = random.pick([random.int(1, 9), random.int(11, 126), random.int(128, 223), 10, 192]);
  const value = [first, random.int(0, 255), random.int(0, 255), random.int(1, 254)].join('.');
  return [
    random.pick(['', 'from ', 'IP: ', 'http://', 'client=', '[']),
    value,
    random.pick(['', '.', ':8080', ' failed', ']', '/24', ', retry', '/login']),
  ];
};

const ipv6: MakeSample = (random) => {
  const group = (): string => Number.parseInt(random.fill('xxxx'), 16).toString(16);
  const full = ['2001', ...Array.from({ length: 7 }, group)];
  const value = random.pick([
    full.join(':'),
    `2a02:${group()}::${random.int(1, 9)}`,
    `2001:db8:${group()}:${group()}::${group()}`,
    `fe80::${group()}:${random.int(1, 9)}`,
    full.join(':').toUpperCase(),
  ]);
  return [
    random.pick(['', 'from ', 'address ', '[']),
    value,
    random.pick(['', ' seen', ']:443', ', ok', '/64', '.']),
  ];
};

const mac: MakeSample = (random) => {
  const pairs = Array.from({ length: 6 }, () => random.fill('xx'));
  const value = ['1a', ...pairs.slice(1)].join(random.pick([':', '-']));
  return [
    random.pick(['', 'MAC ', 'device ']),
    random.chance(0.5) ? value.toUpperCase() : value,
    random.pick(['', '.', ' joined']),
  ];
};

const dateOfBirth: MakeSample = (random) => {
  const [day, month, year] = [random.int(1, 28), random.int(1, 12), random.int(1930, 2012)];
  const [dd, mm] = [String(day).padStart(2, '0'), String(month).padStart(2, '0')];
  const english =
    'January February March April May June July August September October November December'.split(' ')[
      month - 1
    ] ?? '';
  const german =
    'Januar Februar März April Mai Juni Juli August September Oktober November Dezember'.split(' ')[
      month - 1
    ] ?? '';
  const french =
    'janvier février mars avril mai juin juillet août septembre octobre novembre décembre'.split(' ')[
      month - 1
    ] ?? '';
  const spanish =
    'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ')[
      month - 1
    ] ?? '';
  return random.pick<[string, string, string]>([
    ['DOB: ', `${mm}/${dd}/${year}`, ''],
    ['She was born on ', `${english} ${day}, ${year}`, ' in Leeds.'],
    ['born ', `${day} ${english} ${year}`, '.'],
    ['date of birth: ', `${year}-${mm}-${dd}`, ', male'],
    ['geboren am ', `${dd}.${mm}.${year}`, ' in Köln'],
    ['Geburtsdatum: ', `${day}. ${german} ${year}`, ''],
    ['né le ', `${day} ${french} ${year}`, ' à Lyon'],
    ['date de naissance : ', `${dd}/${mm}/${year}`, ''],
    ['nacida el ', `${day} de ${spanish} de ${year}`, '.'],
    ['fecha de nacimiento ', `${dd}-${mm}-${year}`, ''],
    ['nato il ', `${dd}/${mm}/${year}`, ''],
    ['geboortedatum ', `${dd}-${mm}-${year}`, '.'],
    ['生年月日：', `${year}年${month}月${day}日`, ''],
    ['"dateOfBirth": "', `${year}-${mm}-${dd}`, '"'],
  ]);
};

const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const secret: MakeSample = (random) => {
  const some = (count: number): string => random.from(ALNUM, count);
  const value = random.pick([
    `sk-${some(48)}`,
    `sk-ant-api03-${some(93)}AA`,
    `sk-proj-${some(60)}`,
    `AIza${some(35)}`,
    `gsk_${some(52)}`,
    `xai-${some(80)}`,
    `ghp_${some(36)}`,
    `github_pat_${some(22)}_${some(59)}`,
    `AKIA${random.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
    `xoxb-${random.digits(11)}-${some(24)}`,
    ['sk', 'live', some(24)].join('_'),
    `SG.${some(22)}.${some(43)}`,
    `hf_${some(34)}`,
    `eyJ${some(33)}.eyJ${some(120)}.${some(43)}`,
    `-----BEGIN PRIVATE KEY-----\n${some(64)}\n${some(64)}\n${some(20)}==\n-----END PRIVATE KEY-----`,
  ]);
  return [
    random.pick(['', 'key: ', 'use ', 'OPENAI_API_KEY=', '"', 'token ']),
    value,
    random.pick(['', '.', '"', ' please', '\n']),
  ];
};

export const POSITIVES: Record<string, MakeSample> = {
  email,
  phone,
  credit_card: creditCard,
  iban,
  us_ssn: usSsn,
  national_id: nationalId,
  ipv4,
  ipv6,
  mac,
  date_of_birth: dateOfBirth,
  secret,
};
