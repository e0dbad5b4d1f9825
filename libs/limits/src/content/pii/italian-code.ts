/** Values of the characters at odd places (counted from one), `0`–`9` then `A`–`Z`: decree of 12 March 1974. */
const ODD = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
  10, 22, 25, 24, 23,
];

/** Whether the last of the sixteen characters of an Italian codice fiscale fits the others. */
export function italianCode(code: string): boolean {
  let sum = 0;
  for (let index = 0; index < 15; index += 1) {
    const value = Number.parseInt(code.charAt(index), 36);
    sum += index % 2 === 0 ? (ODD[value] ?? 0) : value < 10 ? value : value - 10;
  }
  return String.fromCharCode(65 + (sum % 26)) === code.at(-1);
}
