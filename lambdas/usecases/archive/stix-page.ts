/** Pages of STIX files of reports, in the order of publication, for collectors that poll. */
import type { Caller } from '../../domain/access/caller.ts'
import { fitsUnder, type Marking, markings, strictest } from '../../domain/core/marking.ts'
import type { SubjectCode } from '../../domain/core/place/territory.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { tlpDefinitions } from '../../domain/report/exchange.ts'
import { archiveKey, editionOf, reportId } from '../../domain/report/manifest.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Log } from '../log.ts'
import type { Services } from '../services.ts'
import { knownVersions } from './browse-archive.ts'
import { type FileAddresses, logOpened, openFile } from './open-file.ts'
import { readManifest } from './read-version.ts'

const stixName = 'report.stix.json'

/** A Lambda answers at most 6 MB, and escapes in JSON may double each byte of a page. */
export const maxStixPageBytes = 3_000_000

/** An entry is stored some time after its instant, so that newer entries may be read before it. */
const settlingMs = 10_000

type StixFilter = {
  readonly territory?: SubjectCode | undefined
  readonly cap?: Marking | undefined
  /** A place in the order, or the beginning of one. */
  readonly after?: string | undefined
  readonly limit: number
}

type StixObject = { readonly id: string; readonly modified?: string; readonly object_marking_refs?: readonly string[] }

type StixPage = {
  /** The objects, or the address of the only version's file where it is too large for a page. */
  readonly content: { readonly objects: readonly StixObject[] } | { readonly url: string }
  /** The instant of the last version. */
  readonly last: string | undefined
  /** The place of the last version, where more follow. */
  readonly next: string | undefined
}

export const stixPage = async (
  { territory, cap, after = '', limit }: StixFilter,
  caller: Caller,
  services: Pick<Services, 'reports' | 'archive' | 'clock'> & { readonly files: FileAddresses; readonly log: Log },
): Promise<StixPage> => {
  const { reports, archive, clock, log } = services
  const reader = { who: caller.who }
  const settled = new Date(clock().getTime() - settlingMs).toISOString()
  const found = (await knownVersions(territory, caller, reports))
    .filter((entry) => !entry.recalled && (cap === undefined || entry.cap === cap) && instantOf(entry) <= settled)
    .map((entry) => ({ entry, order: `${instantOf(entry)} ${reportOf(entry)}` }))
    .filter(({ order }) => order > after)
    .sort((one, other) => (one.order < other.order ? -1 : 1))
  // A damaged version does not stop the feed: vigie archive verify shows it.
  const leaveOut = (entry: VersionEntry) => (error: unknown) =>
    void log('version left out', { ...reader, report: reportOf(entry), error: messageOf(error) })
  const versions = await Promise.all(
    found.slice(0, limit).map(async (one) => {
      const manifest = await readManifest(one.entry, services).catch(leaveOut(one.entry))
      return { ...one, manifest, file: manifest?.files.find(({ name }) => name === stixName) }
    }),
  )
  const shown = versions.slice(0, Math.max(1, fittingIn(versions.map(({ file }) => file?.bytes ?? 0))))
  const last = shown.at(-1)
  const about = {
    last: last && instantOf(last.entry),
    next: shown.length < found.length ? last?.order : undefined,
  }
  if (last?.manifest && (last.file?.bytes ?? 0) > maxStixPageBytes) {
    const url = await openFile({ ...last, manifest: last.manifest }, stixName, reader, services)
    if (url !== undefined) return { ...about, content: { url } }
  }
  const objects = new Map<string, StixObject>()
  for (const { entry, manifest, file } of shown) {
    // Versions of early programs have none.
    if (!manifest || !file) continue
    const bytes = archive.get(archiveKey(editionOf(entry), entry.version, stixName))
    const bundle = await bytes.then(bundleIn).catch(leaveOut(entry))
    if (!bundle) continue
    logOpened({ entry, manifest }, stixName, reader, log)
    for (const object of bundle.objects) {
      const key = `${object.id} ${object.modified ?? ''}`
      const same = objects.get(key)
      if (!same || !fitsUnder(markingOf(object), markingOf(same))) objects.set(key, object)
    }
  }
  return { ...about, content: { objects: [...objects.values()] } }
}

const reportOf = (entry: VersionEntry): string => reportId(editionOf(entry), entry.version)

const bundleIn = (bytes: Uint8Array) =>
  JSON.parse(new TextDecoder().decode(bytes)) as { readonly objects: readonly StixObject[] }

/** Earlier programs did not store the instant. */
const instantOf = ({ publishedAt, asOf }: VersionEntry): string => publishedAt ?? asOf

/** How many of these sizes fit in a page. */
const fittingIn = (sizes: readonly number[]): number => {
  let bytes = 0
  const first = sizes.findIndex((size) => {
    bytes += size
    return bytes > maxStixPageBytes
  })
  return first < 0 ? sizes.length : first
}

const markingOf = ({ object_marking_refs: refs = [] }: StixObject): Marking =>
  strictest(markings.filter((marking) => refs.includes(tlpDefinitions[marking])))
