/**
 * Who attributes where a source does not say it: its detector, or somebody who is told without a name. What a file is
 * called is nobody's word.
 */
import { type CoreKey, coreWordingOf } from '../../core/language/language.ts'
import { byHandName, type Detection, type DetectionInput, type Localised } from '../detection.ts'

const inBoth = (key: CoreKey): Localised => ({ fr: coreWordingOf('fr').say(key), en: coreWordingOf('en').say(key) })

const unit = (): Localised => inBoth('attributed.unit')

/** Of a record of this detector: by its name, or *an analyst of the unit* where it was entered by hand. */
export const attributedByDetector = (detector: DetectionInput['detector']): string | Localised => {
  const { name, byHand = name === byHandName } = typeof detector === 'string' ? { name: detector } : detector
  return byHand ? unit() : name
}

/** Of a bundle that names no author. */
export const attributedByBundle = (): Localised => inBoth('attributed.bundle')

/** Of a list of domains that names no detector. */
export const attributedByList = (): Localised => inBoth('attributed.domains')

/**
 * As an edition may tell it: where its detector attributes, by the name that this has beside the detection.
 * @param shown that name, or what stands for it
 */
export const attributedByShown = (
  { detector }: Pick<Detection, 'detector'>,
  shown: string,
  attributedBy: NonNullable<Detection['actor']>['attributedBy'],
): NonNullable<Detection['actor']>['attributedBy'] => {
  if (attributedBy !== detector.name || shown === detector.name) return attributedBy
  return shown === byHandName ? unit() : inBoth('attributed.unnamed')
}
