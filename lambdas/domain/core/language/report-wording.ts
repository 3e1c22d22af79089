/** The words of reports, which are too many for the programs that only store. */
import coreEnglish from '../../../../templates/messages/core.en.json' with { type: 'json' }
import coreFrench from '../../../../templates/messages/core.fr.json' with { type: 'json' }
import english from '../../../../templates/messages/en.json' with { type: 'json' }
import french from '../../../../templates/messages/fr.json' with { type: 'json' }
import { type Wording, wordingWith } from './language.ts'
import type { Language } from './languages.ts'

export type MessageKey = keyof typeof reportMessages.en

/** All messages of reports, by language. */
export const reportMessages = { fr: { ...coreFrench, ...french }, en: { ...coreEnglish, ...english } }

export type ReportWording = Wording<MessageKey>

/** A report's wording with more messages: for a part that most reports do without. */
export const reportWordingWith = <More extends string>(
  more: Readonly<Record<Language, Readonly<Record<More, string>>>>,
): ((language: Language) => Wording<MessageKey | More>) =>
  wordingWith({ fr: { ...reportMessages.fr, ...more.fr }, en: { ...reportMessages.en, ...more.en } })

/** The wording of a language; made once, when it is first asked for, since its formatters are costly. */
export const wordingOf: (language: Language) => ReportWording = reportWordingWith({ fr: {}, en: {} })
