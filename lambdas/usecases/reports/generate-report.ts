/** Archives a new version only if its content is new. */
import { setTimeout as pause } from 'node:timers/promises'
import { ArchiveConflictError } from '../../archive/archive.ts'
import { toContribution } from '../../domain/aggregate/counting/counted-detection.ts'
import { eachOf, joined, many } from '../../domain/aggregate/counting/many.ts'
import { keptLevel } from '../../domain/aggregate/level/level.ts'
import { type Fault, fault, FaultError, messageOfFault, several } from '../../domain/core/fault.ts'
import { maximum } from '../../domain/core/lists.ts'
import { fitsUnder, isPublicCap, type Marking, shortMarking, strictest } from '../../domain/core/marking.ts'
import { boundsFor, hasBegun } from '../../domain/core/place/subject.ts'
import { isCampaignCode, isFlashCode, subjectOf } from '../../domain/core/place/territory.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { isFarAhead } from '../../domain/core/time/instants.ts'
import { localInterval, periodFit } from '../../domain/core/time/observed.ts'
import { lengthOf, parsePeriod } from '../../domain/core/time/period.ts'
import { sameCampaign } from '../../domain/detection/campaigns.ts'
import type { DossierFacts } from '../../domain/dossier/dossier.ts'
import { reportOf } from '../../domain/page/build-page.ts'
import type { Report } from '../../domain/page/page.ts'
import {
  changedIds,
  type Comparable,
  figuresRevised,
  type Gone,
  goneSince,
  noneGone,
  type RevisedPeriod,
  type Why,
} from '../../domain/report/changes.ts'
import { claimsOf } from '../../domain/report/edition.ts'
import { type Facts, factsOf, type Material, snapshotOf } from '../../domain/report/facts.ts'
import {
  archiveKey,
  type Edition,
  editionPrefix,
  type Manifest,
  type ManifestFile,
  manifestBytes,
  manifestName,
  manifestSha256,
  reportId,
  versionName,
} from '../../domain/report/manifest.ts'
import { isSameBranding, organisationUnder } from '../../domain/report/organisation.ts'
import { isSignedBy, signatureName } from '../../domain/report/signature.ts'
import { asKnownAt, decideVersion, makingLeaseMs, nextVersion } from '../../domain/report/version.ts'
import type { CsvTable } from '../../render/exports/csv.ts'
import { spilledContent } from '../../render/exports/spilled-content.ts'
import type { PicturesEmbedded } from '../../render/html.ts'
import { type Rendered, type RenderedFile, renderFiles, templatesSha256 } from '../../render/render.ts'
import { isValidOriginal, newestValidOriginal, type VersionEntry } from '../../store/reports/reports.ts'
import { embeddedPictures, isGoneSince, picturesIn, platesKnown } from '../archive/plates-of-report.ts'
import { readVersion } from '../archive/read-version.ts'
import type { Services } from '../services.ts'
import { type Contributing, readContributing } from './reading/count-periods.ts'
import { refuseTooLarge } from './reading/period-size.ts'
import { readDossier } from './reading/read-dossier.ts'
import { type FlashAsked, readFlash } from './reading/read-flash.ts'
import { type Reading, readPeriod } from './reading/read-period.ts'
import { RefusedReportError } from './reading/refused-report.ts'

export type ReportRequest = Edition & {
  /** ISO instant in UTC; default now. */
  readonly asOf?: string | undefined
  /** Scheduled, not requested: a recalled report is not repeated until something is fixed. */
  readonly isDue?: boolean
  /** Makes a new version even where only the branding changed. */
  readonly rebrand?: boolean
  /** For dossiers: the campaign's name in any spelling; default that of its last dossier. */
  readonly campaign?: string | undefined
  /** For flash notes: the new content; default that of the last version. */
  readonly flash?: FlashAsked | undefined
}

export type MadeReport = {
  readonly edition: Edition
  readonly report: Report
  readonly manifest: Manifest
  /** False where a version with the same snapshot exists: nothing was written. */
  readonly isNew: boolean
  readonly withheldByNow: number
  readonly hasOldBranding?: boolean
  /** Earlier periods whose published figures differ from the current ones. */
  readonly revisedBefore: readonly RevisedPeriod[]
  /** Earlier periods whose newest version may not have reached recipients of an earlier one. */
  readonly supersededBefore: readonly SupersededPeriod[]
  /** Whole milliseconds by step. */
  readonly timings: Readonly<Record<string, number>>
}

