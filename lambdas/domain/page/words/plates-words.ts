/** The words of plates: most programs do without. */
import english from '../../../../templates/messages/plates.en.json' with { type: 'json' }
import french from '../../../../templates/messages/plates.fr.json' with { type: 'json' }
import { wordingWith } from '../../core/language/language.ts'

export const platesWordingOf = wordingWith({ fr: french, en: english })
