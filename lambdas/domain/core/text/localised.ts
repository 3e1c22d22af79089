/** By language (BCP 47); `und` if not stated. */
export type Localised = Record<string, string>

export type Name = string | Localised

/** Falls back to any other language; returns the language used. */
export const textIn = (texts: Localised, language: string): { readonly text: string; readonly language: string } => {
  for (const wanted of [language, 'en', 'fr', 'und']) {
    const found = texts[wanted]
    if (found !== undefined) return { text: found, language: wanted }
  }
  const [other = '', text = ''] = Object.entries(texts)[0] ?? []
  return { text, language: other }
}

/** A bare name is in `und`. */
export const nameIn = (name: Name, language: string): { readonly text: string; readonly language: string } =>
  textIn(typeof name === 'string' ? { und: name } : name, language)
