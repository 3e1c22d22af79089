/** One territory's report for one period: read, count, and if it says something new, render and archive a version. */
import { setTimeout as pause } from 'node:timers/promises'
import { sha256 } from './domain/canonical.ts'
import { periodsCompared } from './domain/compare.ts'
import {
  archiveKey,
  type Edition,
  type Manifest,
  type ManifestFile,
  manifestBytes,
  manifestName,
  manifestSchema,
  manifestSha256,
} from './domain/manifest.ts'
import type { Marking } from './domain/marking.ts'
import { type Report, reportOf } from './domain/page.ts'
import { boundsIn, type Period, parsePeriod, periodsBefore } from './domain/period.ts'
import { factsOf, type Material, snapshotOf, toShow } from './domain/report.ts'
import { counterFor } from './domain/tally.ts'
import { type TerritoryCode, territoryOf } from './domain/territory.ts'
import { answer } from './domain/version.ts'
import { type RenderedFile, renderFiles, templatesSha256 } from './render/render.ts'
import type { Services } from './services.ts'
import type { VersionEntry } from './store/reports.ts'

export type ReportRequest = {
  readonly territory: TerritoryCode
  readonly period: Period
  readonly cap: Marking
  /** ISO instant in UTC; now where it is left out. */
  readonly asOf?: string | undefined
}

export type MadeReport = {
  readonly edition: Edition
  readonly report: Report
  readonly manifest: Manifest
  /** False where a version with the same snapshot stood already: nothing was written. */
  readonly isNew: boolean
  /** Whole milliseconds by step. */
  readonly timings: Readonly<Record<string, number>>
}

/** How long a maker may be silent before another takes its version over, in milliseconds. */
const lease = 120_000
const lookAgainAfter = 200

/**
 * The version of a report that answers the request, made where none stands yet. Reads first, writes last; what it
 * archives is never edited, and the manifest, written last, makes a version complete.
 */
export const generateReport = async (request: ReportRequest, services: Services): Promise<MadeReport> => {
  const { territory, period, cap } = request
  const edition: Edition = { territory, period, cap }
  const watch = stopwatch()
  for (;;) {
    const now = services.clock()
    const asOf = request.asOf ?? now.toISOString()
    const counted = await watch('read', () => countDetections(edition, asOf, services))
    const snapshotSha256 = snapshotOf(edition, counted.tally, counted.before)
    const versions = await services.reports.versions(edition)
    const decision = answer(versions, { snapshotSha256, asOf, now: now.toISOString() })
    if (decision.kind === 'stands')
      return { ...(await readVersion(decision.entry, services)), isNew: false, timings: watch.timings() }
    if (decision.kind === 'wait') {
      await pause(lookAgainAfter)
      continue
    }
    const claim = await claimVersion(edition, decision, { snapshotSha256, asOf, now }, services)
    if (!claim) continue // another run was quicker
    try {
      const material = { edition, ...counted, shown: await bodies(edition, counted, services) }
      const made = await makeVersion(material, claim, decision.previous, services, watch)
      return { ...made, isNew: true, timings: watch.timings() }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      await services.reports.change(claim, { ...claim, state: 'abandoned', reason: reason.slice(0, 2_000) })
      throw error
    }
  }
}

/** A published version as it stands in the archive. */
export const readVersion = async (
  entry: VersionEntry,
  { archive }: Pick<Services, 'archive'>,
): Promise<Pick<MadeReport, 'edition' | 'report' | 'manifest'>> => {
  const edition = editionOf(entry)
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode(await archive.get(archiveKey(edition, entry.version, file))))
  const manifest = manifestSchema.parse(await read(manifestName))
  return { edition, manifest, report: (await read('report.json')) as Report }
}

export const editionOf = ({ territory, period, cap }: VersionEntry): Edition => ({
  territory,
  period: parsePeriod(period),
  cap,
})

/** Counts the period and those before it in one reading, and asks for what the sources had delivered by then. */
const countDetections = async (
  { territory, period, cap }: Edition,
  asOf: string,
  { detections, sources }: Services,
): Promise<Pick<Material, 'tally' | 'before' | 'sources'>> => {
  const { zone } = territoryOf(territory)
  const counter = counterFor({ period, zone, cap })
  const past = periodsBefore(period, periodsCompared).map((one) => ({
    period: one.id,
    counter: counterFor({ period: one, zone, cap }),
  }))
  const { from, to } = boundsIn(period, zone)
  const start = boundsIn(past[0] ? parsePeriod(past[0].period) : period, zone).from
  for await (const sighting of detections.inWindow(territory, start, to, asOf)) {
    counter.add(sighting)
    for (const one of past) one.counter.add(sighting)
  }
  for await (const sighting of detections.reaching(territory, from, to, asOf)) counter.add(sighting)
  return {
    tally: counter.tally(),
    before: past.map((one) => ({ period: one.period, totals: one.counter.tally().totals })),
    sources: await sources.asOf(asOf),
  }
}

