/** Kept out of programs that only store, which do not need these messages. */
import coreEnglish from '../../../../templates/messages/core.en.json' with { type: 'json' }
import coreFrench from '../../../../templates/messages/core.fr.json' with { type: 'json' }
import english from '../../../../templates/messages/en.json' with { type: 'json' }
import french from '../../../../templates/messages/fr.json' with { type: 'json' }
import { type Wording, wordingWith } from './language.ts'
import type { Language } from './languages.ts'

export type MessageKey = keyof typeof reportMessages.en

export const reportMessages = { fr: { ...coreFrench, ...french }, en: { ...coreEnglish, ...english } }

export type ReportWording = Wording<MessageKey>

export const reportWordingWith = <More extends string>(
  more: Readonly<Record<Language, Readonly<Record<More, string>>>>,
): ((language: Language) => Wording<MessageKey | More>) =>
  wordingWith({ fr: { ...reportMessages.fr, ...more.fr }, en: { ...reportMessages.en, ...more.en } })

/** Cached, since formatters are costly. */
export const wordingOf: (language: Language) => ReportWording = reportWordingWith({ fr: {}, en: {} })
