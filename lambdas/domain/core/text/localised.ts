/** Texts in several languages, of which one is read. */

/** A text by language (BCP 47); `und` where that is not stated. */
export type Localised = Record<string, string>

/** A name by language, or in a language that is not stated. */
export type Name = string | Localised

/** The text in a language, or in the other one, or in whatever there is; with its language. */
export const textIn = (texts: Localised, language: string): { readonly text: string; readonly language: string } => {
  for (const wanted of [language, 'en', 'fr', 'und']) {
    const found = texts[wanted]
    if (found !== undefined) return { text: found, language: wanted }
  }
  const [other = '', text = ''] = Object.entries(texts)[0] ?? []
  return { text, language: other }
}

/** The name in a language, or in the one that there is; a bare name is in `und`, for a language that is not stated. */
export const nameIn = (name: Name, language: string): { readonly text: string; readonly language: string } =>
  textIn(typeof name === 'string' ? { und: name } : name, language)