const bodies = async ({ territory }: Edition, { tally }: Pick<Material, 'tally'>, { detections }: Services) =>
  new Map((await detections.named(territory, toShow(tally))).map((sighting) => [sighting.detection.id, sighting]))

type Toward = Exclude<ReturnType<typeof answer<VersionEntry>>, { kind: 'stands' | 'wait' }>

/** The claim on the version to make, or undefined where another run took it first. */
const claimVersion = async (
  edition: Edition,
  decision: Toward,
  { snapshotSha256, asOf, now }: { snapshotSha256: string; asOf: string; now: Date },
  { reports, run }: Services,
): Promise<VersionEntry | undefined> => {
  const leaseUntil = new Date(now.getTime() + lease).toISOString()
  if (decision.kind === 'resume') {
    const renewed: VersionEntry = { ...decision.entry, owner: run, leaseUntil }
    return (await reports.change(decision.entry, renewed)) ? renewed : undefined
  }
  for (const dead of decision.abandon) {
    await reports.change(dead, { ...dead, state: 'abandoned', reason: 'its maker stopped before it was complete' })
  }
  const claim: VersionEntry = {
    territory: edition.territory,
    period: edition.period.id,
    cap: edition.cap,
    version: decision.version,
    state: 'claimed',
    snapshotSha256,
    asOf,
    reconstructed: decision.reconstructed,
    owner: run,
    leaseUntil,
  }
  return (await reports.claim(claim)) ? claim : undefined
}

/** Renders and archives; the manifest comes last, and the index after it. */
const makeVersion = async (
  material: Material,
  claim: VersionEntry,
  previous: VersionEntry | undefined,
  { archive, reports, printer, program }: Services,
  watch: Stopwatch,
): Promise<Pick<MadeReport, 'edition' | 'report' | 'manifest'>> => {
  const { edition } = material
  const { version, asOf, reconstructed, snapshotSha256 } = claim
  const report = reportOf(factsOf(material, { number: version, asOf, reconstructed, snapshotSha256 }))
  const files = await renderFiles(report, printer, watch)
  const manifest: Manifest = {
    schema: 'vigie-manifest/1',
    report: report.id,
    territory: edition.territory,
    period: edition.period.id,
    cap: edition.cap,
    marking: report.marking,
    version,
    asOf,
    snapshotSha256,
    ...(reconstructed && { reconstructed }),
    program,
    templatesSha256: templatesSha256(),
    previous: previous?.published
      ? { version: previous.version, manifestSha256: previous.published.manifestSha256 }
      : null,
    files: files.map(fileEntry),
  }
  await watch('archive', async () => {
    for (const { name, bytes, contentType } of files)
      await archive.put(archiveKey(edition, version, name), bytes, contentType)
    await archive.put(archiveKey(edition, version, manifestName), manifestBytes(manifest), 'application/json')
  })
  const published: VersionEntry = {
    ...claim,
    state: 'published',
    published: { manifestSha256: manifestSha256(manifest), marking: report.marking, totals: report.totals },
  }
  if (!(await reports.change(claim, published))) {
    throw new Error(`${report.id} was taken over by another run: ask for the report again`)
  }
  return { edition, report, manifest }
}

const fileEntry = ({ name, contentType, bytes }: RenderedFile): ManifestFile => ({
  name,
  contentType,
  bytes: bytes.byteLength,
  sha256: sha256(bytes),
})

export type Stopwatch = {
  <Done>(step: string, work: () => Promise<Done>): Promise<Done>
  timings(): Readonly<Record<string, number>>
}

/** Adds up how long each step takes. */
const stopwatch = (): Stopwatch => {
  const began = performance.now()
  const steps: Record<string, number> = {}
  const watch = async <Done>(step: string, work: () => Promise<Done>): Promise<Done> => {
    const start = performance.now()
    try {
      return await work()
    } finally {
      steps[step] = (steps[step] ?? 0) + performance.now() - start
    }
  }
  const timings = () =>
    Object.fromEntries(
      Object.entries({ ...steps, total: performance.now() - began }).map(([step, ms]) => [step, Math.round(ms)]),
    )
  return Object.assign(watch, { timings })
}
