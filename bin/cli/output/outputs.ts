import type { Archive } from '../../../lambdas/archive/archive.ts'
import type { Comparison } from '../../../lambdas/domain/aggregate/compare.ts'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { shortMarking } from '../../../lambdas/domain/core/marking.ts'
import { subjectOf } from '../../../lambdas/domain/core/place/territory.ts'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { identityOf, type Taxonomy } from '../../../lambdas/domain/detection/frameworks/disarm.ts'
import { detectionsTotal, ownAndShared } from '../../../lambdas/domain/page/words/phrases.ts'
import { archiveKey, manifestBytes, manifestName, reportId } from '../../../lambdas/domain/report/manifest.ts'
import type { MadeReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import type { PausedReport } from '../../../lambdas/usecases/reports/weekly-run.ts'
import type { ReportAnswer, TaxonomySummary } from '../answers.ts'
import { tableOf } from './tables.ts'

export const pausedLine = ({ territory, at, by, reason, until }: PausedReport): string =>
  `${territory}: by ${by} on ${at.slice(0, 10)}${until === undefined ? '' : `, until ${until}`}: ${reason}`

export const reportOutput = (
  { edition, report, manifest, isNew, withheldByNow, timings }: MadeReport,
  archive: Archive,
): ReportAnswer => {
  const { totals, days, undated } = report
  const bytes = manifestBytes(manifest)
  const files = [...manifest.files, { name: manifestName, bytes: bytes.byteLength, sha256: sha256(bytes) }]
  return {
    id: report.id,
    territory: report.territory.code,
    ...(report.dossier && { campaign: report.dossier.name }),
    ...(report.flash && { until: report.flash.until }),
    period: report.period.id,
    cap: report.cap,
    marking: report.marking,
    version: report.version,
    isNew,
    asOf: report.asOf,
    reconstructed: report.reconstructed,
    snapshotSha256: report.snapshotSha256,
    totals,
    days,
    undated: undated.detections,
    undatedPosts: undated.posts.value,
    undatedHere: report.undatedHere.map(({ id }) => id),
    ongoing: report.ongoing.map(({ id }) => id),
    withheld: report.withheld,
    withheldByNow,
    files: files.map((file) => ({
      name: file.name,
      path: archive.locate(archiveKey(edition, report.version, file.name)),
      bytes: file.bytes,
      sha256: file.sha256,
    })),
    timings,
  }
}

const english = wordingOf('en')

const nameOf = ({ territory, dossier }: MadeReport['report']): string =>
  dossier ? `Dossier of ${dossier.name}` : subjectOf(territory.code).name.en

export const reportLine = ({ report, isNew, withheldByNow, timings }: MadeReport): string =>
  [
    `${nameOf(report)}${report.dossier ? ' until' : ''} ${report.period.id}`,
    unwatched(report) ? 'not watched' : english.phrase('detections', detectionsIn(report)),
    ...postsIn(report),
    ...withheldIn(report, withheldByNow),
    ...(report.asOf < report.period.to ? ['a period that still runs'] : []),
    `version ${report.version}${isNew ? '' : ', nothing new'}`,
    `${english.number(timings.total ?? 0)} ms`,
  ].join(' · ')

const detectionsIn = ({ totals }: MadeReport['report']) => detectionsTotal(totals.detections, totals.isFloor)

/** May differ from the version's number: a change of it alone makes no new version. */
const withheldIn = ({ withheld, cap, version }: MadeReport['report'], now: number): readonly string[] => {
  if (!withheld && now === 0) return []
  const then =
    withheld === undefined || withheld === now ? '' : ` (${english.number(withheld)} when version ${version} was made)`
  return [`${english.number(now)} withheld above ${shortMarking(cap)}${then}`]
}

/** Omits 0 posts where there are no detections. */
const postsIn = (report: MadeReport['report']): readonly string[] => {
  const { posts, shared } = ownAndShared(report, english)
  if (posts.value === null || (posts.value === 0 && report.totals.detections === 0)) return []
  return [`${english.phrase('posts', posts)}${shared && ` ${shared}`}`]
}

/** No detections, and no source that ran. */
const unwatched = ({ totals }: MadeReport['report']): boolean => totals.detections === 0 && totals.watched === false

export const reportsTable = (reports: readonly MadeReport[], archive?: Archive): readonly string[] => {
  const isWithheld = reports.some(({ withheldByNow }) => withheldByNow > 0)
  return tableOf(reports, {
    Report: ({ report }) => nameOf(report),
    Period: ({ report }) => report.period.id,
    Edition: ({ report }) => `${shortMarking(report.cap)} v${report.version}`,
    Detections: { right: ({ report }) => (unwatched(report) ? '–' : english.total(detectionsIn(report))) },
    ...(isWithheld && { Withheld: { right: ({ withheldByNow }) => english.number(withheldByNow) } }),
    Change: {
      right: ({ report }) => changeCell(report.headlines.find(({ figure }) => figure === 'detections')?.comparison),
    },
    ...(archive && {
      Folder: ({ edition, report }) => archive.locate(`reports/${reportId(edition, report.version)}`),
    }),
  })
}

const changeCell = ({ change, changeAtLeast }: Partial<Pick<Comparison, 'change' | 'changeAtLeast'>> = {}): string => {
  const shownChange = change ?? changeAtLeast
  if (shownChange === undefined) return '–'
  const signed = shownChange === 0 ? '=' : `${shownChange > 0 ? '+' : ''}${english.number(shownChange)}`
  return change === undefined ? `at least ${signed}` : signed
}

export const taxonomySummary = (taxonomy: Taxonomy): TaxonomySummary => {
  const { tactics, techniques, removed } = taxonomy
  const inFrench = (all: readonly { readonly names: { readonly fr?: string | undefined } }[]) =>
    all.filter(({ names }) => names.fr !== undefined).length
  const replaced = removed.filter(({ successors }) => successors.length > 0).length
  return {
    ...identityOf(taxonomy),
    tactics: tactics.length,
    techniques: techniques.length,
    inFrench: { tactics: inFrench(tactics), techniques: inFrench(techniques) },
    removed: { replaced, withoutEquivalent: removed.length - replaced },
  }
}

export const taxonomyLines = ({
  version,
  tactics,
  techniques,
  inFrench,
  removed,
}: TaxonomySummary): readonly string[] => [
  `DISARM v${version}, as it comes with Vigie`,
  `  ${plural(tactics, 'tactic')} (${inFrench.tactics} with a French name), ${plural(techniques, 'technique')} (${inFrench.techniques})`,
  `  removed ids known: ${removed.replaced} with a successor, ${removed.withoutEquivalent} without`,
]

export const tacticsTable = ({ phases, tactics, techniques, removed }: Taxonomy): readonly string[] => [
  ...tableOf(tactics, {
    Rank: { right: ({ rank }) => String(rank) },
    Tactic: ({ id }) => id,
    Phase: ({ phase }) => phases.find(({ id }) => id === phase)?.names.en ?? phase,
    English: ({ names }) => names.en,
    French: ({ names }) => names.fr ?? '–',
    Techniques: { right: ({ id }) => String(techniques.filter(({ tactic }) => tactic === id).length) },
  }),
  '',
  ...tableOf(removed, {
    Removed: ({ id }) => id,
    Name: ({ name }) => name,
    Successor: ({ successors, gone }) =>
      successors.join(', ') || (gone.length > 0 ? `none (${gone.join(', ')} was, and is removed)` : 'none'),
  }),
]
