/** What a detection states, as commands say it in English: figures with their qualifiers. */
import type { Figure } from '../../lambdas/domain/detection/detection.ts'

/** `at least 1,686`; with a noun, `at least 1,686 accounts`. */
export const figureSaid = ({ value, qualifier }: Figure, noun?: string): string =>
  [
    ...(qualifier === 'exact' ? [] : [qualifier]),
    value.toLocaleString('en'),
    ...(noun === undefined ? [] : [value === 1 ? noun : `${noun}s`]),
  ].join(' ')
