/** Messages for evidence images, separate since most programs do not need them. */
import english from '../../../../templates/messages/plates.en.json' with { type: 'json' }
import french from '../../../../templates/messages/plates.fr.json' with { type: 'json' }
import { reportWordingWith } from '../../core/language/report-wording.ts'

export const platesWordingOf = reportWordingWith({ fr: french, en: english })
