/** One lane per campaign: where it was first seen, and when it was active. */
import type { DaySpan } from '../../aggregate/members.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { type TerritoryCode, territoryOf } from '../../core/place/territory.ts'
import { firstDayIn, type Observed } from '../../core/time/observed.ts'
import { lengthOf, type Period } from '../../core/time/period.ts'
import { campaignCode } from '../../detection/campaigns.ts'
import type { Facts } from '../../report/facts.ts'
import { hrefOf } from '../words/links.ts'
import { shortened } from '../words/phrases.ts'

export type Course = {
  readonly name: string
  /** Of its dossier; else ''. */
  readonly href: string
  readonly note?: string
  /** More detections than were followed. */
  readonly isCut?: boolean
  readonly seen: readonly { readonly territory: TerritoryCode; readonly observed: Observed }[]
  /** On the same clock as the days of `seen`. */
  readonly zone: string
  readonly spans: readonly DaySpan[]
}

type Stop = { readonly day: string; readonly names: readonly string[]; readonly when: string }

export type Lanes = NonNullable<ReturnType<typeof lanesOf>>

export type Lane = Lanes['rows'][number]

/** Percent of a lane's width on paper, per character of a label. */
const letterWidth = 1.35
const maxTicks = 5
const maxName = 20

/** Positions are percents of the width. Null without a first sighting up to the period's end. */
export const lanesOf = (courses: readonly Course[], { last }: Period, words: ReportWording) => {
  const placed = courses.map((course) => ({ ...course, stops: stopsOf(course, last, words) }))
  const [earliest] = placed.flatMap(({ stops }) => stops.map(({ day }) => day)).toSorted()
  if (earliest === undefined) return null
  const first = `${earliest.slice(0, 7)}-01`
  const days = lengthOf({ first, last })
  const at = (day: string): number => ((lengthOf({ first, last: day }) - 1) / days) * 100
  return {
    note: [
      words.say('lanes.note', { active: courses.some(({ spans }) => spans.length > 0) ? 'yes' : 'no' }),
      ...(courses.some(({ isCut }) => isCut) ? [words.say('lanes.cut')] : []),
    ].join(' '),
    ticks: ticksOf(first, last, words).map(({ day, label }) => ({ at: at(day), label })),
    rows: placed.map(({ name, href, note = '', stops, spans }) => ({
      name: shortened(name, maxName),
      href,
      note,
      from: at(stops[0]?.day ?? last),
      stops: stops.map(({ day }) => at(day)),
      labels: labelsOf(stops, at, words),
      spans: spans.map((span) => ({ from: at(span.first), to: at(span.last) + 100 / days })),
      text: words.list(stops.map(({ names, when }) => words.say('lanes.stop', { names: words.list(names), when }))),
    })),
  }
}

/** A lane for each campaign of a group's period, up to so many. */
export const campaignLanes = (facts: Facts, words: ReportWording, most?: number): Lanes | null =>
  lanesOf(campaignCourses(facts, words).slice(0, most), facts.period, words)

const campaignCourses = (facts: Facts, words: ReportWording): readonly Course[] =>
  (facts.group?.campaigns ?? []).flatMap(({ campaign, cells, clock, spans = [], more, dossier }): Course[] =>
    clock
      ? [
          {
            name: campaign,
            href: dossier ? hrefOf({ territory: campaignCode(campaign), ...dossier }, facts, words) : '',
            isCut: more,
            seen: cells.flatMap(({ territory, first }) => (first ? [{ territory, observed: first }] : [])),
            zone: territoryOf(clock).zone,
            spans,
          },
        ]
      : [],
  )

/** By day; territories of one day share a stop. */
const stopsOf = ({ seen, zone }: Course, last: string, words: ReportWording): readonly Stop[] => {
  const byDay = Map.groupBy(seen, ({ observed }) => firstDayIn(observed, zone))
  return [...byDay]
    .filter(([day]) => day <= last)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([day, here]) => ({
      day,
      names: here.map(({ territory }) => territoryOf(territory).name[words.language]),
      when: here.some(({ observed }) => observed.precision === 'month')
        ? words.month(day.slice(0, 7))
        : words.days(day, day),
    }))
}

/** From the right: a label that would reach the next one joins it, counted. */
const labelsOf = (stops: readonly Stop[], at: (day: string) => number, words: ReportWording) =>
  stops.toReversed().reduce<readonly Label[]>((labels, { day, names }) => {
    for (let [here, ahead] = [names, labels]; ;) {
      const [next, ...others] = ahead
      const end = next?.at ?? 100
      const label = labelOf(at(day), here, end, words)
      if (!next || (label.at >= at(day) - slack && label.at + widthOf(label) <= end)) return [label, ...ahead]
      ;[here, ahead] = [[...here, ...next.names], others]
    }
  }, [])

type Label = { readonly at: number; readonly text: string; readonly names: readonly string[] }

/** Percent that a label may begin before its stop. */
const slack = 3

const widthOf = ({ text }: Pick<Label, 'text'>): number => text.length * letterWidth

const labelOf = (from: number, names: readonly string[], end: number, words: ReportWording): Label => {
  const text = textOf(names, words)
  return { at: Math.max(0, Math.min(from, end - widthOf({ text }))), text, names }
}

const textOf = (names: readonly string[], words: ReportWording): string =>
  names.length > 2 ? words.say('lanes.more', { name: names[0] ?? '', count: names.length - 1 }) : names.join(', ')

const ticksOf = (first: string, last: string, words: ReportWording) => {
  const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
  const months = monthOf(last) - monthOf(first) + 1
  const step = Math.ceil(months / maxTicks)
  return Array.from({ length: Math.ceil(months / step) }, (_, at) => {
    const month = monthOf(first) + at * step
    const day = `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`
    return { day, label: words.month(day.slice(0, 7)) }
  })
}
