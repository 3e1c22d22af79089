/**
 * Partial wording limits to the edition what a hidden detection could make false. Public wording does so always, and
 * claims no more than what is published. `unhedged.json` lists the messages with such a word that need no variant.
 */
import editionEnglish from '../../../../templates/messages/edition.en.json' with { type: 'json' }
import editionFrench from '../../../../templates/messages/edition.fr.json' with { type: 'json' }
import flashEnglish from '../../../../templates/messages/flash.en.json' with { type: 'json' }
import flashFrench from '../../../../templates/messages/flash.fr.json' with { type: 'json' }
import publicEnglish from '../../../../templates/messages/public.en.json' with { type: 'json' }
import publicFrench from '../../../../templates/messages/public.fr.json' with { type: 'json' }
import type { Wording } from '../../core/language/language.ts'
import type { Language } from '../../core/language/languages.ts'
import {
  type MessageKey,
  type ReportWording,
  reportWordingWith,
  wordingOf,
} from '../../core/language/report-wording.ts'
import { isPublicCap } from '../../core/marking.ts'
import type { Facts } from '../../report/facts.ts'

type Edition = Pick<Facts, 'cap' | 'ofEditionAlone'>

/** `partial`: leaves something out and is not published. */
export type EditionKind = 'public' | 'partial' | 'whole'

export const editionKind = ({ cap, ofEditionAlone }: Edition): EditionKind =>
  isPublicCap(cap) ? 'public' : ofEditionAlone ? 'partial' : 'whole'

export const editionMessages = {
  public: { fr: { ...editionFrench, ...publicFrench }, en: { ...editionEnglish, ...publicEnglish } },
  partial: { fr: editionFrench, en: editionEnglish },
}

export const editionWordings = <More extends string>({
  fr,
  en,
}: Record<Language, Readonly<Record<More, string>>>): Record<
  EditionKind,
  (language: Language) => Wording<MessageKey | More>
> => {
  const variant = (kind: 'public' | 'partial') =>
    reportWordingWith<More>({ fr: { ...fr, ...editionMessages[kind].fr }, en: { ...en, ...editionMessages[kind].en } })
  return { public: variant('public'), partial: variant('partial'), whole: reportWordingWith<More>({ fr, en }) }
}

const reportWordings = { ...editionWordings({ fr: {}, en: {} }), whole: wordingOf }

export const reportWordingOf = (edition: Edition, language: Language): ReportWording =>
  reportWordings[editionKind(edition)](language)

/** With the messages of flash notes, which only pages need. */
export type FlashWording = Wording<MessageKey | keyof typeof flashEnglish>

const flashWordings = editionWordings({ fr: flashFrench, en: flashEnglish })

export const flashWordingOf = (edition: Edition, language: Language): FlashWording =>
  flashWordings[editionKind(edition)](language)
