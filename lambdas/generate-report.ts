/** One territory's report for one period: read, count, and if it says something new, render and archive a version. */
import { setTimeout as pause } from 'node:timers/promises'
import { sha256 } from './domain/canonical.ts'
import { type Comparable, figureChanges, type RevisedPeriod } from './domain/changes.ts'
import { periodsCompared } from './domain/compare.ts'
import { disarmSubset } from './domain/disarm-subset.ts'
import {
  archiveKey,
  type Edition,
  type Manifest,
  type ManifestFile,
  manifestBytes,
  manifestName,
  manifestSha256,
  reportId,
} from './domain/manifest.ts'
import type { Marking } from './domain/marking.ts'
import { placeInTime, standing } from './domain/observed.ts'
import { type Report, reportOf } from './domain/page.ts'
import { boundsIn, hasBegun, type Period, parsePeriod, periodsBefore } from './domain/period.ts'
import { notesUnder } from './domain/printed-notes.ts'
import { type Counted, type Facts, factsOf, type Material, snapshotOf, toShow } from './domain/report.ts'
import { isSignedBy, signatureName } from './domain/signature.ts'
import { counterFor, type Sighting, sharesBefore, type Tally } from './domain/tally.ts'
import { type TerritoryCode, territoryOf } from './domain/territory.ts'
import { answer } from './domain/version.ts'
import { lookAcross } from './look-across.ts'
import { readVersion } from './read-version.ts'
import { csvTable } from './render/csv.ts'
import { type RenderedFile, renderFiles, templatesSha256 } from './render/render.ts'
import type { Services } from './services.ts'
import { ArchiveConflictError } from './store/archive.ts'
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
  /** Periods before that stand published with other figures than their detections give now. */
  readonly revisedBefore: readonly RevisedPeriod[]
  /** Periods before whose newest version, asked for since, may not have reached those who got an earlier one. */
  readonly supersededBefore: readonly SupersededPeriod[]
  /** Whole milliseconds by step. */
  readonly timings: Readonly<Record<string, number>>
}

export type SupersededPeriod = { readonly period: string; readonly version: number }

/** The version was made and failed the publish gate: it lies in the archive, held, and goes to nobody. */
export class HeldReportError extends Error {
  override name = 'HeldReportError'
}

/** The period lies ahead of the as-of instant: a report on it would look like a quiet one. */
export class UnbegunPeriodError extends Error {
  override name = 'UnbegunPeriodError'
}

/** How long a maker may be silent before another takes its version over, in milliseconds. */
const lease = 120_000
const lookAgainAfter = 200
const conflictsAtMost = 5

/**
 * The version of a report that answers the request, made where none stands yet. Reads first, writes last; what it
 * archives is never edited, and the manifest, written last, makes a version complete.
 */
export const generateReport = async (request: ReportRequest, services: Services): Promise<MadeReport> => {
  const { territory, period, cap } = request
  const edition: Edition = { territory, period, cap }
  const watch = stopwatch()
  let waiting = false
  for (let conflicts = 0; ; ) {
    const now = services.clock()
    const versions = await services.reports.versions(edition)
    const asOf = request.asOf ?? laterOf(now.toISOString(), versions)
    refuseUnbegun(edition, asOf)
    const counted = await watch('read', () => countDetections(edition, asOf, services))
    const snapshotSha256 = snapshotOf(edition, counted)
    const decision = answer(versions, { snapshotSha256, asOf, now: now.toISOString() })
    const { revisedBefore, supersededBefore } = await lookBack(edition, counted.before, services)
    if (decision.kind === 'stands') {
      const stands = await readVersion(decision.entry, services)
      return { ...stands, isNew: false, revisedBefore, supersededBefore, timings: watch.timings() }
    }
    if (decision.kind === 'wait') {
      if (!waiting) services.note(`${reportId(edition, decision.entry.version)} is being made by another run: waiting`)
      waiting = true
      await pause(lookAgainAfter)
      continue
    }
    const claim = await claimVersion(edition, decision, { snapshotSha256, asOf, now }, services)
    if (!claim) continue // another run was quicker
    try {
      const earlier = claim.reconstructed ? undefined : comparedWith(versions, claim.version)
      const material = await materialOf(edition, counted, claim.asOf, earlier, revisedBefore, services)
      const made = await makeVersion(material, claim, decision.previous, services, watch)
      return { ...made, isNew: true, revisedBefore, supersededBefore, timings: watch.timings() }
    } catch (error) {
      if (error instanceof HeldReportError) throw error
      const taken = error instanceof ArchiveConflictError
      const reason = error instanceof Error ? error.message : String(error)
      await services.reports.change(claim, { ...claim, state: 'abandoned', reason: reason.slice(0, 2_000) })
      // A version that its maker left unfinished may hold other bytes than are made now: the next number is free.
      if (taken && ++conflicts < conflictsAtMost) continue
      throw error
    }
  }
}

