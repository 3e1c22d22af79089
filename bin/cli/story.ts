/**
 * Plays the sample story with the clock set to each arrival, so that each report shows the data known when it was due.
 *
 * The detections of May 2024 come as VIGINUM's technical note of 17 May 2024 had them, the others and their final form
 * with its report of 2 December 2024. The run times of D3lta are invented, as they were never published: without them no
 * week counts as watched. The pictures are our drawings, labelled so (tools/draw-samples.ts).
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pushAll } from '../../lambdas/domain/core/lists.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { daysOf, type Period, parsePeriod, periodsBefore } from '../../lambdas/domain/core/time/period.ts'
import { pictureFacts } from '../../lambdas/domain/plate/picture.ts'
import { type PlateDetails, readPlateDetails } from '../../lambdas/domain/plate/plate.ts'
import { once, readRecords } from '../../lambdas/intake/formats.ts'
import { preparing } from '../../lambdas/intake/record/prepare.ts'
import type { MaskedPicture } from '../../lambdas/render/picture-decoder.ts'
import { type IngestTally, ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { addPlate } from '../../lambdas/usecases/plates/add-plate.ts'
import { dossierAsked } from '../../lambdas/usecases/reports/ask-dossier.ts'
import type { MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import type { WeeklyRun } from '../../lambdas/usecases/reports/weekly-run.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { weekly } from './actions.ts'
import type { IngestedSamples } from './answers.ts'
import type { CliContext } from './home/context.ts'
import { homeAtOnce, operator, summed } from './ingest-files.ts'
import { reportLine } from './output/outputs.ts'
import { say } from './output/terminal.ts'

export const story = {
  file: fileURLToPath(new URL('./samples/story.ndjson', import.meta.url)),
  /** The detections of May as they were published that month. */
  may: fileURLToPath(new URL('./samples/may-2024.ndjson', import.meta.url)),
  week: parsePeriod('2024-W20'),
  pictures: (name: string) => fileURLToPath(new URL(`./samples/plates/${name}`, import.meta.url)),
  campaign: 'UN-notorious BIG',
}

type Due = {
  readonly due: string
  readonly period: Period
  readonly of: TerritoryCode | 'ALL' | 'campaign' | 'everybody'
}

/** What December's report made known, of earlier periods too. */
const decemberDue = '2024-12-03T04:30:00.000Z'

const dueReports: readonly Due[] = [
  { due: '2024-05-21T04:30:00.000Z', period: story.week, of: 'everybody' },
  { due: '2024-05-31T19:30:00.000Z', period: parsePeriod('2024-05'), of: 'NC' },
  { due: decemberDue, period: parsePeriod('2023-07'), of: 'ALL' },
  { due: decemberDue, period: parsePeriod('2024-02'), of: 'COR' },
  { due: decemberDue, period: story.week, of: 'NC' },
  { due: decemberDue, period: story.week, of: 'ALL' },
  { due: decemberDue, period: parsePeriod('2024-W41'), of: 'MQ' },
  { due: decemberDue, period: parsePeriod('2024-W48'), of: 'campaign' },
]

const cap: Marking = 'TLP:AMBER'

type StoryResult = Pick<WeeklyRun, 'reports' | 'national' | 'failed'> & { readonly ingested: IngestedSamples }

/** A second run in the same data folder changes nothing. */
export const runStory = async (context: CliContext): Promise<StoryResult> => {
  const tallies: IngestTally[] = []
  await addDrawings(context.services)
  const arrivals = await arrivalsFor(context.services)
  const reports: MadeReport[] = []
  const national: MadeReport[] = []
  const failed: StoryResult['failed'][number][] = []
  let next = 0
  for (const { due, period, of } of dueReports) {
    for (; next < arrivals.length && (arrivals[next]?.at ?? '') <= due; next += 1) {
      if (context.stopping.aborted) break
      tallies.push(await ingestArrival(arrivals[next] as Arrival, context.services))
    }
    const then = { ...context, services: servicesAt(context.services, due) }
    if (of !== 'everybody') {
      const request =
        of === 'campaign'
          ? await dossierAsked(story.campaign, { until: period, cap }, then.services)
          : { territory: of, period, cap }
      const made = await generateReport(request, then.services)
      say(`done    ${reportLine(made)}`)
      if (of === 'ALL') national.push(made)
      else reports.push(made)
      continue
    }
    const week = await weekly({ week: period, cap, deliver: false }, then)
    pushAll(reports, week.reports)
    pushAll(national, week.national)
    pushAll(failed, week.failed)
  }
  const broken = tallies.flatMap(({ failure }) => (failure === undefined ? [] : [{ file: name, message: failure }]))
  return { ingested: { ...summed(tallies), failed: broken }, reports, national, failed }
}

