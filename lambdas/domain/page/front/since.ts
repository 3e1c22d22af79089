import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import { parsePeriod } from '../../core/time/period.ts'
import type { FigureChange } from '../../report/changes.ts'
import type { Facts } from '../../report/facts.ts'
import type { CorrectedPeriod, ListedThread, ListedThreads, SinceFacts } from '../../report/since-facts.ts'
import { periodLine, shortPeriod, titleOf, type Words, weekName } from '../words/phrases.ts'

export type ChangeSign = 'added' | 'goesOn' | 'ended' | 'corrected'

type SinceList = {
  readonly sign: ChangeSign
  readonly name: string
  readonly count: string
  readonly rows: readonly { readonly title: Words; readonly asks: string; readonly note: string }[]
  /** The number of unlisted entries; else ''. */
  readonly more: string
}

/** Page 1 also needs room for the section on the unknown. */
const maxRows = 2

/** A row has a quarter of the sheet's width. */
const maxRowChars = 50

export type SinceSection = NonNullable<ReturnType<typeof sinceSection>>

/** Null in dossiers and flash notes. */
export const sinceSection = (facts: Facts, words: ReportWording) => {
  const { since } = facts
  if (!since) return null
  const { added, goesOn, ended, corrected } = since
  const { asked = 0 } = ended
  const lists: readonly SinceList[] = [
    {
      ...threadList('added', added, words, newNote),
      count: words.say('since.added.count', {
        manoeuvres: facts.totals.manoeuvres,
        campaigns: added.campaigns ?? 0,
      }),
    },
    threadList('goesOn', goesOn, words, goesOnNote),
    { ...threadList('ended', ended, words, endedNote), ...headingOf(ended, asked, words) },
    correctedList(corrected, words),
  ]
  return {
    /** All four lists are empty and take one line. */
    isEmpty: lists.every(({ rows }) => rows.length === 0),
    lists,
    notes: notesOf(facts, since, asked > 0, words),
  }
}

const headingOf = ({ count }: ListedThreads, asked: number, words: ReportWording): Partial<SinceList> => {
  if (asked === 0) return {}
  if (asked === count) return { name: words.say('since.ended.asked') }
  return { count: words.say('since.ended.some', { count, asked }) }
}

const threadList = (
  sign: Exclude<ChangeSign, 'corrected'>,
  { count, listed }: ListedThreads,
  words: ReportWording,
  noteOf: (row: ListedThread, words: ReportWording) => string,
): SinceList => ({
  sign,
  name: words.say(`since.${sign}`),
  count: words.number(count),
  rows: listed.slice(0, maxRows).map((row) => ({
    title: titleOf(
      row.campaign === undefined ? (row.title ?? { und: row.id }) : { und: row.campaign },
      words.language,
      maxRowChars,
    ),
    asks: sign === 'ended' && !row.signed ? words.say('since.ask') : '',
    note: noteOf(row, words),
  })),
  more: moreText(count, words),
})

const moreText = (count: number, words: ReportWording): string =>
  count > maxRows ? words.say('since.more', { count: count - maxRows }) : ''

const newNote = ({ campaign, manoeuvres }: ListedThread, words: ReportWording): string =>
  words.say(campaign === undefined ? 'since.lone' : 'since.campaign', { count: manoeuvres })

const goesOnNote = ({ last, manoeuvres }: ListedThread, words: ReportWording): string =>
  words.say(manoeuvres === 0 ? 'since.goesOn.running' : 'since.goesOn.note', { last: periodName(last, words) })

const endedNote = ({ last, signed }: ListedThread, words: ReportWording): string =>
  words.say(signed ? 'since.ended.signed' : 'since.ended.note', { last: periodName(last, words) })

/** `S19` for a week; else `avril 2024`. */
const periodName = (id: string | undefined, words: ReportWording): string => {
  if (id === undefined) return ''
  const period = parsePeriod(id)
  return period.cadence === 'week' ? weekName(id, words) : periodLine({ period }, words)
}

const correctedList = (corrected: readonly CorrectedPeriod[], words: ReportWording): SinceList => ({
  sign: 'corrected',
  name: words.say('since.corrected'),
  count: words.number(corrected.length),
  rows: corrected.slice(0, maxRows).map((one) => ({
    title: { text: shortPeriod({ period: parsePeriod(one.period) }, words) },
    asks: '',
    note: correctedNote(one, words),
  })),
  more: moreText(corrected.length, words),
})

const correctedNote = ({ figures, version }: CorrectedPeriod, words: ReportWording): string => {
  const shownChange: FigureChange | undefined = figures.find(({ figure }) => figure === 'posts') ?? figures[0]
  if (!shownChange) return words.say('since.corrected.noFigure', { version })
  const measure: MessageKey = `measure.${shownChange.figure}`
  return words.say('since.corrected.note', {
    measure: words.say(measure),
    before: words.total(shownChange.before),
    after: words.total(shownChange.after),
    version,
  })
}

const notesOf = (
  { before, period }: Facts,
  { added, silent }: SinceFacts,
  isAsked: boolean,
  words: ReportWording,
): readonly string[] => {
  const watched = before.filter(({ totals }) => totals.watched).length
  const { cadence } = period
  return [
    ...(isAsked ? [words.say('since.ended.rule', { cadence })] : []),
    ...(silent > 0 ? [words.say('since.silent', { count: silent })] : []),
    ...(added.count > 0 && watched < before.length
      ? [words.say('since.watched', { watched, all: before.length, cadence })]
      : []),
  ]
}
