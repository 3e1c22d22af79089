/**
 * The words by which a cell says that a value is not given, as patterns of folded texts: no accents, no capitals, and a
 * space for each full stop and slash.
 */

/** In any cell. */
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

/** In a cell that holds neither names nor codes: NC is a territory, *so* a language. */
export const notGivenShort = /nc|nr|so|vide|empty/