type SupersededPeriod = { readonly period: string; readonly version: number }

/** The version failed the publish gate: it is archived as held, and not delivered. */
export class HeldReportError extends FaultError {
  override name = 'HeldReportError'
  /** Omits the location of the files, which is for operators. */
  readonly forReaders: Fault

  constructor(forReaders: Fault, files: string) {
    super(fault('report.heldFiles', { held: forReaders, files }))
    this.forReaders = forReaders
  }
}

/** Operators have to act first: asking again makes no report. */
export class StuckReportError extends Error {
  override name = 'StuckReportError'
}

const lookAgainMs = 200
const maxConflicts = 5

/** Finds the version or makes it. Archived files are never edited; the manifest, written last, completes a version. */
export const generateReport = (request: ReportRequest, services: Services): Promise<MadeReport> =>
  closingReadings((read) => generateFrom(read, request, services))

/** Resources outside memory are released at the end or on failure. */
type ReadAsOf = (
  request: ReportRequest,
  asOf: string,
  services: Services,
  how: { readonly keep: boolean },
) => Promise<Reading>

const readingOf: ReadAsOf = async (request, asOf, services, how) => {
  const reading = await countedReading(request, asOf, services, how)
  const plates = await platesKnown(reading.counted, request.cap, asOf, services)
  return plates.size === 0 ? reading : { ...reading, counted: { ...reading.counted, plates } }
}

const countedReading: ReadAsOf = ({ territory, period, cap, campaign, flash = {} }, asOf, services, how) => {
  if (isCampaignCode(territory)) return readDossier({ territory, period, cap }, campaign, asOf, services)
  if (isFlashCode(territory)) return readFlash({ territory, period, cap }, flash, asOf, services)
  return readPeriod({ territory, period, cap }, asOf, services, how)
}

const closingReadings = async <Done>(work: (read: ReadAsOf) => Promise<Done>): Promise<Done> => {
  const readings: Reading[] = []
  const read: ReadAsOf = async (request, asOf, services, how) => {
    for (const { csv } of readings.splice(0)) csv.close()
    const reading = await readingOf(request, asOf, services, how)
    readings.push(reading)
    return reading
  }
  try {
    return await work(read)
  } finally {
    for (const { csv } of readings) csv.close()
  }
}

const generateFrom = async (read: ReadAsOf, request: ReportRequest, services: Services): Promise<MadeReport> => {
  const { territory, period, cap } = request
  const edition: Edition = { territory, period, cap }
  const watch = stopwatch()
  let waiting = false
  for (let conflicts = 0; ;) {
    const now = services.clock()
    refuseFuture(edition, request.asOf, now)
    const latest = await services.instants.latest()
    const versions = asKnownAt(await services.reports.versions(edition), now.toISOString(), latest)
    const asOf = request.asOf ?? laterOf(now.toISOString(), versions)
    refusePeriod(edition, asOf)
    await watch('count', () => refuseTooLarge(edition, services))
    const reading = await watch('read', () => read(request, asOf, services, { keep: true }))
    const snapshotSha256 = snapshotOf(edition, reading.counted, services.organisation, asOf)
    const about = { snapshotSha256, asOf, now: now.toISOString(), isDead: services.isDeadRun }
    const decided = decideVersion(versions, about)
    const { revisedBefore, supersededBefore } = await lookBack(edition, reading.counted.before, asOf, services)
    const current = decided.kind === 'stands' ? await readCurrent(decided.entry, services) : undefined
    if (current && !(request.rebrand && current.hasOldBranding)) {
      return {
        ...current,
        isNew: false,
        withheldByNow: reading.counted.tally.withheld,
        revisedBefore,
        supersededBefore,
        timings: watch.timings(),
      }
    }
    const decision = decided.kind === 'stands' ? nextVersion(versions, about) : decided
    if (decision.kind === 'wait') {
      if (!waiting)
        services.log(
          `${reportId(edition, decision.entry.version)} is being made by another run: waiting until ${decision.entry.leaseUntil} at the latest`,
        )
      waiting = true
      await pause(lookAgainMs)
      continue
    }
    if (decision.kind === 'make') {
      if (request.isDue) refuseRecalled(edition, decision.recalled)
      await refuseUnknown(edition, services)
    }
    const isRemade = isGoneSince(reading.counted.plates, asOf)
    const claim = await claimVersion(edition, decision, { snapshotSha256, asOf, now, isRemade }, services)
    if (!claim) continue // a concurrent run took it
    try {
      const earlier = claim.reconstructed
        ? undefined
        : await findPreviousVersion(edition, versions, claim.version, services)
      // Excludes what arrived after the interrupted run began.
      const own = claim.asOf === asOf ? reading : await read(request, claim.asOf, services, { keep: true })
      const material = await materialOf(edition, own, claim.asOf, earlier, revisedBefore, services)
      const made = await makeVersion({ material, csv: own.csv }, claim, decision.previous, services, watch)
      return {
        ...made,
        isNew: true,
        withheldByNow: material.tally.withheld,
        revisedBefore,
        supersededBefore,
        timings: watch.timings(),
      }
    } catch (error) {
      if (error instanceof HeldReportError) throw error
      const taken = error instanceof ArchiveConflictError
      // Files of an unfinished version may differ, so the next number is tried. After other errors the next run reuses
      // this number.
      const left = taken ? { state: 'abandoned' as const } : { leaseUntil: services.clock().toISOString() }
      await services.reports.change(claim, { ...claim, ...left, reason: messageOf(error).slice(0, 2_000) })
      if (taken && ++conflicts < maxConflicts) continue
      throw error
    }
  }
}

