/** How grave a manoeuvre is, before how large it is: what came of it, how far it went, whose it is said to be. */
import { largestKnown } from '../detection/accounts.ts'
import type { CountedDetection } from './counted-detection.ts'

/** From here on others than the authors spread it: the media, a celebrity or politician, a government. */
export const wideBreakout = 4

/** Some of a manoeuvre's detections, at least one. */
type Nodes = readonly Pick<CountedDetection, 'effect' | 'attributed'>[]

const effectRanks = { observed: 2, 'not assessed': 1, none: 0 } as const

/**
 * A whole number below 768, the greater the graver: a breakout of 4 to 6; an effect that was observed, then one that was not
 * assessed, then none; the breakout; an attribution with its basis, then one without. Of a whole with parts, each is the gravest that any says.
 */
export const gravityOf = (nodes: Nodes): number => {
  const breakout = Math.max(...nodes.map(({ effect }) => effect?.breakout ?? 0))
  const wide = breakout >= wideBreakout ? breakout : 0
  const effect = Math.max(...nodes.map((node) => effectRanks[node.effect?.state ?? 'not assessed']))
  const attributed = Math.max(...nodes.map((node) => node.attributed))
  return ((wide * 3 + effect) * 7 + breakout) * 3 + attributed
}

/**
 * How much of a followed set took part, in whole percent, 0 to 100: of a whole with parts the largest that any of them states.
 * Without both counts there is no share.
 */
export const setShareOf = (nodes: readonly Pick<CountedDetection, 'setSize' | 'counts' | 'refs'>[]): number =>
  Math.max(
    0,
    ...nodes.map(({ setSize, counts, refs }) => {
      if (setSize === 0) return 0
      const known = Math.max(largestKnown(counts, 'coordinatedAccounts'), new Set(refs.coordinatedAccounts).size)
      return Math.min(100, Math.floor((100 * known) / setSize))
    }),
  )
