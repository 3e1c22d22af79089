import { unnamedDetector } from '../../aggregate/watch/watch.ts'
import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { Entry } from '../../report/facts.ts'
import { originalOf, titleOf } from './phrases.ts'
import { sourceName } from './watch.ts'

/** Names the part that makes a statement, and its detector; empty for the manoeuvre itself. */
export const inPart = (
  of: Pick<Entry, 'id' | 'title' | 'detector'> | undefined,
  whole: Pick<Entry, 'id'>,
  words: ReportWording,
  most?: number,
): readonly Segment[] =>
  of === undefined || of.id === whole.id
    ? []
    : words.formatRich('effect.part', {
        title: originalOf(titleOf(of.title, words.language, most), words.quoted),
        source:
          of.detector === unnamedDetector
            ? words.say('sources.unnamed')
            : words.say('effect.partSource', { detector: sourceName(of.detector, words) }),
      })

/** That an effect was stated for more than the territory of the page, or through a group alone; else ''. */
export const sharedText = (
  { territories }: Pick<Entry, 'territories'>,
  { code }: Pick<Subject, 'code'>,
  words: ReportWording,
  key: 'level.why.shared' | 'front.effect.shared' = 'level.why.shared',
): string => {
  const here = territories.filter((one) => one.code === code)
  const targets = here.length > 0 ? here : territories
  const isByGroup = targets.length > 0 && targets.every(({ method }) => method === 'group')
  return words.say(key, { group: isByGroup ? 'yes' : 'no', count: here.length > 0 ? territories.length : 1 })
}
