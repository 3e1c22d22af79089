import type { StoredLevel } from '../../domain/aggregate/level/level.ts'
import type { Joint, Totals } from '../../domain/aggregate/tally.ts'
import type { Reason } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import {
  type CampaignCode,
  type FlashCode,
  isCampaignCode,
  isFlashCode,
  type SubjectCode,
  subjects,
} from '../../domain/core/place/territory.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import type { Cadence } from '../../domain/core/time/period.ts'
import { type Edition, type EditionNamed, editionOf, reportId } from '../../domain/report/manifest.ts'
import type { Recalled } from '../../domain/report/version.ts'
import { type Action, lineOf, writeAct } from '../table/history.ts'
import {
  cadenceRange,
  campaignKey,
  campaignsPartition,
  editionSort,
  flashKey,
  flashPartition,
  reportKey,
  reportPartition,
} from '../table/keys.ts'
import type { Condition, Item, Table } from '../table/table.ts'

type VersionState = 'claimed' | 'published' | 'held' | 'abandoned'

export type VersionEntry = EditionNamed & {
  readonly version: number
  readonly state: VersionState
  readonly snapshotSha256: string
  readonly asOf: string
  readonly reconstructed: boolean
  /** The run that makes it, and the end of its lease. */
  readonly owner: string
  readonly leaseUntil: string
  readonly published?: Published
  /** Missing in entries of earlier programs. */
  readonly publishedAt?: string
  /** Archived but never delivered. */
  readonly held?: Published
  readonly reason?: Reason
  readonly recalled?: Recalled
  readonly approved?: Approved
}

export type Approved = { readonly at: string; readonly by: string }

export type FlashAbout = { readonly ids: readonly string[]; readonly until: string }

/** A reconstructed version describes an earlier time. */
export const isValidOriginal = ({ published, recalled, reconstructed }: VersionEntry): boolean =>
  published !== undefined && !recalled && !reconstructed

export const newestValidOriginal = (
  versions: readonly VersionEntry[],
  below = Number.POSITIVE_INFINITY,
): VersionEntry | undefined => versions.filter((one) => isValidOriginal(one) && one.version < below).at(-1)

/**
 * The newest version that is not recalled. A reconstructed one counts only without others: it describes an earlier
 * time.
 */
export const versionInForce = (versions: readonly VersionEntry[]): VersionEntry | undefined =>
  newestValidOriginal(versions) ?? versions.findLast(({ published, recalled }) => published && !recalled)

type Published = {
  readonly manifestSha256: string
  readonly marking: Marking
  readonly totals: Totals
  readonly joint?: Pick<Joint, 'posts' | 'own'> | undefined
  /** Missing in versions of earlier programs, groups and dossiers. */
  readonly level?: StoredLevel | undefined
  readonly claims?: string
  /** Of a dossier: the campaign's name as printed. */
  readonly campaign?: string
  readonly flash?: FlashAbout
  readonly pictures?: readonly string[]
}

export type Reports = {
  /** Oldest first. */
  versions(edition: Edition): Promise<readonly VersionEntry[]>
  /** False where another run has the number. */
  claim(entry: VersionEntry): Promise<boolean>
  /** Takes over or renews a claim; false where the entry has changed. Analysts' decisions stay. */
  change(from: VersionEntry, to: VersionEntry): Promise<boolean>
  decide(from: VersionEntry, decision: VersionDecision, action: VersionAction): Promise<boolean>
  /** Latest first, read lazily. */
  newest(territory: SubjectCode, cadence: Cadence, day?: string): AsyncGenerator<VersionEntry>
  campaigns(): Promise<readonly CampaignCode[]>
  /** The name in the latest dossier. */
  campaignName(code: CampaignCode): Promise<string | undefined>
  flashes(): Promise<readonly FlashCode[]>
  all(filter?: { readonly territory?: SubjectCode; readonly period?: string }): AsyncGenerator<VersionEntry>
}

const decisions = ['approved', 'recalled'] as const

type VersionDecision = { readonly approved: NonNullable<VersionEntry['approved']> } | { readonly recalled: Recalled }

type VersionAction = Pick<Action, 'at' | 'by' | 'reason'> & {
  readonly did: 'approved' | 'recalled' | 'refused'
}

