import type { TotalQualifier } from '../../../lambdas/domain/core/figures.ts'
import { nameIn, textIn } from '../../../lambdas/domain/core/text/localised.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import type { Drafting } from '../../../lambdas/usecases/reports/flash/draft-flashes.ts'

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

export const draftLines = (drafting: Drafting | undefined): readonly string[] => [
  ...(drafting?.drafts ?? []).flatMap(({ key, cap, reasons, held }) => [
    `  drafted by the rule (${reasons.join(', ')}): flash note ${key}, ${cap}`,
    held === undefined
      ? `    it is not mailed before its approval: vigie flash approve ${key} --by NAME, or vigie flash refuse ${key} --by NAME`
      : `    it is held: ${held}`,
  ]),
  ...(drafting?.failed ?? []).map(({ key, message }) => `  no draft of ${key}: ${message}`),
]