const readCurrent = async (entry: VersionEntry, services: Services) => {
  const current = await readVersion(entry, services)
  return {
    ...current,
    hasOldBranding: !isSameBranding(current.report.house, organisationUnder(services.organisation, entry.cap)),
  }
}

const refuseRecalled = (edition: Edition, recalled: VersionEntry | undefined): void => {
  if (!recalled) return
  const { territory, period, cap } = edition
  throw new StuckReportError(
    `${reportId(edition, recalled.version)} was recalled (${recalled.recalled?.reason}), and the new version would have the same content: revise or withdraw its detections, or ask for it: vigie report ${territory} ${period.id} --cap ${shortMarking(cap)}`,
  )
}

/** Never earlier than published versions, in case the clock is behind. */
const laterOf = (now: string, versions: readonly VersionEntry[]): string =>
  [now, ...versions.filter(({ published }) => published).map(({ asOf }) => asOf)].toSorted().at(-1) ?? now

/** Writes nothing: for previews of templates and wording. */
export const draftFacts = (request: ReportRequest, services: Services): Promise<Facts> =>
  closingReadings((read) => draftFrom(read, request, services))

const draftFrom = async (read: ReadAsOf, request: ReportRequest, services: Services): Promise<Facts> => {
  const { territory, period, cap } = request
  const edition: Edition = { territory, period, cap }
  const asOf = services.clock().toISOString()
  refusePeriod(edition, asOf)
  const reading = await read(request, asOf, services, { keep: false })
  const versions = await services.reports.versions(edition)
  const number =
    1 +
    maximum(
      versions.map(({ version }) => version),
      0,
    )
  const { revisedBefore } = await lookBack(edition, reading.counted.before, asOf, services)
  const earlier = await findPreviousVersion(edition, versions, number, services)
  const material = await materialOf(edition, reading, asOf, earlier, revisedBefore, services)
  const snapshotSha256 = snapshotOf(edition, reading.counted, services.organisation, asOf)
  return factsOf(material, { number, asOf, reconstructed: false, snapshotSha256 })
}

/** Finds the version that readers had before; for a dossier's first version, that of the preceding dossier. */
const findPreviousVersion = async (
  { territory, period, cap }: Edition,
  versions: readonly VersionEntry[],
  version: number,
  { reports }: Pick<Services, 'reports'>,
): Promise<VersionEntry | undefined> => {
  const own = newestValidOriginal(versions, version)
  if (own || version > 1 || !isCampaignCode(territory)) return own
  for await (const entry of reports.newest(territory, period.cadence, period.first)) {
    if (entry.cap === cap && isValidOriginal(entry) && parsePeriod(entry.period).last < period.last) return entry
  }
  return undefined
}

const materialOf = async (
  edition: Edition,
  { counted, sources }: Reading,
  asOf: string,
  previous: VersionEntry | undefined,
  revisedBefore: readonly RevisedPeriod[],
  services: Services,
): Promise<Material> => {
  const before = previous && comparableOf((await readVersion(previous, services)).report)
  const isOther = previous !== undefined && previous.period !== edition.period.id
  const compared = before && { ...before, ...(isOther && { until: previous.period }) }
  return {
    edition,
    ...counted,
    sources,
    kept: counted.flash ? nothingKept : await keptOut(edition, counted.dossier, asOf, services),
    previous: compared,
    gone: compared
      ? await goneWhy(compared, counted.tally, { cap: edition.cap, asOf, read: previous?.published?.marking }, services)
      : noneGone,
    revisedBefore,
    house: organisationUnder(services.organisation, edition.cap),
  }
}

