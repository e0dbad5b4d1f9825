import { before } from './detector.js';
import { mayBeLetter } from './units.js';

/**
 * A matcher of words that give a number its meaning, just before it in the same sentence. `gap` is how many units may lie between.
 * Bounded, and looked at only where a candidate stands already.
 */
export function wordsBefore(words: string, gap: number): (text: string, position: number) => boolean {
  const pattern = new RegExp(`(?:^|[^\\p{L}])(?:${words})(?![\\p{L}])[^\\n!?;]{0,${gap}}$`, 'iu');
  return (text, position) => mayBeSaid(text, position, gap + 2) && pattern.test(before(text, position));
}

/** Whether a word stands in the `units` before `position` at all: a cheap question before a dear one. */
export function mayBeSaid(text: string, position: number, units: number): boolean {
  const least = Math.max(0, position - units);
  for (let index = position - 1; index >= least; index -= 1) {
    const code = text.charCodeAt(index);
    if (mayBeLetter(code)) return true;
    if (code === 33 || code === 59 || code === 63) return false;
  }
  return false;
}

/** What introduces a phone number, in the languages that the detector was made for. */
export const saysPhone = wordsBefore(
  'tel|tél|tel[eé]phone?|t[eé]l[eé]fono?|telefone?|telefon[eo]?|telefoonnummer|telefoon|telefonnummer|phone|phones?|phone number|mobile?|mobil|mobiele?|cell|cellphone|cellulare|celular|m[oó]vil|fax|handy|handynummer|rufnummer|durchwahl|portable|whatsapp|call|dial|ring|text me|sms|appelez|llama|llame|chiama|ligue|anrufen|numer|тел|телефон|电话|手机|電話|連絡先',
  16,
);

/** What introduces a number that is something else, though it may look like a phone number. */
export const saysOtherNumber = wordsBefore(
  'order|invoice|sku|ref|reference|ticket|article|part|item|case|isbn|issn|ean|doi|serial|batch|lot|tracking|version|build|commit|bestellung|bestellnummer|bestell-?nr|auftrag|auftragsnummer|rechnung|rechnungsnummer|rechnungs-?nr|artikel|artikelnummer|commande|facture|pedido|factura|ordine|fattura|bestelling|factuur|zam[oó]wienie|faktura|nota|lottery|lotto|loto|lotería|lotteria|tirage|ziehung|gewinnzahlen|bingo|draw|scores?|numbers|levels?|steps?',
  12,
);

const BIRTH_WORDS =
  'born|birth|birthday|birth ?date|date ?of ?birth|dob|d\\.o\\.b\\.?|geb|geboren|geburtstag|geburtsdatum|n[ée]e?|naissance|nacid[oa]|naci[oó]|nacimiento|nat[oa]|nascita|nascid[oa]|nasceu|nascimento|geboortedatum|urodzon[ya]|urodzenia|född|født|fødselsdato|födelsedatum|syntynyt|родил(?:ся|ась)|рождения|生年月日|出生日期|出生于|生于';
/** How many units may lie between such a word and the day. */
export const BIRTH_GAP = 32;

/** What may lie between. In a form the day stands below its word: nothing but signs there, and no end of a sentence. */
export const BETWEEN = new RegExp(`^(?:[^\\n!?;]{0,${BIRTH_GAP}}|[^\\n!?;.]{0,12}[\\s:|*_>\\-]{0,8})$`);

/** What introduces a day of birth; more than that, for the letter before is not looked at, and without `u`: it runs over whole texts. */
export const BIRTH = new RegExp(`(?:${BIRTH_WORDS})(?![A-Za-z\\u00c0-\\u024f\\u0400-\\u04ff])`, 'gi');

const idWords = (words: string): ((text: string, position: number) => boolean) => wordsBefore(words, 24);

export const saysSsn = idWords('ssn|social security|social security number|soc\\.? sec\\.?');
export const saysTaxId = idWords(
  'steuer-?id|steueridentifikationsnummer|steuer-?idnr|idnr|tax id|tax identification number|tin|bsn|burgerservicenummer|sofinummer|cpf|aadhaar|aadhar|uidai|pesel|sin|social insurance number|insee|s[eé]curit[eé] sociale|nir|nin|national id|identity number|ahv|avs',
);
export const saysVersion = wordsBefore(
  'v|ver|version|versión|versão|release|build|firmware|section|sections?|chapter|clause|abschnitt|kapitel|abs|§|rev|revision',
  4,
);