/** Now, but never before what is published: a clock that was set back, or runs behind another's, tells of no past. */
const laterOf = (now: string, versions: readonly VersionEntry[]): string =>
  [now, ...versions.filter(({ published }) => published).map(({ asOf }) => asOf)].toSorted().at(-1) ?? now

/**
 * The facts of the version that would be made now. Nothing is claimed and nothing written: for looking at, while
 * templates and wording change.
 */
export const draftFacts = async ({ territory, period, cap }: ReportRequest, services: Services): Promise<Facts> => {
  const edition: Edition = { territory, period, cap }
  const asOf = services.clock().toISOString()
  refuseUnbegun(edition, asOf)
  const counted = await countDetections(edition, asOf, services)
  const versions = await services.reports.versions(edition)
  const number = 1 + Math.max(0, ...versions.map(({ version }) => version))
  const { revisedBefore } = await lookBack(edition, counted.before, services)
  const material = await materialOf(edition, counted, asOf, comparedWith(versions, number), revisedBefore, services)
  const snapshotSha256 = snapshotOf(edition, counted)
  return factsOf(material, { number, asOf, reconstructed: false, snapshotSha256 })
}

/** All that a version is made of, read as of an instant. */
const materialOf = async (
  edition: Edition,
  counted: Counted,
  asOf: string,
  previous: VersionEntry | undefined,
  revisedBefore: readonly RevisedPeriod[],
  services: Services,
): Promise<Material> => {
  return {
    edition,
    ...counted,
    ...(await watched(edition, asOf, services)),
    previous: previous && comparableOf((await readVersion(previous, services)).report),
    revisedBefore,
    house: services.house,
  }
}

/**
 * The version to compare with: the newest that stands, below a number. What was recalled is not told again, and a
 * reconstructed one tells of an earlier time.
 */
const comparedWith = (versions: readonly VersionEntry[], below: number): VersionEntry | undefined =>
  versions.filter((one) => one.published && !one.recalled && !one.reconstructed && one.version < below).at(-1)

const refuseUnbegun = ({ territory, period }: Edition, asOf: string): void => {
  if (hasBegun(period, territoryOf(territory).zone, Date.parse(asOf))) return
  throw new UnbegunPeriodError(`${period.id} has not begun for ${territory} at ${asOf}: ask for a period that has`)
}

const comparableOf = (report: Report): Comparable => ({ ...report, taxonomy: report.disarm.taxonomy })

/** What stands published of the periods before, beside the figures that their detections give now. */
const lookBack = async (
  edition: Edition,
  before: Material['before'],
  { reports }: Services,
): Promise<Pick<MadeReport, 'revisedBefore' | 'supersededBefore'>> => {
  const published = await Promise.all(
    before.map(async (one) => {
      const versions = await reports.versions({ ...edition, period: parsePeriod(one.period) })
      return { ...one, newest: comparedWith(versions, Number.POSITIVE_INFINITY) }
    }),
  )
  const revisedBefore: RevisedPeriod[] = []
  const supersededBefore: SupersededPeriod[] = []
  for (const { period, totals, withheld, newest } of published) {
    if (!newest?.published) continue
    const { version } = newest
    // Where the cap withholds something now, a difference could tell of it.
    const figures = withheld > 0 ? [] : figureChanges(newest.published.totals, totals)
    if (figures.length > 0) revisedBefore.push({ period, version, figures })
    else if (version > 1) supersededBefore.push({ period, version })
  }
  return { revisedBefore, supersededBefore }
}

/** Counts the period and those before it in one reading. */
const countDetections = async (
  { territory, period, cap }: Edition,
  asOf: string,
  services: Services,
): Promise<Counted> => {
  const { detections, notes, taxonomies } = services
  const { zone } = territoryOf(territory)
  const counter = counterFor({ period, zone, cap })
  const past = periodsBefore(period, periodsCompared).map((one) => ({
    period: one.id,
    counter: counterFor({ period: one, zone, cap }),
  }))
  const { from, to } = boundsIn(period, zone)
  const start = boundsIn(past[0] ? parsePeriod(past[0].period) : period, zone).from
  for await (const sighting of detections.inWindow(territory, start, to, asOf)) {
    naming(sighting, () => {
      const placed = placeInTime(sighting.detection.observed, zone)
      counter.add(sighting, placed)
      for (const one of past) one.counter.add(sighting, placed)
    })
  }
  for await (const sighting of detections.reaching(territory, from, to, asOf)) {
    naming(sighting, () => counter.add(sighting))
  }
  const tally = counter.tally()
  const shown = await bodies(territory, tally, services)
  const closed = services.house.acrossTerritories === 'closed'
  return {
    tally,
    shown,
    across: closed ? [] : await lookAcross({ territory, period, cap }, tally, shown, asOf, services),
    notes: notesUnder(await notes.about(territory, period.id, asOf), cap),
    before: past.map((one, at) => {
      const then = one.counter.tally()
      return {
        period: one.period,
        totals: then.totals,
        withheld: then.withheld,
        ...(at === past.length - 1 && { shares: sharesBefore(tally, then) }),
      }
    }),
    taxonomy: (await taxonomies.asOf(asOf))?.taxonomy ?? disarmSubset,
  }
}

