/** The words of reports, which are too many for the programs that only store. */
import english from '../../../../templates/messages/en.json' with { type: 'json' }
import french from '../../../../templates/messages/fr.json' with { type: 'json' }
import { type CoreKey, type Wording, wordingWith } from './language.ts'
import type { Language } from './languages.ts'

export type MessageKey = CoreKey | keyof typeof english

export type ReportWording = Wording<MessageKey>

/** A report's wording with more messages: for a part that most reports do without. */
export const reportWordingWith = <More extends string>(
  more: Readonly<Record<Language, Readonly<Record<More, string>>>>,
): ((language: Language) => Wording<MessageKey | More>) =>
  wordingWith({ fr: { ...french, ...more.fr }, en: { ...english, ...more.en } })

/** The wording of a language; made once, when it is first asked for, since its formatters are costly. */
export const wordingOf: (language: Language) => ReportWording = reportWordingWith({ fr: {}, en: {} })
