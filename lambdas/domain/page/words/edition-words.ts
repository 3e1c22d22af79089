/**
 * The words of an edition: published ones claim nothing of what they leave out, and where another one leaves something
 * out, its comparisons hold of the edition alone.
 */
import editionEnglish from '../../../../templates/messages/edition.en.json' with { type: 'json' }
import editionFrench from '../../../../templates/messages/edition.fr.json' with { type: 'json' }
import flashEnglish from '../../../../templates/messages/flash.en.json' with { type: 'json' }
import flashFrench from '../../../../templates/messages/flash.fr.json' with { type: 'json' }
import publicEnglish from '../../../../templates/messages/public.en.json' with { type: 'json' }
import publicFrench from '../../../../templates/messages/public.fr.json' with { type: 'json' }
import { type MessageKey, type Wording, wordingOf, wordingWith } from '../../core/language/language.ts'
import type { Language } from '../../core/language/languages.ts'
import { isPublicCap } from '../../core/marking.ts'
import type { Facts } from '../../report/facts.ts'

type Edition = Pick<Facts, 'cap' | 'ofEditionAlone'>

const publicWordingOf = wordingWith({ fr: publicFrench, en: publicEnglish })
const partialWordingOf = wordingWith({ fr: editionFrench, en: editionEnglish })

export const reportWordingOf = ({ cap, ofEditionAlone }: Edition, language: Language): Wording => {
  if (isPublicCap(cap)) return publicWordingOf(language)
  return ofEditionAlone ? partialWordingOf(language) : wordingOf(language)
}

/** With the words of flash notes: what makes no page does without them. */
export type FlashWording = Wording<MessageKey | keyof typeof flashEnglish>

const flash = { fr: flashFrench, en: flashEnglish }

const flashWordings = {
  all: wordingWith(flash),
  public: wordingWith({ fr: { ...publicFrench, ...flash.fr }, en: { ...publicEnglish, ...flash.en } }),
  partial: wordingWith({ fr: { ...editionFrench, ...flash.fr }, en: { ...editionEnglish, ...flash.en } }),
}

export const flashWordingOf = ({ cap, ofEditionAlone }: Edition, language: Language): FlashWording =>
  flashWordings[isPublicCap(cap) ? 'public' : ofEditionAlone ? 'partial' : 'all'](language)
