/** Reads and counts the detections of a flash note. */
import { openDays, subjectWatch, widenedFigures } from '../../../domain/aggregate/subject-watch.ts'
import { createCounter, type DetectionAsOf } from '../../../domain/aggregate/tally.ts'
import { declaredMarkings, withDeclared } from '../../../domain/aggregate/watch/watch.ts'
import { fault } from '../../../domain/core/fault.ts'
import { fitsUnder, type Marking, shortMarking } from '../../../domain/core/marking.ts'
import { boundsFor } from '../../../domain/core/place/subject.ts'
import { type FlashCode, subjectOf, type TerritoryCode } from '../../../domain/core/place/territory.ts'
import { lastDayOfMonth } from '../../../domain/core/time/period.ts'
import { mayReceive, supposedFor } from '../../../domain/delivery/may-receive.ts'
import { editionFor, recipientSchema } from '../../../domain/delivery/recipient.ts'
import { knownUnder } from '../../../domain/detection/attribution.ts'
import { builtInDisarm } from '../../../domain/detection/frameworks/disarm-built-in.ts'
import { spanPeriod } from '../../../domain/dossier/steps.ts'
import {
  earliestOf,
  type FlashFacts,
  type FlashReaders,
  goesOn,
  reportDueAt,
  validUntil,
  type WeeklyOfNote,
  weekOfNote,
} from '../../../domain/flash/flash.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import { notesUnder } from '../../../domain/report/shown-notes.ts'
import { csvTable } from '../../../render/exports/csv.ts'
import { type FlashAbout, newestValidOriginal } from '../../../store/reports/reports.ts'
import { everyPartIn } from '../../detections/parts-of.ts'
import type { Services } from '../../services.ts'
import { followWholes } from './follow-wholes.ts'
import { leadsToReports } from './leads.ts'
import type { Reading } from './read-period.ts'
import { RefusedReportError } from './refused-report.ts'

type FlashEdition = Edition & { readonly territory: FlashCode }

export type FlashAsked = {
  readonly ids?: readonly string[] | undefined
  readonly until?: string | undefined
}

/** @throws RefusedReportError */
export const readFlash = async (
  edition: FlashEdition,
  asked: FlashAsked,
  asOf: string,
  services: Services,
): Promise<Reading> => {
  const { territory, period, cap } = edition
  const about = await flashAbout(territory, services.reports)
  const { seen, withheld } = await notedAsOf(asked.ids ?? about?.ids ?? [], { cap, asOf }, services)
  if (seen.length === 0) throw unknownNote(edition)
  const { home, first } = earliestOf(seen.map(({ detection }) => detection))
  const records = await services.sources.asOf(asOf, new Date(boundsFor(period, territory).from).toISOString())
  const watch = subjectWatch(records, { subject: territory, cap, asOf })
  const declared = declaredMarkings(records, cap)
  const bodies = seen.map((one) => ({ ...one, detection: withDeclared(one.detection, declared) }))
  const below = await partsBelow(bodies, { cap, asOf }, services)
  const parts = below.map((one) => ({ ...one, detection: withDeclared(one.detection, declared) }))
  const shownDetections = [...bodies, ...parts]
  const reportDue = reportDueAt(period, home)
  const { members } = subjectOf(territory)
  const weekly = reportDue > asOf ? undefined : await weeklyOf([home, ...members], { period, cap, asOf }, services)
  const flash: FlashFacts = {
    ids: bodies.map(({ detection }) => detection.id),
    until: asked.until ?? validUntil({ reportDue, currentUntil: about?.until }, asOf),
    reportDue,
    ...(weekly && { weekly }),
    territories: members,
    home,
    first,
    isRunning: bodies.some(({ detection }) => goesOn(detection, asOf)),
    readers: await readersOf(edition, services),
  }
  const { tally, span } = await countIn(
    byTheirWeeks(shownDetections),
    { edition, asOf, watched: watch.of(period) },
    services,
  )
  const csv = csvTable({ ...edition, period: span })
  for (const one of shownDetections) csv.add(one)
  return {
    counted: {
      tally: {
        ...widenedFigures(tally, flash.isRunning ? ['running'] : [], openDays(members, asOf)),
        withheld,
      },
      shown: new Map(shownDetections.map((one) => [one.detection.id, one])),
      declared,
      threadTitles: new Map(),
      across: [],
      notes: notesUnder(await services.notes.about(territory, period.id, asOf), cap),
      candidates: [],
      before: [],
      taxonomy: builtInDisarm,
      flash,
    },
    sources: watch.sources,
    csv,
  }
}

