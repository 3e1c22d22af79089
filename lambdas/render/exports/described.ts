/** The figures of a detection and its time of observation, as one line of text. */
import { figureNames } from '../../domain/core/figures.ts'
import type { Segment } from '../../domain/core/language/language.ts'
import type { Language } from '../../domain/core/language/languages.ts'
import { wordingOf } from '../../domain/core/language/report-wording.ts'
import { subjectOf } from '../../domain/core/place/territory.ts'
import type { Report } from '../../domain/page/page.ts'
import { figurePhrases, whenSeen } from '../../domain/page/words/phrases.ts'
import type { Entry } from '../../domain/report/facts.ts'

/** Example: `15 May 2024: at least 5,000 posts and 1,686 accounts.` Has own figures, as the record. */
export const describedIn = (entry: Entry, language: Language): string => {
  const words = wordingOf(language)
  const phrases = figurePhrases({ ...entry, figures: entry.own ?? entry.figures }, words, figureNames)
  return words.say('fieldSentence', {
    label: whenSeen(entry, subjectOf('ALL'), words),
    value: phrases.length > 0 ? words.list(phrases) : words.say('figure.unknown'),
  })
}

export const describedBoth = (entry: Entry): string => `${describedIn(entry, 'en')} / ${describedIn(entry, 'fr')}`

/** The sentences of page 1. */
export const sentencesOf = ({ pages }: Report, language: Language): readonly string[] => {
  const { first } = pages[language]
  if (first?.national) return [textOf(first.national.summary)]
  const words = wordingOf(language)
  const rows = first?.rows ?? []
  return rows.map(({ label, text }) => words.say('fieldSentence', { label, value: textOf(text).replace(/\.$/, '') }))
}

const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')
