/** The archive's list: by the instant of each version, the newest first, for any period. */
import { beforeAll, expect, test } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { notGiven } from '../../../lambdas/domain/core/figures.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { versionInForce } from '../../../lambdas/store/reports/reports.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { type ArchiveFilter, cursorTo, listArchive, placeOf } from '../../../lambdas/usecases/archive/browse-archive.ts'
import { recallable } from '../../../lambdas/usecases/delivery/recall-version.ts'
import type { Services } from '../../../lambdas/usecases/services.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'

const periods = [
  ...['2024-W19', '2024-W20', '2024-W21', '2024-04', '2024-05', '2024-Q2', '2023', '2024'],
  ...['2024-05-01--2024-05-31', '2024-05-13--2024-05-14', '2024-05-02--2024-05-03', '2024-05-02--2024-06-30'],
]
/** The period whose second version is recalled. */
const recalled = '2024-05'
const caps = ['TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT'] as const

const none = { posts: notGiven, reposts: notGiven, videos: notGiven, views: notGiven }
const totals = {
  ...({ detections: 0, manoeuvres: 0, watched: true, marking: 'TLP:GREEN' } as const),
  ...none,
  accounts: notGiven,
  coordinatedAccounts: notGiven,
}
const published = {
  state: 'published',
  ...{ snapshotSha256: '', owner: '', leaseUntil: '', reconstructed: false },
  published: { manifestSha256: '', marking: 'TLP:GREEN', totals },
} as const

const services = { ...storesIn(memoryTable()), clock: () => new Date('2024-09-01T00:00:00.000Z') }
const { reports } = services
const archive = {} as Services['archive'] // holds no version, as if damaged
const all: { order: string; id: string; territory: string; period: string; cap: string }[] = []

beforeAll(async () => {
  for (const territory of ['NC', 'PF', 'COR'] as const) {
    for (const [at, period] of periods.entries()) {
      for (const cap of caps) {
        for (const version of at % 2 === 0 ? [1, 2] : [1]) {
          const asOf = `2024-0${version === 2 ? 8 - (at % 3) : 7}-0${1 + ((at * 5) % 9)}T00:00:00.000Z`
          await reports.claim({
            ...published,
            ...{ territory, period, cap, version, asOf },
            ...(version === 2 && period === recalled && { recalled: { at: '', reason: 'wrong' } }),
          })
          const { first, last, id } = parsePeriod(period)
          const order = [asOf, last, first, id, territory, cap, String(version).padStart(6, '0')].join(' ')
          all.push({ order, id: `${territory} ${period} ${cap} ${version}`, territory, period, cap })
        }
      }
    }
  }
  all.sort((one, other) => (one.order > other.order ? -1 : 1))
})

const filters: readonly (readonly [Omit<ArchiveFilter, 'limit'>, (one: (typeof all)[number]) => boolean])[] = [
  [{}, () => true],
  [{ territory: 'PF' }, ({ territory }) => territory === 'PF'],
  [{ cap: 'TLP:AMBER' }, ({ cap }) => cap === 'TLP:AMBER'],
  [{ cadence: 'range' }, ({ period }) => parsePeriod(period).cadence === 'range'],
  [{ period: '2024-w20' }, ({ period }) => period === '2024-W20'],
  [{ period: '2024-05-02--2024-05-03' }, ({ period }) => period === '2024-05-02--2024-05-03'],
  [{ period: '2024-W20', cadence: 'month' }, () => false],
  [{ from: '2024-05-15' }, ({ period }) => parsePeriod(period).last >= '2024-05-15'],
  [{ to: '2024-05-01' }, ({ period }) => parsePeriod(period).first <= '2024-05-01'],
  [
    { from: '2024-05-04', to: '2024-05-12' },
    ({ period }) => parsePeriod(period).first <= '2024-05-12' && parsePeriod(period).last >= '2024-05-04',
  ],
]

test.each(filters)('is complete and in order, filtered by %j, page by page', async (filter, belongs) => {
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await listArchive({ ...filter, after, limit: 7 }, everything, services)
    expect(page.entries.length).toBeLessThanOrEqual(7)
    for (const { period, version, replaced } of page.entries) {
      const isReplaced = version === 1 && period !== recalled && periods.indexOf(period) % 2 === 0
      expect([period, version, replaced]).toEqual([period, version, isReplaced])
    }
    found.push(...page.entries.map(({ territory, period, cap, version }) => `${territory} ${period} ${cap} ${version}`))
    after = page.next === undefined ? undefined : placeOf(cursorTo(page.next))
  } while (after !== undefined)
  expect(found).toEqual(all.filter(belongs).map(({ id }) => id))
})

test('refuses a cursor of another order', () => {
  expect(placeOf(cursorTo('2024-05-19 2024-05-13 2024-W20 NC TLP:AMBER 000001'))).toBeUndefined()
})

test('a reconstructed version replaces no other', async () => {
  const of = { territory: 'MQ', period: '2024-W20', cap: 'TLP:AMBER' } as const
  const edition = { ...of, period: parsePeriod(of.period) }
  const listed = async () =>
    (await listArchive({ territory: 'MQ', limit: 9 }, everything, services)).entries
      .map(({ version, replaced, reconstructed }) => [version, replaced, reconstructed])
      .toSorted()
  const asOfs = ['2024-05-20', '2024-06-20', '2024-06-01'].map((day) => `${day}T00:00:00.000Z`)
  const [first, second, third] = asOfs.map((asOf, at) => ({ ...published, ...of, version: at + 1, asOf }))
  if (!first || !second || !third) throw new Error('three versions')
  for (const entry of [first, second, { ...third, reconstructed: true }]) await reports.claim(entry)
  expect(await listed()).toEqual([
    [1, true, false],
    [2, false, false],
    [3, false, true],
  ])
  const inForce = async () => versionInForce(await reports.versions(edition))?.version
  expect(await inForce()).toBe(2)
  // Without the second, the first; without both, the reconstructed one.
  for (const [entry, then] of [
    [second, 1],
    [first, 3],
  ] as const) {
    expect(await recallable(edition, entry.version, everything, { ...services, archive })).toMatchObject({
      currentVersionAfter: then,
    })
    const at = '2024-07-01T00:00:00.000Z'
    const action = { at, did: 'recalled', by: 'Ana', reason: 'wrong' } as const
    await reports.decide(entry, { recalled: { at, reason: 'wrong' } }, action)
    expect(await inForce()).toBe(then)
  }
})
