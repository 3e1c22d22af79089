/** Countries and frequently reported organisations. */
import { iso31661 } from 'iso-3166/1.js'
import { type Language, languages } from '../../core/language/languages.ts'
import { folded } from '../../core/text/spelling.ts'

type Known = { readonly [language in Language]: string }

const organisations: readonly Known[] = [
  { fr: 'SEAE', en: 'EEAS' },
  {
    fr: 'Service européen pour l’action extérieure (SEAE)',
    en: 'European External Action Service (EEAS)',
  },
  { fr: 'Groupe d’initiative de Bakou (BIG)', en: 'Baku Initiative Group (BIG)' },
  { fr: 'BIG', en: 'BIG' },
]

/** Sources write several actors as one: "Azerbaijan / Baku Initiative Group (BIG)". */
export const betweenNames = ' / '

let made: ReadonlyMap<string, Known> | undefined

export const namesInBoth = (): readonly Known[] => {
  const [french, english] = languages.map((one) => new Intl.DisplayNames([one], { type: 'region', fallback: 'none' }))
  const countries = iso31661.flatMap(({ alpha2 }): Known[] => {
    const [fr, en] = [french?.of(alpha2), english?.of(alpha2)]
    return fr === undefined || en === undefined ? [] : [{ fr, en }]
  })
  return [...countries, ...organisations]
}

const known = (): ReadonlyMap<string, Known> => {
  made ??= new Map(namesInBoth().flatMap((one) => languages.map((language) => [folded(one[language]), one])))
  return made
}

export const knownName = (name: string, language: Language): { readonly text: string; readonly whole: boolean } => {
  const parts = name.split(betweenNames)
  const found = parts.map((part) => known().get(folded(part))?.[language])
  return {
    text: parts.map((part, at) => found[at] ?? part).join(betweenNames),
    whole: found.every((one) => one !== undefined),
  }
}
