/** The words of flash notes, beside those of reports: what makes no page does without them. */
import english from '../../../templates/messages/flash.en.json' with { type: 'json' }
import french from '../../../templates/messages/flash.fr.json' with { type: 'json' }
import { type MessageKey, type Wording, wordingWith } from '../core/language.ts'

export type FlashWording = Wording<MessageKey | keyof typeof english>

export const flashWordingOf = wordingWith({ fr: french, en: english })
