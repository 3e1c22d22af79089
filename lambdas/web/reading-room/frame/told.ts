/**
 * What the intake and the use cases say, in the reader's language. It is kept in English, and is the tool's language on
 * the command line and in JSON: its French is found by the sentence, so that what was kept long ago has it too.
 */
import deeds from '../../../../templates/messages/deeds.fr.json' with { type: 'json' }
import intake from '../../../../templates/messages/intake.fr.json' with { type: 'json' }
import records from '../../../../templates/messages/records.fr.json' with { type: 'json' }
import { capitalised, type Segment } from '../../../domain/core/language/language.ts'
import { territories } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { type Phrasebook, phrasebook } from '../../../domain/core/text/phrasebook.ts'
import { meantNames } from '../../../domain/detection/gazetteer.ts'
import { type RoomWording, roomWordingOf } from '../../shared/wording.ts'

/** A text; `lang` marks a language that is not the page's. */
export type Told = { readonly text: string; readonly lang: '' | 'en' }

/** Why nothing was done, in words of the page's own; none where there is nothing to say. */
export const ownWords = (text: string): readonly Segment[] => (text === '' ? [] : [{ text, lang: '' }])

let french: Phrasebook | undefined

/** In French; undefined for what is no sentence of ours. */
export const inFrench: Phrasebook = (sentence) => {
  french ??= phrasebook(
    {
      // Territories stand in some sentences by their English names.
      ...Object.fromEntries(territories.map(({ name }) => [name.en, name.fr])),
      ...meantNames,
      ...records,
      ...deeds,
      ...intake,
    },
    {
      number: roomWordingOf('fr').number,
      quoted: (text) => `«\u202f${text}\u202f»`,
      semicolon: '\u202f; ',
      or: ', ou ',
      colon: '\u00a0: ',
    },
  )
  return french(sentence)
}

/** A sentence of ours. */
export const toldIn = ({ language }: RoomWording, sentence: string): Told => {
  const said = language === 'fr' ? inFrench(sentence) : undefined
  return {
    text: harmless(said ?? sentence),
    lang: said === undefined && language !== 'en' && sentence ? 'en' : '',
  }
}

/** What is kept as a reason: a sentence of ours, or what a person wrote, in a language that is not known. */
export const reasonIn = (words: RoomWording, reason: string): Told => ({ ...toldIn(words, reason), lang: '' })

/**
 * What is wrong with a record; `path` is the field in which it is, as the file calls it, where the text does not name
 * it.
 */
export const faultIn = (words: RoomWording, path: string, message: string): Told & { readonly path: string } => {
  // A message of several faults names the place of each itself.
  const isNamed = message.startsWith(`${path}: `)
  const { text, lang } = toldIn(words, message)
  const isSentence = path === '' && words.language === 'fr' && lang === ''
  return { path: isNamed ? '' : harmless(path), text: isSentence ? capitalised(text) : text, lang }
}