/** Before the detection that names the drawings. */
const drawnAt = '2024-05-17T06:00:00.000Z'

/** Skips drawings removed since. */
export const addDrawings = async (services: Services): Promise<void> => {
  const words = JSON.parse(await readFile(story.pictures('plates.json'), 'utf8')) as Readonly<
    Record<'original' | 'diverted', Omit<PlateDetails, 'divertedFrom'>>
  >
  const [original, diverted] = await Promise.all(
    ['original.png', 'diverted.png'].map((file) => readFile(story.pictures(file))),
  )
  if (!original || !diverted) throw new Error('the drawings of the story are missing')
  const hash = sha256(original)
  const there = new Map((await services.plates.named([hash, sha256(diverted)])).map((plate) => [plate.sha256, plate]))
  const add = (file: Uint8Array, details: Parameters<typeof readPlateDetails>[0]) =>
    addPlate(
      { file, masks: [], details: readPlateDetails(details), by: 'Vigie' },
      asDrawn,
      servicesAt(services, drawnAt),
    )
  const none = { archive: undefined, changes: undefined, originalOf: undefined, divertedFrom: undefined }
  if (!there.has(hash)) await add(original, { ...none, ...words.original })
  if (there.has(sha256(diverted)) || there.get(hash)?.removed) return
  await add(diverted, { ...none, ...words.diverted, divertedFrom: hash })
}

/** No decoding: the drawings are our own files. */
const asDrawn = async (file: Uint8Array): Promise<MaskedPicture> => {
  const { width, height } = pictureFacts(file)
  const hash = sha256(file)
  return { kind: 'image/png', width, height, bytes: file, sha256: hash, received: hash }
}

/** Weeks of the reports, and the eight before where reports compare. */
const watched = [
  ['2023-W26', '2023-W27', '2023-W28', '2023-W29', '2023-W30', '2023-W31'].map(parsePeriod),
  [...periodsBefore(story.week, 8), ...['2024-W20', '2024-W21', '2024-W22'].map(parsePeriod)],
  [...periodsBefore(parsePeriod('2024-W41'), 8), parsePeriod('2024-W41')],
]

export type Arrival = { readonly at: string; readonly records: readonly unknown[] }

/** Without the first form of what was published again since: a second run would restore it. */
const arrivalsFor = async ({ detections }: Services): Promise<readonly Arrival[]> => {
  const arrivals = await storyArrivals()
  const revised = [...(await detections.stored(['nc-2024-05-diverted-photo'])).values()].some(
    ({ revision }) => revision > 1,
  )
  return revised ? arrivals.filter(({ at }) => at !== mayAt) : arrivals
}

const mayAt = '2024-05-18T06:30:00.000Z'

export const storyArrivals = async (): Promise<readonly Arrival[]> => {
  const detections = await Promise.all([arrivalOf(story.may, mayAt), arrivalOf(story.file, '2024-12-02T18:00:00.000Z')])
  const runs = watched.flatMap(runsOf)
  return Object.entries(Object.groupBy([...detections, ...runs], ({ at }) => at))
    .map(([at, together = []]) => ({ at, records: together.flatMap(({ records }) => records) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
}

const arrivalOf = async (file: string, at: string): Promise<Arrival> => {
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  return { at, records: lines.map((line) => JSON.parse(line) as unknown) }
}

/** Four runs a day, reported each evening. */
const runsOf = (weeks: readonly Period[]): readonly Arrival[] => {
  const days = weeks.flatMap(daysOf)
  const [first, last] = [days[0], days.at(-1)].map((day) => Date.parse(`${day}T00:00:00.000Z`))
  if (first === undefined || last === undefined) return []
  const evening = 19 * hourMs
  const evenings: Arrival[] = []
  for (let day = first - 24 * hourMs; day <= last; day += 24 * hourMs) {
    evenings.push({ at: iso(day + evening), records: [0, 6, 12, 18].map((hour) => ran(day + hour * hourMs)) })
  }
  const after = last + 24 * hourMs
  return [...evenings, { at: iso(after + 10 * hourMs), records: [ran(after), ran(after + 6 * hourMs)] }]
}

const ran = (at: number) => ({ source: 'D3lta', ran: iso(at), found: 0 })

const hourMs = 3_600_000

const iso = (at: number): string => new Date(at).toISOString()

const servicesAt = (services: Services, at: string): Services => ({ ...services, clock: () => new Date(at) })

const name = basename(story.file)

export const ingestArrival = ({ at, records }: Arrival, services: Services): Promise<IngestTally> => {
  const text = records.map((record) => JSON.stringify(record)).join('\n')
  const read = readRecords(once(Buffer.from(text)), { file: name, format: 'ndjson', prepare: preparing({}) })
  return ingestDetections(read, name, servicesAt(services, at), { sender: operator, atOnce: homeAtOnce })
}
