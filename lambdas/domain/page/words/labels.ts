/** Constant labels, which templates print by key. */
import flashEnglish from '../../../../templates/messages/flash.en.json' with { type: 'json' }
import flashFrench from '../../../../templates/messages/flash.fr.json' with { type: 'json' }
import platesEnglish from '../../../../templates/messages/plates.en.json' with { type: 'json' }
import platesFrench from '../../../../templates/messages/plates.fr.json' with { type: 'json' }
import rhythmEnglish from '../../../../templates/messages/rhythm.en.json' with { type: 'json' }
import rhythmFrench from '../../../../templates/messages/rhythm.fr.json' with { type: 'json' }
import { anyOf, fault, FaultError } from '../../core/fault.ts'
import { type Language, languages } from '../../core/language/languages.ts'
import { reportMessages } from '../../core/language/report-wording.ts'
import { nearestOf } from '../../core/text/nearest.ts'
import { type EditionKind, editionMessages, editionWordings } from './edition-words.ts'

const more = {
  fr: { ...flashFrench, ...platesFrench, ...rhythmFrench },
  en: { ...flashEnglish, ...platesEnglish, ...rhythmEnglish },
}

const messages = { fr: { ...reportMessages.fr, ...more.fr }, en: { ...reportMessages.en, ...more.en } }

const wordings = editionWordings(more)

const isLabel = (key: string): key is keyof typeof messages.en => Object.hasOwn(messages.en, key)

/** @throws where no message has the key, or its message needs values */
const labelIn = (words: ReturnType<typeof wordings.whole>, key: string): string => {
  if (isLabel(key)) return words.say(key)
  const meant = nearestOf(key, Object.keys(messages.en))
  throw new FaultError(
    meant.length === 0 ? fault('label.unknown', { key }) : fault('label.unknownMeant', { key, meant: anyOf(meant) }),
  )
}

/** @throws as {@link labelIn}, in any language. Edition messages need values only where the default does. */
export const checkLabel = (key: string): void => {
  for (const language of languages) labelIn(wordings.whole(language), key)
}

export const labelSource = (keys: Iterable<string>): string =>
  JSON.stringify({ whole: messages, ...editionMessages }, ['whole', 'public', 'partial', ...languages, ...keys])

/** Formats each label once, since tables repeat labels in every cell. */
export const labelsOf = ({ edition, lang }: { readonly edition: EditionKind; readonly lang: Language }) => {
  const made = new Map<string, string>()
  return (key: string): string => {
    const label = made.get(key) ?? labelIn(wordings[edition](lang), key)
    made.set(key, label)
    return label
  }
}
