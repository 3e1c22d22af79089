import french from '../../../../templates/messages/faults.fr.json' with { type: 'json' }
import { faultFormatter, faultText } from '../../../domain/core/fault-text.ts'
import { eachOf, type Fault, type Reason } from '../../../domain/core/fault.ts'
import { capitalised, type Segment } from '../../../domain/core/language/language.ts'
import type { Language } from '../../../domain/core/language/languages.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { type Doubt, doubtFault } from '../../../domain/detection/names/doubts.ts'
import type { RoomWording } from '../../shared/wording.ts'

/** `lang` is set where the language is not the page's. */
export type TextWithLang = { readonly text: string; readonly lang: '' | 'en' }

export const ownWords = (text: string): readonly Segment[] => (text === '' ? [] : [{ text, lang: '' }])

const faultTexts: Readonly<Record<Language, (fault: Fault) => string>> = {
  en: faultText,
  fr: faultFormatter({
    language: 'fr',
    texts: french,
    colon: '\u00a0: ',
    semicolon: '\u202f; ',
    anyOf: (names) => new Intl.ListFormat('fr', { type: 'disjunction' }).format(names),
    quotation: (text) => (/["\\«»\p{C}]/u.test(text) ? JSON.stringify(text) : `«\u202f${text}\u202f»`),
  }),
}

/** `lang` marks text from a library or an earlier version, which has no French. */
export const faultWords = ({ language }: RoomWording, fault: Fault): TextWithLang => {
  const isEnglish = language === 'fr' && fault.code === 'asWritten'
  return { text: harmless(faultTexts[language](fault)), lang: isEnglish ? 'en' : '' }
}

export const doubtWords = (words: RoomWording, doubt: Doubt): string =>
  capitalised(faultWords(words, doubtFault(doubt)).text)

/** Prefixes the field name, for use away from the field. */
export const faultLine = (words: RoomWording, one: Fault, nameOf = (path: string) => path): TextWithLang => {
  const { text, lang } = faultWords(words, one)
  const field = !one.path || eachOf(one).length > 1 ? '' : harmless(nameOf(one.path))
  return { text: field === '' ? text : `${field}${words.language === 'fr' ? '\u00a0: ' : ': '}${text}`, lang }
}

/** A user's reason is in an unknown language. */
export const reasonIn = (words: RoomWording, reason: Reason): TextWithLang =>
  typeof reason === 'string' ? { text: harmless(reason), lang: '' } : faultWords(words, reason)

/** `path` is the field as the file names it. */
export const faultIn = (words: RoomWording, path: string, fault: Fault): TextWithLang & { readonly path: string } => {
  const { text, lang } = faultWords(words, fault)
  const isSentence = path === '' && words.language === 'fr' && lang === ''
  return { path: eachOf(fault).length > 1 ? '' : harmless(path), text: isSentence ? capitalised(text) : text, lang }
}