const readAtOnce = 25

export const reportsIn = (table: Table): Reports => {
  const campaigns = async (): Promise<readonly CampaignCode[]> => {
    const codes: CampaignCode[] = []
    for await (const { sk } of table.query(campaignsPartition)) if (isCampaignCode(sk)) codes.push(sk)
    return codes
  }
  const flashes = async (): Promise<readonly FlashCode[]> => {
    const codes: FlashCode[] = []
    for await (const { sk } of table.query(flashPartition)) if (isFlashCode(sk)) codes.push(sk)
    return codes
  }
  const mine = async (entry: VersionEntry): Promise<boolean> => {
    const found = await table.get(keyOf(entry))
    return found !== undefined && canonicalJson(entryOf(found)) === canonicalJson(entry)
  }
  return {
    versions: async ({ territory, ...edition }) => {
      const entries: VersionEntry[] = []
      for await (const item of table.query(reportPartition(territory), { beginsWith: editionSort(edition) })) {
        entries.push(entryOf(item))
      }
      return entries
    },
    claim: async (entry) => {
      // First, so that every version's campaign or flash note is listed.
      if (isCampaignCode(entry.territory)) await table.put(campaignKey(entry.territory))
      if (isFlashCode(entry.territory)) await table.put(flashKey(entry.territory))
      return (
        (await table.putIf({ ...keyOf(entry), ...entry }, { expression: 'attribute_not_exists(pk)' })) ||
        (await mine(entry))
      )
    },
    change: async (from, to) => {
      const { approved: _, recalled: __, ...next } = to
      const { approved, recalled } = from
      const kept = { ...next, ...(approved && { approved }), ...(recalled && { recalled }) }
      return (await table.putIf({ ...keyOf(to), ...kept }, asSeen(from))) || (await mine(kept))
    },
    decide: async (from, decision, { reason = '', ...action }) => {
      const next: VersionEntry = { ...from, ...decision }
      const line = lineOf({
        ...{ ...action, of: 'report', id: reportId(editionOf(from), from.version) },
        ...(from.published && { marking: from.published.marking }),
        ...(reason !== '' && { reason }),
      })
      return (await writeAct(table, { ...keyOf(next), ...next }, asSeen(from), line)) || (await mine(next))
    },
    newest: async function* (territory, cadence, day) {
      const range = { ...cadenceRange(cadence, day), backwards: true, atOnce: readAtOnce }
      for await (const item of table.query(reportPartition(territory), range)) yield entryOf(item)
    },
    campaigns,
    flashes,
    campaignName: async (code) => {
      let latest: { readonly asOf: string; readonly name: string } | undefined
      for await (const item of table.query(reportPartition(code))) {
        const { published, held, asOf } = entryOf(item)
        const name = (published ?? held)?.campaign
        if (name !== undefined && asOf >= (latest?.asOf ?? '')) latest = { asOf, name }
      }
      return latest?.name
    },
    all: async function* ({ territory, period } = {}) {
      const codes = territory
        ? [territory]
        : [...subjects.map((one) => one.code), ...(await campaigns()), ...(await flashes())]
      for (const code of codes) {
        for await (const item of table.query(reportPartition(code))) {
          const entry = entryOf(item)
          if (period === undefined || entry.period === period) yield entry
        }
      }
    },
  }
}

/** Only one of two concurrent decisions succeeds. */
const asSeen = (from: VersionEntry): Condition => {
  const undecided = decisions.filter((name) => from[name] === undefined)
  return {
    expression: [
      '#state = :state AND #owner = :owner AND leaseUntil = :lease',
      ...undecided.map((name) => `attribute_not_exists(#${name})`),
    ].join(' AND '),
    names: {
      ...{ '#state': 'state', '#owner': 'owner' },
      ...Object.fromEntries(undecided.map((name) => [`#${name}`, name])),
    },
    values: { ':state': from.state, ':owner': from.owner, ':lease': from.leaseUntil },
  }
}

const keyOf = (entry: VersionEntry) => reportKey(editionOf(entry), entry.version)

const entryOf = ({ pk: _pk, sk: _sk, ...entry }: Item): VersionEntry => entry as unknown as VersionEntry