/** What goes wrong with one detection names it: it stops a territory's reports until somebody withdraws it. */
const naming = ({ detection: { id }, revision }: Sighting, work: () => void): void => {
  try {
    work()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`detection ${id}, revision ${revision}, cannot be counted (${why}): withdraw or revise it`, {
      cause,
    })
  }
}

/** What the sources had delivered by then, and what came in without standing in any territory's figures. */
const watched = async (
  { territory, period }: Edition,
  asOf: string,
  { detections, rejects, sources }: Services,
): Promise<Pick<Material, 'sources' | 'kept'>> => {
  const { zone } = territoryOf(territory)
  const bounds = boundsIn(period, zone)
  const [from, to] = [new Date(bounds.from).toISOString(), new Date(bounds.to).toISOString()]
  let unplaced = 0
  for await (const { detection, storedAt } of detections.unplaced()) {
    if (storedAt <= asOf && standing(placeInTime(detection.observed, zone), bounds) !== 'outside') unplaced += 1
  }
  return {
    sources: await sources.asOf(asOf, from),
    kept: { unplaced, rejects: await rejects.count(from, to < asOf ? to : asOf, asOf) },
  }
}

const bodies = async (territory: TerritoryCode, tally: Tally, { detections }: Services) =>
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
  services: Services,
  watch: Stopwatch,
): Promise<Pick<MadeReport, 'edition' | 'report' | 'manifest'>> => {
  const { archive, reports, printer, program } = services
  const templates = services.templates()
  const { edition } = material
  const { version, asOf, reconstructed, snapshotSha256 } = claim
  const report = reportOf(factsOf(material, { number: version, asOf, reconstructed, snapshotSha256 }))
  const csv = await watch('csv', () => detectionsCsv(edition, asOf, services))
  const { files, faults } = await renderFiles(report, csv, printer, templates, watch)
  const reason = faults.join('; ').slice(0, 2_000)
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
    ...(reason && { held: { reason } }),
    program,
    templatesSha256: templatesSha256(templates),
    previous: previous?.published
      ? { version: previous.version, manifestSha256: previous.published.manifestSha256 }
      : null,
    files: files.map(fileEntry),
  }
  await watch('archive', async () => {
    for (const { name, bytes, contentType } of files)
      await archive.put(archiveKey(edition, version, name), bytes, contentType)
    const bytes = manifestBytes(manifest)
    await archiveSignature(archiveKey(edition, version, signatureName), bytes, services)
    await archive.put(archiveKey(edition, version, manifestName), bytes, 'application/json')
  })
  const archived = { manifestSha256: manifestSha256(manifest), marking: report.marking, totals: report.totals }
  const stands: VersionEntry = reason
    ? { ...claim, state: 'held', held: archived, reason }
    : { ...claim, state: 'published', published: archived }
  if (!(await reports.change(claim, stands))) {
    throw new Error(`${report.id} was taken over by another run: ask for the report again`)
  }
  if (reason) {
    const where = archive.locate(archiveKey(edition, version, manifestName))
    throw new HeldReportError(`${report.id} is held: ${reason} (its files lie beside ${where})`)
  }
  return { edition, report, manifest }
}

/** A signature of the same bytes that an interrupted run has left is as good as a new one, which would have other bytes. */
const archiveSignature = async (
  key: string,
  bytes: Uint8Array,
  { archive, signer }: Pick<Services, 'archive' | 'signer'>,
): Promise<void> => {
  try {
    await archive.put(key, await signer.sign(bytes), 'application/octet-stream')
  } catch (error) {
    if (!(error instanceof ArchiveConflictError)) throw error
    if (!isSignedBy(await signer.publicKey(), bytes, await archive.get(key))) throw error
  }
}

/** Every detection of the edition, also those that the report is too short to list: read once more, row by row. */
const detectionsCsv = async (edition: Edition, asOf: string, { detections }: Services): Promise<Uint8Array> => {
  const { from, to } = boundsIn(edition.period, territoryOf(edition.territory).zone)
  const table = csvTable(edition)
  for await (const sighting of detections.inWindow(edition.territory, from, to, asOf)) {
    naming(sighting, () => table.add(sighting))
  }
  for await (const sighting of detections.reaching(edition.territory, from, to, asOf)) {
    naming(sighting, () => table.add(sighting))
  }
  return table.bytes()
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
