/** Words for missing values in folded text: no accents, no capitals, full stops and slashes as spaces. */

export const notGiven = new RegExp(
  [
    /(?:inconnu|non connu|non communique|non renseigne|non precise|non indique|indetermine)e?s?/,
    /non disponibles?|sans objet|non applicables?/,
    /unknown|not known|not given|not stated|not available|not applicable|undetermined|undefined|null|nan/,
    /na|nd|n [acdr]|s o/,
  ]
    .map(({ source }) => source)
    .join('|'),
)

/** Only for cells without names or codes: NC is a territory, *so* a language. */
export const notGivenShort = /nc|nr|so|vide|empty/
