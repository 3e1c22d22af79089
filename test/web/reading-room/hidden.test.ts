/** What a reader may not know, be it a version, a detection or a candidate, changes no byte of any page. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import type { SubjectCode } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { archiveKey } from '../../../lambdas/domain/report/manifest.ts'
import { newFolder } from '../../support/cli.ts'
import { detection, input } from '../../support/detections.ts'
import { noPrinter, roomOn } from '../../support/room-on.ts'
import { openRoom } from '../../support/room.ts'
import { openServices } from '../../support/services.ts'

const caller: Caller = { ...everything, who: 'reader', clearance: 'TLP:GREEN', territories: ['NC', 'PF'] }
const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
const now = '2024-05-21T00:00:00.000Z'
const paths = [
  ...['/room', '/room?week=2024-W20&lang=fr', '/room/feed.atom', '/room/archive'],
  ...['/room/inbox', '/room/candidates/secret'],
  ...['', '?q=alphabat', '?q=alpha', '?q=story', '?q=secret', '?campaign=Alpha&territory=NC'].map(
    (query) => `/room/detections${query}`,
  ),
  ...['?detector=hidden+detector', '?q=h0', '/h0', '/k0', '/k1?territory=NC&period=2024-W20'].map(
    (rest) => `/room/detections${rest}`,
  ),
]

type Version = {
  readonly territory: SubjectCode
  readonly cap: Marking
  readonly marking: Marking
  readonly state: 'published' | 'held' | 'recalled'
}

const versions = (territories: SubjectCode[], caps: Marking[], markings: Marking[]): fc.Arbitrary<Version> =>
  fc.record({
    territory: fc.constantFrom(...territories),
    cap: fc.constantFrom(...caps),
    marking: fc.constantFrom(...markings),
    state: fc.constantFrom('published' as const, 'held' as const, 'recalled' as const),
  })
const knownVersions = fc.array(versions(['NC', 'PF'], ['TLP:CLEAR', 'TLP:GREEN'], ['TLP:CLEAR']), { maxLength: 4 })
const hiddenVersions = fc.array(
  fc.oneof(
    versions(['NC', 'PF'], ['TLP:AMBER', 'TLP:RED'], ['TLP:CLEAR', 'TLP:AMBER']),
    versions(['WF', 'ALL', 'PACIFIC'], ['TLP:CLEAR', 'TLP:GREEN'], ['TLP:CLEAR']),
  ),
  { minLength: 1, maxLength: 4 },
)

/** Whether the strictest edition of a territory has a current version. */
const isCurrentIn = (seen: readonly Version[]): boolean =>
  ['NC', 'PF'].some((code) => {
    const own = seen.filter(({ territory }) => territory === code)
    const strictest = own.some(({ cap }) => cap === 'TLP:GREEN') ? 'TLP:GREEN' : 'TLP:CLEAR'
    return own.some(({ cap, state }) => cap === strictest && state === 'published')
  })

type Places = ('NC' | 'PF' | 'WF')[]
const known = fc.record({
  marking: fc.constantFrom('TLP:CLEAR', 'TLP:GREEN'),
  territories: fc.subarray<Places[number]>(['NC', 'PF'], { minLength: 1 }),
})
const hidden = fc.oneof(
  fc.record({
    marking: fc.constantFrom('TLP:AMBER', 'TLP:RED'),
    territories: fc.subarray<Places[number]>(['NC', 'PF']),
  }),
  fc.record({
    marking: fc.constantFrom('TLP:CLEAR', 'TLP:GREEN'),
    territories: fc.constantFrom<Places>(['WF'], ['NC', 'WF'], []),
  }),
)
const records = (prefix: 'k' | 'h', ceiling: typeof known | typeof hidden): fc.Arbitrary<readonly DetectionInput[]> => {
  const word = prefix === 'h' ? 'hidden' : 'open'
  const record = (id: string) =>
    fc
      .record({
        kind: fc.constantFrom('copy-paste' as const, 'video' as const),
        day: fc.integer({ min: 12, max: 20 }),
        hashtags: fc.subarray(['#one', '#onn', '#two']),
        campaign: fc.constantFrom('Alpha', 'Alphabet', 'Beta'),
        partOf: fc.constantFrom(undefined, 'k0', 'k0', 'k1', 'h0'),
        posts: fc.nat(1_000),
        ceiling: ceiling as typeof known,
      })
      .map(({ day, partOf, posts, ceiling: own, ...rest }) =>
        input({
          ...{ ...rest, ...own, id, detector: `${word} detector`, counts: { posts } },
          title: { en: `Story of ${prefix === 'h' ? 'a secret' : 'a thing'}` },
          observed: { from: `2024-05-${day}` },
          ...(partOf !== undefined && partOf !== id && { partOf }),
        }),
      )
  return fc.tuple(record(`${prefix}0`), record(`${prefix}1`), record(`${prefix}2`))
}

test('a page is the same with and without what its reader may not know', async () => {
  const room = await openRoom()
  const { archive, reports } = room.opened.services
  const files = await Promise.all(
    ['report.json', 'manifest.json'].map(
      async (name) => [name, await archive.get(archiveKey(edition, 2, name))] as const,
    ),
  )
  const like = (await reports.versions(edition)).at(-1)
  await room.close()
  if (!like?.published) throw new Error('the room has no report')
  const { published, ...rest } = like

  const pagesOf = async (shown: readonly Version[], stored: readonly DetectionInput[], hasSecrets: boolean) => {
    const { folder, remove } = await newFolder()
    const home = await openServices(folder, now, noPrinter)
    const { services } = home
    const numbers = new Map<string, number>()
    try {
      for (const { territory, cap, marking, state } of shown) {
        const version = (numbers.get(`${territory} ${cap}`) ?? 0) + 1
        numbers.set(`${territory} ${cap}`, version)
        const own = { ...published, marking }
        await services.reports.claim({
          ...{ ...rest, territory, cap, version, state: state === 'held' ? 'held' : 'published' },
          ...(state === 'held' ? { held: own, reason: 'x' } : { published: own }),
          ...(state === 'recalled' && { recalled: { at: now, reason: 'x' } }),
        })
        for (const [name, bytes] of files)
          await services.archive.put(
            archiveKey({ ...edition, territory, cap }, version, name),
            bytes,
            'application/json',
          )
      }
      await services.detections.saveAll(stored.map(detection), services.clock())
      if (hasSecrets) {
        const secret = detection({ id: 'secret', marking: 'TLP:RED', counts: { posts: 3 } })
        await services.candidates.save({ detection: secret, members: ['secret'] }, services.clock())
      }
      const get = roomOn(services, caller)
      return await Promise.all(paths.map(async (path) => ({ path, ...(await get(path)), headers: undefined })))
    } finally {
      await home.close()
      await remove()
    }
  }
  const some = fc.subarray([0, 1, 2], { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(
      ...([knownVersions, hiddenVersions, records('k', known), records('h', hidden), some] as const),
      async (seen, unseen, stored, secret, which) => {
        const without = await pagesOf(seen, stored, false)
        const added = which.map((at) => secret[at] as DetectionInput)
        expect(await pagesOf([...seen, ...unseen], [...stored, ...added], true)).toEqual(without)
        // The pages do show what may be known: else equality would prove nothing.
        if (isCurrentIn(seen)) expect(without[0]?.text).toContain('5,339')
        expect(without.find(({ path }) => path === '/room/detections')?.text).toContain('3 detections')
      },
    ),
    { numRuns: 25 },
  )
})