/** Links, replies and quotes may be above the edition's cap. */
const hasOwnMarkings = (field: string): boolean => ['actor', 'quotes'].includes(field.split('.')[0] ?? '')

/** Names no analyst where that would raise the marking above the version that readers had. */
const goneWhy = async (
  compared: Comparable,
  contributing: Contributing,
  { cap, asOf, read = cap }: { readonly cap: Marking; readonly asOf: string; readonly read: Marking | undefined },
  services: Pick<Services, 'detections'>,
): Promise<Gone> => {
  const gone = await goneFrom(compared, contributing, cap, services)
  if (isPublicCap(read)) return gone
  const whys = new Map<string, readonly Why[]>()
  for (const [id, one] of await services.detections.stored(gone.changed)) {
    if (one.storedAt > asOf) continue
    const corrections = one.status === 'active' ? await services.detections.corrections(id) : []
    const since = corrections.filter(({ at, field }) => at > compared.asOf && at <= asOf && !hasOwnMarkings(field))
    const named = (one.status === 'active' ? since : [one]).flatMap(({ by, reason }): Why[] =>
      by ? [{ by, ...(typeof reason === 'string' && reason && { reason }), marking: 'TLP:AMBER' }] : [],
    )
    const distinct = [...new Map(named.map((why) => [`${why.by}#${why.reason}`, why])).values()]
    if (distinct.length > 0) whys.set(id, distinct)
  }
  return { ...gone, whys }
}

const goneFrom = async (
  compared: Comparable,
  { counted, ongoing, undatedHere }: Contributing,
  cap: Marking,
  { detections }: Pick<Services, 'detections'>,
): Promise<Gone> => {
  const here = joined([counted, ongoing, undatedHere])
  const gone = goneSince(compared.contributing, here).map(({ id }) => id)
  const markings = await detections.markings(gone)
  const isHidden = (id: string): boolean => !fitsUnder(markings.get(id) ?? 'TLP:RED', cap)
  const stored = await detections.stored(gone.filter((id) => !isHidden(id)))
  const hidden = new Set(gone.filter(isHidden))
  return {
    hidden,
    moved: new Set([...stored].flatMap(([id, { status }]) => (status === 'active' ? id : []))),
    changed: changedIds(compared, eachOf(here, toContribution), hidden),
  }
}

/** It would miss what is stored by then. */
const refuseFuture = ({ territory, period }: Edition, asOf: string | undefined, now: Date): void => {
  if (asOf === undefined || !isFarAhead(asOf, now.toISOString())) return
  throw new RefusedReportError(fault('asOf.future', { territory, period: period.id, asOf }))
}

/** Of a free period: a year and a month. */
const mostDays = 400

/** A period that has not begun would look quiet; one of centuries could not be printed. */
const refusePeriod = ({ territory, period }: Edition, asOf: string): void => {
  const days = lengthOf(period)
  if (days > mostDays) {
    throw new RefusedReportError(fault('period.tooLong', { text: period.id, days, max: mostDays }))
  }
  if (hasBegun(period, territory, Date.parse(asOf))) return
  throw new RefusedReportError(fault('period.notBegun', { period: period.id, territory, asOf }))
}

const comparableOf = (report: Report): Comparable => ({
  ...report,
  // Reports archived by earlier programs lack these markings; the report's marking applies.
  totals: {
    ...report.totals,
    marking: report.totals.marking ?? report.marking,
    watched: report.totals.watched ?? true,
  },
  contributing: many(report.contributing.length, () =>
    eachOf(report.contributing, (one) => ({ ...one, marking: one.marking ?? report.marking })),
  ),
  taxonomy: report.disarm.taxonomy,
  isOver: report.asOf >= report.period.to,
})

