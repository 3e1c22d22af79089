/** The archive's list: by the instant of each version, the newest first, whatever period it is about. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { notGiven } from '../../../lambdas/domain/core/figures.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { versionInForce } from '../../../lambdas/store/reports/reports.ts'
import { type ArchiveFilter, cursorTo, listArchive, placeOf } from '../../../lambdas/usecases/archive/browse-archive.ts'
import { recallable } from '../../../lambdas/usecases/delivery/recall-version.ts'
import { newFolder } from '../../support/cli.ts'
import { type Opened, openServices } from '../../support/services.ts'

const periods = [
  ...['2024-W19', '2024-W20', '2024-W21', '2024-04', '2024-05', '2024-Q2', '2023', '2024'],
  ...['2024-05-01--2024-05-31', '2024-05-13--2024-05-14', '2024-05-02--2024-05-03', '2024-05-02--2024-06-30'],
]
/** Its second version is recalled: the first one stands. */
const taken = '2024-05'
const caps = ['TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT'] as const

const none = { posts: notGiven, reposts: notGiven, videos: notGiven, views: notGiven }
const said = { detections: 0, manoeuvres: 0, watched: true, marking: 'TLP:GREEN' } as const
const totals = { ...said, ...none, accounts: notGiven, coordinatedAccounts: notGiven }
const published = {
  state: 'published',
  ...{ snapshotSha256: '', owner: '', leaseUntil: '', reconstructed: false },
  published: { manifestSha256: '', marking: 'TLP:GREEN', totals },
} as const

let opened: Opened
let remove: () => Promise<void>
const all: { order: string; id: string; territory: string; period: string; cap: string }[] = []

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder)
  for (const territory of ['NC', 'PF', 'COR'] as const) {
    for (const [at, period] of periods.entries()) {
      for (const cap of caps) {
        for (const version of at % 2 === 0 ? [1, 2] : [1]) {
          // Second versions are corrections of later: of old periods too.
          const asOf = `2024-0${version === 2 ? 8 - (at % 3) : 7}-0${1 + ((at * 5) % 9)}T00:00:00.000Z`
          await opened.services.reports.claim({
            ...published,
            ...{ territory, period, cap, version, asOf },
            ...(version === 2 && period === taken && { recalled: { at: '', reason: 'wrong' } }),
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
afterAll(async () => {
  await opened.close()
  await remove()
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

test.each(filters)('filtered by %j, page after page, it is whole and in order', async (filter, belongs) => {
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await listArchive({ ...filter, after, limit: 7 }, everything, opened.services)
    expect(page.entries.length).toBeLessThanOrEqual(7)
    // On whatever page it stands, and whether or not what replaces it is shown.
    for (const { period, version, replaced } of page.entries) {
      const isReplaced = version === 1 && period !== taken && periods.indexOf(period) % 2 === 0
      expect([period, version, replaced]).toEqual([period, version, isReplaced])
    }
    found.push(...page.entries.map(({ territory, period, cap, version }) => `${territory} ${period} ${cap} ${version}`))
    after = page.next
  } while (after !== undefined)
  expect(found).toEqual(all.filter(belongs).map(({ id }) => id))
})

test('a correction of an old period is among the newest, and a page goes on after it', async () => {
  const page = await listArchive({ limit: 1 }, everything, opened.services)
  const [newest] = page.entries
  const instants = all.map(({ order }) => order.slice(0, 24))
  expect(newest?.asOf).toBe(instants.toSorted().at(-1))
  expect(newest?.period).not.toBe('2024-05-02--2024-06-30')
  expect(placeOf(cursorTo(page.next ?? ''))).toBe(page.next)
})

test('a cursor of another order is none', () => {
  expect(placeOf(cursorTo('2024-05-19 2024-05-13 2024-W20 NC TLP:AMBER 000001'))).toBeUndefined()
})

test('a version made of an earlier instant takes no other’s place', async () => {
  const of = { territory: 'MQ', period: '2024-W20', cap: 'TLP:AMBER' } as const
  const edition = { ...of, period: parsePeriod(of.period) }
  const { reports } = opened.services
  const told = async () =>
    (await listArchive({ territory: 'MQ', limit: 9 }, everything, { reports })).entries
      .map(({ version, replaced, reconstructed }) => [version, replaced, reconstructed])
      .toSorted()
  const asOfs = ['2024-05-20', '2024-06-20', '2024-06-01'].map((day) => `${day}T00:00:00.000Z`)
  const [first, second, third] = asOfs.map((asOf, at) => ({ ...published, ...of, version: at + 1, asOf }))
  if (!first || !second || !third) throw new Error('three versions')
  for (const entry of [first, second, { ...third, reconstructed: true }]) await reports.claim(entry)
  expect(await told()).toEqual([
    [1, true, false],
    [2, false, false],
    [3, false, true],
  ])
  const stands = async () => versionInForce(await reports.versions(edition))?.version
  expect(await stands()).toBe(2)
  // Without the second the first tells of its own time; the third speaks where no other does.
  for (const [entry, then] of [
    [second, 1],
    [first, 3],
  ] as const) {
    expect(await recallable(edition, entry.version, everything, opened.services)).toMatchObject({ currentVersionAfter: then })
    const at = '2024-07-01T00:00:00.000Z'
    const deed = { at, did: 'recalled', by: 'Ana', reason: 'wrong' } as const
    await reports.decide(entry, { recalled: { at, reason: 'wrong' } }, deed)
    expect(await stands()).toBe(then)
  }
})