/** Finds the weekly report current at the as-of instant, in the first territory that has one. */
const weeklyOf = async (
  codes: readonly TerritoryCode[],
  { period, cap, asOf }: Pick<Edition, 'period' | 'cap'> & { readonly asOf: string },
  services: Pick<Services, 'reports' | 'archive' | 'organisation'>,
): Promise<WeeklyOfNote | undefined> => {
  for (const territory of new Set(codes)) {
    const made = await services.reports.versions({ territory, period, cap })
    const newest = newestValidOriginal(made.filter((one) => one.asOf <= asOf))
    if (newest) return { territory, version: newest.version, isLinked: leadsToReports(services) }
  }
  return undefined
}

/** Also above the cap, withdrawn or without a territory, so as not to reveal which. */
const unknownNote = ({ cap }: Edition): RefusedReportError =>
  new RefusedReportError(fault('flash.unknown', { cap: shortMarking(cap) }))

/**
 * Merges the ids of all editions, since an edition that shows less must not lose the others; the end date is the
 * latest.
 */
export const flashAbout = async (
  code: FlashCode,
  { all }: Pick<Services['reports'], 'all'>,
): Promise<FlashAbout | undefined> => {
  let latest: { readonly asOf: string; readonly until: string } | undefined
  const ids = new Set<string>()
  for await (const { published, held, asOf } of all({ territory: code })) {
    const about = (published ?? held)?.flash
    if (!about) continue
    for (const id of about.ids) ids.add(id)
    if (asOf >= (latest?.asOf ?? '')) latest = { asOf, until: about.until }
  }
  return latest && { ids: [...ids].sort(), until: latest.until }
}

/** Reads the visible detections and counts the hidden ones. */
export const notedAsOf = async (
  ids: readonly string[],
  { cap, asOf }: { readonly cap: Marking; readonly asOf: string },
  { detections }: Pick<Services, 'detections'>,
): Promise<{ readonly seen: readonly DetectionAsOf[]; readonly withheld: number }> => {
  const found = await Promise.all(
    [...new Set(ids)].sort().map(async (id) => {
      const last = (await detections.history(id)).findLast(({ storedAt }) => storedAt <= asOf)
      if (last?.status !== 'active' || !last.detection || last.detection.territories.length === 0) return undefined
      return { ...last.detection, id, revision: last.revision }
    }),
  )
  const active = found.flatMap((one) => one ?? [])
  const shown = active.filter(({ marking }) => fitsUnder(marking, cap))
  const bodies = await detections.bodies(
    shown.map((one) => ({
      ...one,
      from: one.observed.from,
      to: one.observed.to,
      posts: undefined,
      accounts: undefined,
    })),
  )
  return {
    seen: bodies.map((one) => ({ ...one, detection: knownUnder(one.detection, cap) })),
    withheld: active.length - shown.length,
  }
}