/** Throws where the archive has a version without an index entry: the table was lost, or is older than the archive. */
const refuseUnknown = async (edition: Edition, { archive, reports }: Services): Promise<void> => {
  let known: ReadonlySet<string> | undefined
  const prefix = editionPrefix(edition)
  for await (const key of archive.list(prefix)) {
    // A claim precedes its files, so an index read after listing knows them.
    known ??= new Set((await reports.versions(edition)).map(({ version }) => versionName(version)))
    const version = key.slice(prefix.length).split('/')[0] ?? ''
    if (known.has(version) || !/^v\d+$/.test(version)) continue
    known = new Set((await reports.versions(edition)).map((entry) => versionName(entry.version)))
    if (known.has(version)) continue
    throw new StuckReportError(
      `the archive holds ${key.slice('reports/'.length, prefix.length)}${version}, which the index does not know: its table is gone, or older than the archive. Restore the table, or run vigie archive reindex and ingest the detections again; then ask for the report again`,
    )
  }
}

const lookBack = async (
  edition: Edition,
  before: Material['before'],
  asOf: string,
  services: Services,
): Promise<Pick<MadeReport, 'revisedBefore' | 'supersededBefore'>> => {
  const published = await Promise.all(
    before.map(async (one) => {
      const versions = await services.reports.versions({ ...edition, period: parsePeriod(one.period) })
      return { ...one, newest: newestValidOriginal(versions) }
    }),
  )
  const revisedBefore: RevisedPeriod[] = []
  const supersededBefore: SupersededPeriod[] = []
  for (const { period, totals, newest } of published) {
    if (!newest?.published) continue
    const { version } = newest
    const figures = figuresRevised(newest.published.totals, totals)
    if (figures.length > 0) {
      const was = comparableOf((await readVersion(newest, services)).report)
      const contributing = await readContributing({ ...edition, period: parsePeriod(period) }, asOf, services)
      const { hidden } = await goneFrom(was, contributing, edition.cap, services)
      const isShown = hidden.size === 0
      revisedBefore.push({
        period,
        version,
        figures: isShown ? figures : [],
        marking: isShown ? strictest([was.totals.marking, totals.marking]) : 'TLP:CLEAR',
      })
    } else if (version > 1) supersededBefore.push({ period, version })
  }
  return { revisedBefore, supersededBefore }
}

const nothingKept: Material['kept'] = { unplaced: 0, rejects: null, marking: 'TLP:CLEAR' }

const keptOut = async (
  { territory, period, cap }: Edition,
  dossier: DossierFacts | undefined,
  asOf: string,
  { detections, rejects }: Services,
): Promise<Material['kept']> => {
  const { zone } = subjectOf(territory)
  const bounds = boundsFor(period, territory)
  const [from, to] = [new Date(bounds.from).toISOString(), new Date(bounds.to).toISOString()]
  const unplaced: Marking[] = []
  for await (const { detection, storedAt } of detections.unplaced()) {
    if (storedAt > asOf || !fitsUnder(detection.marking, cap)) continue
    if (dossier) {
      const names = [dossier.name, ...dossier.storedAs.map(({ name }) => name)]
      const isBefore = localInterval(detection.observed, zone).first.from < bounds.to
      if (isBefore && names.some((name) => sameCampaign(name, detection.campaign))) unplaced.push(detection.marking)
    } else if (periodFit(localInterval(detection.observed, zone), bounds) !== 'outside')
      unplaced.push(detection.marking)
  }
  // The marking of a reject is unknown, so it counts as the strictest. Its campaign is unknown too.
  const refused = !dossier && fitsUnder('TLP:RED', cap) ? await rejects.count(from, to < asOf ? to : asOf, asOf) : null
  return {
    unplaced: unplaced.length,
    rejects: refused,
    marking: strictest([...unplaced, ...(refused ? ['TLP:RED' as const] : [])]),
  }
}

type Toward = Exclude<ReturnType<typeof nextVersion<VersionEntry>>, { kind: 'wait' }>

/** Returns undefined where another run claimed the version first. */
const claimVersion = async (
  edition: Edition,
  decision: Toward,
  {
    snapshotSha256,
    asOf,
    now,
    isRemade,
  }: {
    readonly snapshotSha256: string
    readonly asOf: string
    readonly now: Date
    readonly isRemade: boolean
  },
  { reports, run }: Services,
): Promise<VersionEntry | undefined> => {
  const leaseUntil = new Date(now.getTime() + makingLeaseMs).toISOString()
  if (decision.kind === 'resume') {
    const { reason: _, ...entry } = decision.entry
    const renewed: VersionEntry = { ...entry, owner: run, leaseUntil }
    return (await reports.change(decision.entry, renewed)) ? renewed : undefined
  }
  for (const dead of decision.abandon) {
    const { reason = fault('version.stopped') } = dead
    await reports.change(dead, { ...dead, state: 'abandoned', reason })
  }
  const claim: VersionEntry = {
    territory: edition.territory,
    period: edition.period.id,
    cap: edition.cap,
    version: decision.version,
    state: 'claimed',
    snapshotSha256,
    asOf,
    // True also where a picture was removed since.
    reconstructed: decision.reconstructed || isRemade,
    owner: run,
    leaseUntil,
  }
  return (await reports.claim(claim)) ? claim : undefined
}

