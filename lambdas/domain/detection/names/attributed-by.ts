/** Names the attributing party if the source does not. File names are not used. */
import { type CoreKey, coreWordingOf } from '../../core/language/language.ts'
import { byHandName, type Detection, type DetectionInput, type Localised } from '../detection.ts'

const inBoth = (key: CoreKey): Localised => ({ fr: coreWordingOf('fr').say(key), en: coreWordingOf('en').say(key) })

const unit = (): Localised => inBoth('attributed.unit')

/** *An analyst of the unit* for records entered by hand. */
export const attributedByDetector = (detector: DetectionInput['detector']): string | Localised => {
  const { name, byHand = name === byHandName } = typeof detector === 'string' ? { name: detector } : detector
  return byHand ? unit() : name
}

export const attributedByBundle = (): Localised => inBoth('attributed.bundle')

export const attributedByList = (): Localised => inBoth('attributed.domains')

/** @param shown the detector's name in the edition, or its replacement */
export const attributedByShown = (
  { detector }: Pick<Detection, 'detector'>,
  shown: string,
  attributedBy: NonNullable<Detection['actor']>['attributedBy'],
): NonNullable<Detection['actor']>['attributedBy'] => {
  if (attributedBy !== detector.name || shown === detector.name) return attributedBy
  return shown === byHandName ? unit() : inBoth('attributed.unnamed')
}
