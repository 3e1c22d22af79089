import { isByGroup } from '../../aggregate/counting/counted-detection.ts'
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

/** That an effect was stated for more than the territory of the page; else ''. */
export const sharedText = (
  { territories }: Pick<Entry, 'territories'>,
  { code }: Pick<Subject, 'code'>,
  words: ReportWording,
  key: 'level.why.shared' | 'front.effect.shared' = 'level.why.shared',
): string =>
  words.say(key, {
    group: isByGroup({ territories }, code) ? 'yes' : 'no',
    count: territories.some((one) => one.code === code) ? territories.length : 1,
  })