/** Renders and archives: the manifest last, then the index. */
const makeVersion = async (
  { material, csv }: { material: Material; csv: CsvTable },
  claim: VersionEntry,
  previous: VersionEntry | undefined,
  services: Services,
  watch: Stopwatch,
): Promise<Pick<MadeReport, 'edition' | 'report' | 'manifest'>> => {
  const { version, asOf, reconstructed, snapshotSha256 } = claim
  const replacesRecalled = previous?.recalled ? previous.version : undefined
  const versionFacts = { number: version, asOf, reconstructed, snapshotSha256, replacesRecalled }
  const report = reportOf(factsOf(material, versionFacts))
  const pictures = await embeddedPictures(report, services)
  const rows = spilledContent(csv.pieces())
  try {
    // Releases a large file before others are written.
    csv.close()
    const rendered = await renderFiles(report, rows, services.printer, services.templates(), watch, pictures)
    try {
      return await archiveVersion({ material, report, pictures, rendered }, claim, previous, services, watch)
    } finally {
      rendered.close()
    }
  } finally {
    rows.close()
  }
}

type MadeVersion = {
  readonly material: Material
  readonly report: Report
  readonly pictures: PicturesEmbedded
  readonly rendered: Rendered
}

const archiveVersion = async (
  { material, report, pictures, rendered }: MadeVersion,
  claim: VersionEntry,
  previous: VersionEntry | undefined,
  services: Services,
  watch: Stopwatch,
): Promise<Pick<MadeReport, 'edition' | 'report' | 'manifest'>> => {
  const { archive, reports, program } = services
  const { edition } = material
  const { version, asOf, reconstructed, snapshotSha256 } = claim
  const { files, faults } = rendered
  const reason = faults.length > 0 ? several(faults) : undefined
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
    ...(reason && { held: { reason: messageOfFault(reason), fault: reason } }),
    program,
    templatesSha256: templatesSha256(services.templates()),
    previous: previous?.published
      ? { version: previous.version, manifestSha256: previous.published.manifestSha256 }
      : null,
    files: files.map(fileEntry),
  }
  await watch('archive', async () => {
    for (const { name, content, contentType } of files)
      await archive.put(archiveKey(edition, version, name), content, contentType)
    const bytes = manifestBytes(manifest)
    await archiveSignature(archiveKey(edition, version, signatureName), bytes, services)
    await archive.put(archiveKey(edition, version, manifestName), bytes, 'application/json')
  })
  const claims = claimsOf(report)
  const { joint } = report
  const archived = {
    manifestSha256: manifestSha256(manifest),
    marking: report.marking,
    totals: report.totals,
    ...(joint && { joint: { posts: joint.posts, ...(joint.own && { own: joint.own }) } }),
    ...(report.level && { level: keptLevel(report.level) }),
    ...(claims !== undefined && { claims }),
    ...(report.dossier && { campaign: report.dossier.name }),
    ...(pictures.size > 0 && { pictures: picturesIn(report) }),
    ...(material.flash && { flash: { ids: material.flash.ids, until: material.flash.until } }),
  }
  const completed: VersionEntry = reason
    ? { ...claim, state: 'held', held: archived, reason }
    : { ...claim, state: 'published', published: archived, publishedAt: services.clock().toISOString() }
  if (!(await reports.change(claim, completed))) {
    throw new Error(`${report.id} was taken over by another run: ask for the report again`)
  }
  if (reason) {
    const files = archive.locate(archiveKey(edition, version, manifestName))
    throw new HeldReportError(fault('report.held', { report: report.id, reason }), files)
  }
  return { edition, report, manifest }
}

/** Keeps a signature that an interrupted run left: a new one would have different bytes. */
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

const fileEntry = ({ name, contentType, content }: RenderedFile): ManifestFile => ({
  name,
  contentType,
  bytes: content.size,
  sha256: content.sha256,
})

type Stopwatch = {
  <Done>(step: string, work: () => Promise<Done>): Promise<Done>
  timings(): Readonly<Record<string, number>>
}

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
