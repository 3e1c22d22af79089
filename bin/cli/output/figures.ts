import type { TotalQualifier } from '../../../lambdas/domain/core/figures.ts'
import { nameIn, textIn } from '../../../lambdas/domain/core/text/localised.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'

type Counted = { readonly value: number; readonly qualifier: TotalQualifier }

/** `at least 1,686`; with a noun, `at least 1,686 accounts`. */
export const formatFigure = ({ value, qualifier }: Counted, noun?: string): string =>
  [
    ...(qualifier === 'exact' ? [] : [qualifier]),
    value.toLocaleString('en'),
    ...(noun === undefined ? [] : [value === 1 ? noun : `${noun}s`]),
  ].join(' ')

/** `observed, act: "the hall was closed"`. */
export const formatEffect = ({ state, degree, text, source }: NonNullable<Detection['observedEffect']>): string => {
  const far = state === 'observed' ? `, ${degree ?? 'degree not stated'}` : ''
  const whose = source === undefined ? '' : `, according to ${nameIn(source, 'en').text}`
  return `${state}${far}${whose}${text ? `: ${JSON.stringify(textIn(text, 'en').text)}` : ''}`
}