const partsBelow = async (
  bodies: readonly DetectionAsOf[],
  { cap, asOf }: { readonly cap: Marking; readonly asOf: string },
  services: Pick<Services, 'detections'>,
): Promise<readonly DetectionAsOf[]> => {
  const codes = new Set(bodies.flatMap(({ detection }) => detection.territories.map(({ code }) => code)))
  const weeks = new Map(
    bodies.flatMap(({ detection }) => {
      const week = weekOfNote([detection])
      return [...codes].map((code) => [`${code} ${week.id}`, { code, ...boundsFor(week, code) }] as const)
    }),
  )
  const found = new Map<string, DetectionAsOf>()
  for await (const one of everyPartIn(weeks.values(), asOf, services))
    if (fitsUnder(one.detection.marking, cap)) found.set(one.detection.id, one)
  const above = new Set(bodies.map(({ detection }) => detection.id))
  const parts = new Map<string, DetectionAsOf>()
  for (let known = -1; known < parts.size;) {
    known = parts.size
    for (const [id, one] of found) {
      const { partOf = '' } = one.detection
      if (!above.has(id) && (above.has(partOf) || parts.has(partOf))) parts.set(id, one)
    }
  }
  return [...parts.values()].map((one) => ({ ...one, detection: knownUnder(one.detection, cap) }))
}

/** Attaches each part to its nearest whole of the same week. A part of another week is a separate manoeuvre. */
const byTheirWeeks = (shownDetections: readonly DetectionAsOf[]): readonly DetectionAsOf[] => {
  const all = new Map(shownDetections.map((one) => [one.detection.id, one.detection]))
  const weekOf = (detection: DetectionAsOf['detection']): string => weekOfNote([detection]).id
  const wholeOf = (detection: DetectionAsOf['detection']): string | undefined => {
    const passed = new Set<string>()
    let at = detection.partOf
    for (let whole = all.get(at ?? ''); at !== undefined && whole && !passed.has(at); whole = all.get(at ?? '')) {
      if (weekOf(whole) === weekOf(detection)) return at
      passed.add(at)
      at = whole.partOf
    }
    return at
  }
  return shownDetections.map((one) => {
    const { partOf, ...detection } = one.detection
    const whole = wholeOf(one.detection)
    return { ...one, detection: { ...detection, ...(whole !== undefined && { partOf: whole }) } }
  })
}

/** Counts whole months, so that detections dated only to a month are included. */
const countIn = async (
  bodies: readonly DetectionAsOf[],
  {
    edition: { territory, cap },
    asOf,
    watched,
  }: {
    readonly edition: FlashEdition
    readonly asOf: string
    readonly watched: ReturnType<ReturnType<typeof subjectWatch>['of']>
  },
  { detections }: Pick<Services, 'detections'>,
) => {
  const days = bodies.map(({ detection }) => earliestOf([detection]).day.slice(0, 7)).sort()
  const ends = bodies.map(({ detection }) => detection.observed.to.slice(0, 7)).sort()
  const [first = '', last = ''] = [days[0], [...days, ...ends].sort().at(-1)]
  const span = spanPeriod({ first: `${first}-01`, last: lastDayOfMonth(last) })
  const { zone, members } = subjectOf(territory)
  const counter = createCounter({ period: span, zone, cap, members })
  for (const one of bodies) counter.add(one)
  const wholes = await followWholes([counter.wholesWanted()], { cap, asOf }, detections)
  return { span, tally: counter.tally({ wholes, watched }) }
}

/** Organisations that may receive it after approval. Individual readers are counted, not named. */
const readersOf = async (
  { territory, period: { cadence }, cap }: FlashEdition,
  { recipients }: Pick<Services, 'recipients'>,
): Promise<FlashReaders> => {
  const named = new Set<string>()
  let count = 0
  for await (const stored of recipients.all()) {
    const recipient = recipientSchema.safeParse(stored).data
    if (!recipient || editionFor(recipient) !== cap) continue
    if (!mayReceive(supposedFor(recipient, { territory, cadence }), recipient).may) continue
    count += 1
    if (recipient.organisation !== undefined) named.add(recipient.organisation)
  }
  return { named: [...named].sort(), count }
}
