/** Chart of an account set: the share that took part, and its share of all participants. */

import { asMinimum, bareNumber, isAtLeast, isEstimate, type Total, wholePercent } from '../../core/figures.ts'
import { capitalised, sentence } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { maximum } from '../../core/lists.ts'
import type { Subject } from '../../core/place/territory.ts'
import { textIn } from '../../core/text/localised.ts'
import type { Observed } from '../../core/time/observed.ts'
import type { Entry } from '../../report/facts.ts'
import { barFigureText, type ClusterChart, clusterValues, isAllOf, homeOf } from '../words/phrases.ts'

type Known = Total & { readonly value: number }

type Share = { readonly part: Known; readonly whole: Known; readonly bound: Bound }

type Bound = 'all' | 'exact' | 'atLeast' | 'atMost' | 'about'

/** Returns null where a figure is unknown, the set is smaller than its part, or all bars are full. */
export const clusterOf = (entry: Entry, territory: Subject, words: ReportWording): ClusterChart | null => {
  const { accountSet, observed } = entry
  const part = known(entry.figures.coordinatedAccounts)
  const size = known(accountSet?.size)
  if (!part || part.value === 0 || !size || size.value < part.value) return null
  const bound = boundOf(part, size)
  if (!bound) return null
  const ofSet: Share = { part, whole: size, bound }
  const others = participantsOf(entry)
  const wider = others !== undefined && !sameWindow(others.observed, observed)
  const otherBound =
    // An equal number proves nothing about other accounts where it is a floor or covers another window.
    others &&
    others.total.value >= part.value &&
    !((wider || isAtLeast(others.total)) && others.total.value === part.value)
      ? boundOf(part, wider ? asMinimum(others.total) : others.total)
      : undefined
  const ofParticipants: Share | undefined = others && otherBound && { part, whole: others.total, bound: otherBound }
  if (ofSet.bound === 'all' && (!ofParticipants || ofParticipants.bound === 'all')) return null
  const { zone } = homeOf(entry, territory)
  const window = words.observed(observed, zone)
  const otherWindow = others ? words.observed(others.observed, zone) : ''
  const bars = [
    barOf('set', ofSet, window, '', words),
    ...(ofParticipants && others
      ? [barOf('participants', ofParticipants, otherWindow, others.title ? ofTitle(others.title, words) : '', words)]
      : []),
  ]
  const { name } = clusterValues(entry, words)
  const values = { name: name ?? '', share: shareText(ofSet, words) }
  return {
    title: capitalised(
      ofParticipants
        ? words.say('cluster.titleBoth', { ...values, other: shareText(ofParticipants, words) })
        : words.say('cluster.title', values),
    ),
    note: words.say('cluster.note', { bars: bars.length }),
    most: maximum(bars.map(({ whole }) => whole)),
    bars,
    caveat:
      ofParticipants && wider
        ? words.say('cluster.caveat', {
            part: words.total(part),
            window,
            participants: words.total(ofParticipants.whole),
            otherWindow,
            share: boundedPercent(part.value, ofParticipants.whole.value, 'atMost', words),
          })
        : '',
  }
}

const barOf = (
  of: 'set' | 'participants',
  share: Share,
  window: string,
  inTitle: string,
  words: ReportWording,
): ClusterChart['bars'][number] => {
  const { part, whole } = share
  // The rest is known only where the share is exact or an upper bound.
  const rest = share.bound === 'exact' || share.bound === 'atMost' ? whole.value - part.value : 0
  const restTotal: Total = { value: rest, qualifier: share.bound === 'exact' ? 'exact' : 'at least' }
  const values = {
    part: words.total(part),
    whole: words.total(whole),
    of: inTitle,
    bound: share.bound,
    rest,
    restText: words.total(restTotal),
    count: bareNumber(whole),
  }
  const text = sentence(words.formatRich(`cluster.${of}`, values))
  const written = words.say('cluster.window', { window })
  return {
    of,
    part: part.value,
    whole: whole.value,
    written: barFigureText(part, words),
    text,
    window: written,
    spoken: [
      `${text.map((segment) => segment.text).join('')}${share.bound === 'all' ? '' : ` (${shareText(share, words)})`}.`,
      `${capitalised(written)}.`,
    ].join(' '),
  }
}

const participantsOf = (
  entry: Entry,
): { readonly total: Known; readonly observed: Observed; readonly title?: Entry['title'] } | undefined => {
  const own = known(entry.figures.accounts)
  if (!own || own.value === 0) return undefined
  const source = entry.parts.find(({ figures }) => figures.accounts.value === own.value)
  const total = source && known(source.figures.accounts)
  return source && total
    ? { total, observed: source.observed, title: source.title }
    : { total: own, observed: entry.observed }
}

const ofTitle = (title: Entry['title'], words: ReportWording): string =>
  words.say('cluster.of', { title: words.quoted(textIn(title, words.language).text) })

/** Returns undefined where nothing bounds the share. */
const boundOf = (part: Known, whole: Known): Bound | undefined => {
  if (isAllOf(part, whole)) return 'all'
  const floors = [part, whole].filter(isAtLeast)
  const hasEstimate = [part, whole].some(isEstimate)
  if (floors.length === 0) return hasEstimate ? 'about' : 'exact'
  if (floors.length === 2 || hasEstimate) return undefined
  return isAtLeast(part) ? 'atLeast' : 'atMost'
}

const shareText = ({ part, whole, bound }: Share, words: ReportWording): string =>
  words.say('cluster.share', { bound, share: boundedPercent(part.value, whole.value, bound, words) })

/** Rounds an upper bound up, so that it holds; other shares as the gravity order does. */
const boundedPercent = (part: number, whole: number, bound: Bound, words: ReportWording): string => {
  const percent = bound === 'atMost' ? Math.ceil((100 * part) / whole) : wholePercent(part, whole)
  return words.percent(percent, 100)
}

const sameWindow = (one: Observed, other: Observed): boolean => one.from === other.from && one.to === other.to

const known = (total: Total | undefined): Known | undefined =>
  total && total.value !== null ? { value: total.value, qualifier: total.qualifier } : undefined
