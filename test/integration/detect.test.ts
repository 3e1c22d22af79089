/** From files of posts to candidates, and from candidates to detections by a person's word alone. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type DetectCommand, detectFiles } from '../../bin/cli/detect-files.ts'
import { operator } from '../../bin/cli/ingest-files.ts'
import type { Post } from '../../lambdas/domain/coordination/posts/post.ts'
import { leastRatio } from '../../lambdas/domain/coordination/texts/copy-paste.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { decideCandidates } from '../../lambdas/usecases/detect/decide-candidates.ts'
import type { DetectResult } from '../../lambdas/usecases/detect/detect-in-files.ts'
import { forgetAccount } from '../../lambdas/usecases/ingest/forget-account.ts'
import { draftFacts } from '../../lambdas/usecases/reports/generate-report.ts'
import { jsonOf, newFolder, vigie } from '../support/cli.ts'
import { isShared, shared } from '../support/intake.ts'
import { backgroundPosts, gangs } from '../support/posts.ts'
import { type Opened, openServices, reportFrom } from '../support/services.ts'

let printer: Printer
let opened: Opened
let folder: string
let cleanUp = async () => {}
beforeAll(async () => {
  printer = await openPrinter()
})
afterAll(async () => {
  await cleanUp()
  await printer.close()
})
beforeEach(async () => {
  await cleanUp()
  const made = await newFolder()
  folder = made.folder
  opened = await openServices(folder, '2024-05-20T00:00:00.000Z', printer)
  cleanUp = async () => {
    await opened.close()
    await made.remove()
  }
})

const text = 'La police a tiré sur la foule devant le supermarché de Nouméa, partagez avant suppression @un_temoin'

const copies = (count: number, from = 0): readonly Post[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `copy-${from + at}`,
    account: `@Copieur_${(from + at) % 7}`,
    at: Date.UTC(2024, 4, 15, 1) + (from + at) * 57_000,
    text: at % 2 === 0 ? text : `${text} !!`,
    platform: 'X',
    language: 'fr',
  }))

const [gang] = gangs(1, sha256('integration'))
const around = [...backgroundPosts({ seed: sha256('integration'), posts: 3_000 }), ...(gang?.posts ?? [])]

const csv = (posts: readonly Post[]): string =>
  [
    'id,account,time,text,platform,language,repost_of',
    ...posts.map(({ id, account, at, text: said, platform = '', language = '', repostOf = '' }) =>
      [
        id,
        account,
        at === undefined ? '' : new Date(at).toISOString(),
        `"${said}"`,
        platform,
        language,
        repostOf,
      ].join(),
    ),
    '',
  ].join('\n')

const detect = async (
  files: Readonly<Record<string, string | Uint8Array>>,
  more: Partial<DetectCommand> = {},
): Promise<DetectResult> => {
  const names = Object.keys(files).map((name) => join(folder, name))
  for (const [at, content] of Object.values(files).entries()) await writeFile(names[at] ?? '', content)
  const plain = {
    query: '',
    method: ['copy-paste', 'co-sharing'],
    window: 60,
    minParticipation: 1,
    rule: 'own',
  } as const
  const asked = { crowdCap: 50, marking: 'TLP:AMBER', dryRun: false, territories: ['NC'] } as const
  return detectFiles({ files: names, ...plain, ...asked, ...more }, opened.context)
}

const candidates = () => Array.fromAsync(opened.services.candidates.all())
const decide = (state: 'signed' | 'refused', ...ids: string[]) =>
  decideCandidates({ ids, state, by: 'Ana Martin', sender: operator }, opened.services)
const report = () => reportFrom(opened, 'NC', '2024-W20')
const stored = async () => JSON.stringify((await Array.fromAsync(opened.table.scan())).flat())

test('copies and a group become candidates, with figures, limits of this very run, and no account’s name', async () => {
  const result = await detect({ 'posts.csv': csv([...copies(12), ...around]) }, { query: 'kanaky' })
  expect(result).toMatchObject({
    copyPaste: { clusters: 1, posts: 12, byChain: 0 },
    coSharing: { groups: 1, reshuffles: 40 },
    kept: { new: 2, revised: 0, duplicate: 0, word: false },
    rejected: 0,
  })
  const [copied, group] = (await candidates()).toSorted((a) => (a.detection.kind === 'copy-paste' ? -1 : 1))
  expect(copied?.detection).toMatchObject({
    kind: 'copy-paste',
    detector: { name: 'Vigie: kanaky (NC)', thresholds: { leastRatio }, marking: 'TLP:AMBER', territories: ['NC'] },
    counts: {
      posts: { value: 12, qualifier: 'exact' },
      accounts: { value: 7, qualifier: 'exact' },
      byDay: [{ day: '2024-05-15', posts: { value: 12 } }],
    },
    territories: [{ code: 'NC', method: 'analyst' }],
    observed: { from: '2024-05-15T01:00:00.000Z', to: '2024-05-15T01:10:27.000Z' },
    languages: ['fr'],
    marking: 'TLP:AMBER',
  })
  expect(copied?.detection.summary?.en).toContain('at most 31% of the characters differ')
  expect(copied?.detection.detector.knownError?.en).toContain('Rewording and translation were not looked for')
  expect(group?.detection).toMatchObject({ kind: 'coordinated-sharing', counts: {}, platforms: [] })
  // Its posts are counted by no figure of it: they may be copies, which count them.
  expect(group?.detection.counts.posts).toBeUndefined()
  expect(group?.detection.counts.accounts?.value).toBeGreaterThanOrEqual(5)
  expect(group?.detection.title.en).toMatch(/items shared together by \d+ accounts, beyond what chance explains/)
  expect(group?.detection.detector.knownError?.en).toMatch(/In 40 reshuffles of the same posts, \w+ groups? w/)
  expect(group?.detection).not.toHaveProperty('actor')
  expect(await stored()).not.toMatch(/copieur|un_temoin|gang-0/i)
})

test('the sum of two queries that may hold the same posts is a range', async () => {
  await detect({ 'posts.csv': csv(copies(12)) }, { query: 'kanaky', method: ['copy-paste'] })
  await detect({ 'posts.csv': csv(copies(9)) }, { query: 'police', method: ['copy-paste'] })
  await decide('signed', ...(await candidates()).map(({ id }) => id))
  expect((await report()).totals.posts).toEqual({ value: 12, qualifier: 'at least', atMost: 21 })
})

test('a rerun is all duplicates; neither the order of lines, nor their parting, nor their layout changes a byte', async () => {
  const posts = [...copies(12), ...around]
  const once = await detect({ 'posts.csv': csv(posts) })
  const kept = await candidates()
  expect((await detect({ 'posts.csv': csv(posts) })).kept).toMatchObject({ new: 0, revised: 0, duplicate: 2 })
  const { kept: _, ...said } = once
  const half = posts.length >> 1
  const others = [
    { 'reversed.csv': csv(posts.toReversed()) },
    { 'one.csv': csv(posts.slice(half)), 'two.csv.gz': gzipSync(csv(posts.slice(0, half))) },
    {
      'posts.ndjson': posts
        .map(
          ({ at = 0, repostOf, ...post }) => `${JSON.stringify({ ...post, repost_of: repostOf, time: at / 1_000 })}\n`,
        )
        .join(''),
    },
  ]
  for (const files of others) {
    const { kept: again, ...told } = await detect(files)
    expect(told).toEqual(said)
    expect(again).toMatchObject({ duplicate: 2, new: 0, revised: 0 })
  }
  expect(await candidates()).toEqual(kept)
})

test('copies without any time wait for one', async () => {
  const posts = copies(12).map((post) => ({ ...post, at: undefined }))
  const without = await detect({ 'posts.csv': csv(posts) })
  expect(without).toMatchObject({ found: [], rejected: 1, rejects: [{ path: 'observed' }] })
  const stated = await detect(
    { 'posts.csv': csv(posts) },
    { observed: { from: '2024-05-15', to: '2024-05-16', precision: 'day', statedByHand: true } },
  )
  expect(stated).toMatchObject({
    kept: { new: 1 },
    rejected: 0,
    found: [{ observed: { from: '2024-05-15' }, posts: 12 }],
  })
})

test('a dry run keeps nothing, no key for pseudonyms either', async () => {
  expect(await detect({ 'posts.csv': csv(copies(12)) }, { dryRun: true })).toMatchObject({
    kept: null,
    found: [{ posts: 12 }],
  })
  expect(await candidates()).toEqual([])
  expect(await stored()).not.toContain('Vigie')
  expect(await readdir(folder)).not.toContain('pseudonym.key')
})

test('what CooRTweet found is judged by the same test, under the same pseudonyms, and nothing is kept', async () => {
  const judge = join(folder, 'groups.csv')
  const pairs = (accounts: readonly string[]) =>
    accounts.slice(1).map((account, at) => `o${at},${accounts[at]},${account},p${account},q${account},16,1715736076`)
  const strangers = [...new Set(around.map(({ account }) => account))].filter((one) => !gang?.accounts.includes(one))
  const heads = 'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y'
  await writeFile(judge, [heads, ...pairs(gang?.accounts ?? []), ...pairs(strangers.slice(0, 9)), ''].join('\n'))
  const { judged, kept } = await detect({ 'posts.csv': csv(around) }, { judge, dryRun: true })
  expect(kept).toBeNull()
  // In the order of their ids, which follow the pseudonyms.
  expect(new Map(judged?.map(({ accounts, verdict }) => [accounts, verdict?.isBeyondChance]))).toEqual(
    new Map([
      [gang?.accounts.length, true],
      [9, false],
    ]),
  )
  const few = await detect({ 'posts.csv': csv(copies(12)) }, { judge, dryRun: true })
  expect(few.judged?.map(({ verdict }) => verdict)).toEqual([null, null])
})

describe('a candidate', () => {
  test('counts nowhere before it is signed, and by its detection after', async () => {
    const before = await report()
    await detect({ 'posts.csv': csv(copies(12)) })
    opened.at('2024-05-21T00:00:00.000Z')
    const found = await report()
    expect(found.totals).toEqual({ ...before.totals, watched: found.totals.watched })
    const [{ id } = { id: '' }] = await candidates()
    expect(await decide('signed', id)).toEqual({ decided: [id], failed: [] })
    opened.at('2024-05-22T00:00:00.000Z')
    const signed = await report()
    expect(signed.totals).toMatchObject({ detections: 1, posts: { value: 12, qualifier: 'exact' } })
    expect((await candidates())[0]).toMatchObject({ state: 'signed', decidedBy: 'Ana Martin', signedRevision: 1 })
    expect((await decide('signed', id)).failed).toMatchObject([{ message: expect.stringContaining('it is signed') }])
    expect((await decide('refused', 'nowhere')).failed).toHaveLength(1)
  })

  test('that is found above the cap changes no byte of a lower edition', async () => {
    const clear = async () => {
      const { files } = await reportFrom(opened, 'NC', '2024-W20', { cap: 'TLP:CLEAR' })
      return Promise.all(
        files
          .filter(({ name }) => name.startsWith('report.') && name !== 'report.json')
          .map(({ path }) => readFile(path)),
      )
    }
    const before = await clear()
    await detect({ 'posts.csv': csv(copies(12)) }, { marking: 'TLP:RED' })
    expect(await clear()).toEqual(before)
  })

  test('that grows is a revision beside the signed one, never in its place', async () => {
    await detect({ 'posts.csv': csv(copies(12)) })
    const [{ id } = { id: '' }] = await candidates()
    await decide('signed', id)
    // Late posts of before the first one, too: the id stays.
    const { kept } = await detect({ 'posts.csv': csv([...copies(15), ...copies(1, -3)]) })
    expect(kept).toMatchObject({ new: 0, revised: 1, merged: 0 })
    expect(await candidates()).toMatchObject([{ id, state: 'open', revision: 2, signedRevision: 1 }])
    expect((await opened.services.detections.latest(id))?.counts.posts).toMatchObject({ value: 12 })
    await decide('signed', id)
    expect((await opened.services.detections.latest(id))?.counts.posts).toMatchObject({ value: 16 })
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 16 } })
  })

  test('that a later window sees in part keeps its id, and counts no post twice', async () => {
    const all = copies(30)
    await detect({ 'monday.csv': csv(all.slice(0, 14)) })
    const [{ id } = { id: '' }] = await candidates()
    // Each window begins before the last one ended, and has lost the first post.
    const second = await detect({ 'tuesday.csv': csv(all.slice(10, 22)) })
    expect(second.kept).toMatchObject({ new: 0, revised: 1, ids: [id] })
    expect((await detect({ 'tuesday.csv': csv(all.slice(10, 22)) })).kept).toMatchObject({ duplicate: 1, revised: 0 })
    await detect({ 'wednesday.csv': csv(all.slice(18, 30)) })
    expect(await candidates()).toMatchObject([
      {
        id,
        revision: 3,
        detection: {
          counts: { posts: { value: 30, qualifier: 'at least' }, accounts: { value: 7, qualifier: 'exact' } },
          observed: { from: '2024-05-15T01:00:00.000Z', to: '2024-05-15T01:27:33.000Z' },
        },
      },
    ])
    await decide('signed', id)
    expect((await detect({ 'late.csv': csv(all.slice(20)) })).kept).toMatchObject({ duplicate: 1, revised: 0 })
    // The whole again is exact again.
    await detect({ 'all.csv': csv(all) })
    expect((await candidates())[0]?.detection.counts.posts).toEqual({ value: 30, qualifier: 'exact' })
  })

  test('that was refused stays so until it has doubled', async () => {
    await detect({ 'posts.csv': csv(copies(12)) })
    const [{ id } = { id: '' }] = await candidates()
    expect(await decide('refused', id)).toMatchObject({ decided: [id] })
    expect((await detect({ 'posts.csv': csv(copies(20)) })).kept).toMatchObject({ refused: 1, revised: 0 })
    expect((await detect({ 'posts.csv': csv(copies(12)) })).kept).toMatchObject({ refused: 1, duplicate: 0 })
    expect(await candidates()).toMatchObject([{ state: 'refused', revision: 1 }])
    expect((await detect({ 'posts.csv': csv(copies(24)) })).kept).toMatchObject({ revised: 1 })
    expect(await candidates()).toMatchObject([{ state: 'open', revision: 2 }])
  })

  test('stays signed where its growth is refused, and is asked about again once that has doubled', async () => {
    await detect({ 'posts.csv': csv(copies(12)) })
    const [{ id } = { id: '' }] = await candidates()
    await decide('signed', id)
    await detect({ 'posts.csv': csv(copies(16)) })
    await decide('refused', id)
    expect(await candidates()).toMatchObject([{ state: 'signed', signedRevision: 1, refusedRevision: 2, revision: 2 }])
    expect((await detect({ 'posts.csv': csv(copies(24)) })).kept).toMatchObject({ refused: 1, revised: 0 })
    expect((await detect({ 'posts.csv': csv(copies(32)) })).kept).toMatchObject({ revised: 1 })
    expect(await candidates()).toMatchObject([{ state: 'open', signedRevision: 1, revision: 3 }])
    expect((await report()).totals.posts).toMatchObject({ value: 12 })
  })

  describe('that a run over all of its posts finds no longer', () => {
    const declared = async () => {
      const affiliations = join(folder, 'affiliations.json')
      const accounts = [...new Set(gang?.posts.map(({ account }) => account))]
      await writeFile(affiliations, JSON.stringify({ 'A union': accounts }))
      return { affiliations }
    }
    const groupIn = async () => (await candidates()).find(({ detection }) => detection.kind === 'coordinated-sharing')

    test('is withdrawn, and waits again where it is found again', async () => {
      await detect({ 'posts.csv': csv([...copies(12), ...around]) })
      // A run that has not all of its posts tells nothing of it, nor one that did not look for it, nor one of another
      // query.
      const without = around.filter(({ id }) => id !== gang?.posts.at(-1)?.id)
      for (const [posts, how] of [
        [without, await declared()],
        [around, { method: ['copy-paste'] }],
        [around, { ...(await declared()), query: 'another' }],
        [around, { ...(await declared()), window: 61 }],
      ] as const) {
        expect((await detect({ 'posts.csv': csv(posts) }, how)).kept).toMatchObject({ withdrawn: 0 })
      }
      expect((await detect({ 'posts.csv': csv(around) }, await declared())).kept).toMatchObject({ withdrawn: 1 })
      expect(await groupIn()).toMatchObject({
        state: 'withdrawn',
        reason: { code: 'candidate.lostInRun' },
      })
      expect((await candidates()).map(({ state }) => state).toSorted()).toEqual(['open', 'withdrawn'])
      expect((await detect({ 'posts.csv': csv(around) })).kept).toMatchObject({ revised: 1, withdrawn: 0 })
      expect(await groupIn()).toMatchObject({ state: 'open', revision: 2 })
    })

    test('is marked for a person where it is signed, who withdraws it or leaves it', async () => {
      await detect({ 'posts.csv': csv(around) })
      const id = (await groupIn())?.id ?? ''
      await decide('signed', id)
      expect((await detect({ 'posts.csv': csv(around) }, await declared())).kept).toMatchObject({ withdrawn: 1 })
      expect(await groupIn()).toMatchObject({ state: 'signed', decidedBy: 'Ana Martin', lostAt: expect.any(String) })
      expect((await report()).totals.detections).toBe(1)
      await decide('signed', id)
      expect((await groupIn())?.lostAt).toBeUndefined()
      await detect({ 'posts.csv': csv(around) }, await declared())
      expect(await decide('refused', id)).toMatchObject({ decided: [id] })
      expect((await report()).totals.detections).toBe(0)
      expect(await groupIn()).toMatchObject({ state: 'refused' })
      expect((await groupIn())?.signedRevision).toBeUndefined()
    })
  })

  test('names what most of a group shared', async () => {
    await detect({ 'posts.csv': csv(around) })
    const [{ shared: named = [], detection } = { detection: undefined }] = await candidates()
    expect(named.length).toBeGreaterThan(1)
    expect(named.every(({ name }) => /^(repost|object|url|copy) /.test(name))).toBe(true)
    expect(named.map(({ accounts }) => accounts)).toEqual(
      named.map(({ accounts }) => accounts).toSorted((a, b) => b - a),
    )
    expect(named[0]?.accounts).toBeLessThanOrEqual(detection?.counts.accounts?.value ?? 0)
  })

  test('that another one runs into is one with it, and withdrawn once a person has signed the whole', async () => {
    const late = copies(8, 40).map((post) => ({
      ...post,
      text: `${text} et d’autres choses encore`,
    }))
    await detect({ 'one.csv': csv(copies(6)) })
    await detect({ 'two.csv': csv(late) })
    const ids = (await candidates()).map(({ id }) => id)
    expect(ids).toHaveLength(2)
    await decide('signed', ...ids)
    const both = await detect({ 'posts.csv': csv([...copies(6), ...late]) })
    expect(both.kept).toMatchObject({ revised: 1, merged: 1 })
    const older = both.found[0]?.id ?? ''
    expect((await candidates()).find(({ state }) => state === 'merged')).toMatchObject({ mergedInto: older })
    // A machine takes nothing away that a person has signed: both count until the whole is signed.
    expect((await report()).totals).toMatchObject({ detections: 2, posts: { value: 14 } })
    await decide('signed', older)
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 14 } })
  })

  test('that was refused does not take over one that was signed', async () => {
    const late = copies(8, 40).map((post) => ({ ...post, text: `${text} et d’autres choses encore` }))
    await detect({ 'one.csv': csv(copies(6)) })
    const [{ id } = { id: '' }] = await candidates()
    await decide('refused', id)
    await detect({ 'two.csv': csv(late) })
    const signed = (await candidates()).find((one) => one.id !== id)?.id ?? ''
    await decide('signed', signed)
    const { kept, found } = await detect({ 'posts.csv': csv([...copies(6), ...late]) })
    expect(kept).toMatchObject({ revised: 1, merged: 1 })
    expect(found.map((one) => one.id)).toEqual([signed])
    expect(await opened.services.candidates.get(signed)).toMatchObject({ state: 'open', signedRevision: 1 })
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 8 } })
  })

  test('of other territories is another candidate, which takes nothing from the first', async () => {
    await detect({ 'posts.csv': csv(copies(12)) }, { territories: ['NC'] })
    expect((await detect({ 'posts.csv': csv(copies(12)) }, { territories: ['PF'] })).kept).toMatchObject({ new: 1 })
    const places = (await candidates()).map(({ detection }) => detection.territories.map(({ code }) => code))
    expect(places.toSorted()).toEqual([['NC'], ['PF']])
  })

  test('loses nothing to a run over less of the same posts', async () => {
    await detect({ 'posts.csv': csv(copies(12)) })
    const before = await candidates()
    expect((await detect({ 'posts.csv': csv(copies(12).slice(0, 8)) })).kept).toMatchObject({ new: 0, revised: 0 })
    expect(await candidates()).toEqual(before)
  })

  test('keeps its marking where a later run states none', async () => {
    await detect({ 'posts.csv': csv(copies(12)) }, { marking: 'TLP:GREEN' })
    await detect({ 'posts.csv': csv(copies(16)) }, { marking: undefined })
    expect((await candidates()).map(({ detection, revision }) => [detection.marking, revision])).toEqual([
      ['TLP:GREEN', 2],
    ])
  })

  test('of another query is another candidate', async () => {
    await detect({ 'posts.csv': csv(copies(12)) }, { query: 'one' })
    expect((await detect({ 'posts.csv': csv(copies(12)) }, { query: 'two' })).kept).toMatchObject({ new: 1 })
    expect(new Set((await candidates()).map(({ id }) => id)).size).toBe(2)
  })

  test('names no account that is forgotten', async () => {
    await detect({ 'posts.csv': csv(copies(12)) })
    const { pseudonym } = await opened.context.pseudonyms()
    expect(await stored()).toContain(pseudonym('Copieur_1'))
    await forgetAccount('@Copieur_1', { ...opened.services, pseudonym })
    expect(await stored()).not.toContain(pseudonym('Copieur_1'))
    expect((await candidates())[0]?.detection.counts.accounts?.value).toBe(7)
    expect((await detect({ 'posts.csv': csv(copies(12)) })).kept).toMatchObject({ duplicate: 1, revised: 0 })
    expect(await stored()).not.toContain(pseudonym('Copieur_1'))
  })
})

describe('a report', () => {
  const facts = (asked: { cap?: Marking; territory?: TerritoryCode; period?: string } = {}) => {
    const { cap = 'TLP:AMBER', territory = 'NC', period = '2024-W20' } = asked
    return draftFacts({ territory, period: parsePeriod(period), cap }, opened.services)
  }
  const versions = async () =>
    (await opened.services.reports.versions({ territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' }))
      .length

  test('lists what waits for a person, which obliges its marking and enters no figure', async () => {
    const quiet = await facts()
    expect([quiet.quiet, quiet.marking]).toEqual([true, 'TLP:CLEAR'])
    await detect({ 'posts.csv': csv([...copies(12), ...around]) })
    const { candidates: waiting, ...found } = await facts()
    expect(waiting?.listed).toMatchObject([
      { kind: 'coordinated-sharing', posts: { value: null }, strength: { reshuffles: 40 }, marking: 'TLP:AMBER' },
      { kind: 'copy-paste', posts: { value: 12 }, accounts: { value: 7 }, marking: 'TLP:AMBER' },
    ])
    expect(waiting?.listed[0]?.strength?.score).toBeGreaterThan(0)
    expect({ ...found, snapshotSha256: '' }).toEqual({ ...quiet, snapshotSha256: '', marking: 'TLP:AMBER' })
    expect(JSON.stringify(waiting)).not.toMatch(/supermarché|vigie:/)
  })

  test('of another territory, of another period or of a lower edition holds nothing of it', async () => {
    const others = [{ territory: 'PF' }, { period: '2024-W19' }, { cap: 'TLP:GREEN' }] as const
    const all = () => Promise.all(others.map((one) => facts(one)))
    const before = await all()
    await detect({ 'posts.csv': csv([...copies(12), ...around]) })
    expect(await all()).toEqual(before)
    expect((await facts({ period: '2024-05' })).candidates?.listed).toHaveLength(2)
  })

  test('says why its next version was made, and is made again as it was', async () => {
    await detect({ 'posts.csv': csv(copies(12)) })
    const first = await report()
    opened.at('2024-05-21T00:00:00.000Z')
    await detect({ 'posts.csv': csv(copies(15)) })
    expect((await facts()).changes?.reasons).toEqual(['candidates'])
    opened.at('2024-05-22T00:00:00.000Z')
    await decide('signed', (await candidates())[0]?.id ?? '')
    opened.at('2024-05-23T00:00:00.000Z')
    const signed = await facts()
    expect(signed.changes?.reasons).toEqual(['signed', 'no candidates'])
    expect([signed.candidates, signed.totals.detections]).toEqual([undefined, 1])
    await report()
    const again = await reportFrom(opened, 'NC', '2024-W20', { asOf: '2024-05-20T12:00:00.000Z' })
    expect([again.id, again.isNew, await versions()]).toEqual([first.id, false, 2])
  })
})

describe('the proof of watch', () => {
  const words = async () => JSON.stringify(await Array.fromAsync(opened.table.query('SOURCE#Vigie (NC)')))

  test('has word of a run that found nothing', async () => {
    const { kept, found } = await detect({ 'posts.csv': csv(backgroundPosts({ seed: sha256('quiet'), posts: 2_000 })) })
    expect([found, kept?.word]).toEqual([[], true])
    expect(await words()).toContain('"found":0')
  })

  test('has it for the period of the newest post, and none of a run whose finds wait for a person', async () => {
    await detect({ 'posts.csv': csv(backgroundPosts({ seed: sha256('quiet'), posts: 2_000 })) })
    // Not the day on which it was looked at.
    expect(await words()).toMatch(/"sk":"2024-05-1\d/)
    await detect({ 'posts.csv': csv(copies(12)) }, { query: 'found' })
    expect(await Array.fromAsync(opened.table.query('SOURCE#Vigie: found (NC)'))).toEqual([])
  })

  test('has none of a run that could tell nothing', async () => {
    const { kept, coSharing } = await detect({ 'posts.csv': csv(copies(3)) })
    expect(kept).toMatchObject({ new: 0, word: false })
    expect(coSharing).toMatchObject({ groups: null, pairsClaimed: null })
    expect(await words()).toBe('[]')
  })
})

describe('the command line', () => {
  test.skipIf(!isShared)('counts as CooRTweet does, and makes no candidates of it', async () => {
    const { pathname } = shared('coordination/coortweet-russian-posts.csv')
    const words = ['detect', pathname, '--rule', 'coortweet', '--json', '--home', join(folder, 'cli')]
    const counted = jsonOf<DetectResult>(await vigie([...words, '--dry-run']))
    expect(counted.coSharing).toMatchObject({ pairs: 3_791, edges: 3_721, repeatedEdges: 60, minParticipation: 2 })
    expect(await vigie(words)).toMatchObject({ code: 2, stderr: expect.stringContaining('--dry-run') })
  })

  test('tells people what was found, and what a person did with it', async () => {
    const home = join(folder, 'cli')
    const file = join(folder, 'posts.csv')
    await writeFile(file, csv(copies(12)))
    const { stdout } = await vigie(['detect', file, '--territory', 'Nouvelle-Calédonie', '--home', home])
    expect(stdout).toContain('12 posts by 7 accounts')
    expect(stdout).toContain('up to 30.7 % of the characters may differ, so a negation is not seen')
    expect(stdout).toContain('beyond chance: not enough data')
    const [{ id } = { id: '' }] = jsonOf<{ id: string }[]>(
      await vigie(['candidates', 'list', '--json', '--home', home]),
    )
    const listed = (await vigie(['candidates', 'list', '--home', home])).stdout.split('\n')
    expect(listed[0]).toMatch(/^id +since +marking +posts +accounts place$/)
    expect(listed[1]).toMatch(new RegExp(`^${id} 2024-05-15 AMBER +12 +7 NC$`))
    expect(listed[2]).toContain('Copied text')
    expect(Math.max(...listed.map(({ length }) => length))).toBeLessThanOrEqual(80)
    const { stdout: story } = await vigie(['candidates', 'show', id, '--home', home])
    expect(story).toContain('12 posts, 7 accounts')
    expect(story.match(/^ {2}[0-9a-z-]{10,}$/gm)).toHaveLength(7)
    expect((await vigie(['candidates', 'sign', id, '--by', 'Ana Martin', '--home', home])).stdout).toBe(
      `${id} is signed\n`,
    )
    expect((await vigie(['candidates', 'list', '--home', home])).stdout).toBe('none\n')
  })

  test.each([
    [['candidates', 'sign', 'x', '--by', ''], '--by: it is empty: name who decides'],
    [['detect', 'x', '--judge', 'y'], '--judge shows what chance gives'],
    [['detect', 'x', '--judge', 'y', '--dry-run', '--method', 'copy-paste'], 'leave --rule out'],
    [['detect', 'x', '--crowd-cap', '1001'], 'a whole number from 1 to 1,000'],
    [['detect', 'x', '--query', 'a'.repeat(61)], 'a name has at most 60 characters'],
  ])('%j is wrong usage, and says why', async (words, said) => {
    expect(await vigie(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) })
  })

  test('ends with 1 where a file holds no posts, or no time that can be used, and looks at the others', async () => {
    const [headings, bare, whole] = ['headings.csv', 'bare.csv', 'whole.csv'].map((name) => join(folder, name))
    await writeFile(headings ?? '', 'account,time,text\n')
    await writeFile(bare ?? '', 'account,time,text\na,2024-05-15 01:21:00,x\nb,,y\n')
    await writeFile(whole ?? '', csv(copies(12)))
    const home = join(folder, 'cli')
    const empty = await vigie(['detect', headings ?? '', '--dry-run', '--home', home])
    expect(empty).toMatchObject({ code: 1, stdout: expect.stringContaining(`${headings}: no posts are in it`) })
    const ran = await vigie(['detect', headings ?? '', bare ?? '', whole ?? '', '--dry-run', '--home', home])
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain('14 posts by 9 accounts')
    expect(ran.stdout).toContain(`${bare}: none of its times can be used: write them with their offset from UTC`)
    expect(ran.stdout).not.toContain(`${whole}: `)
    const placed = await vigie(['detect', bare ?? '', '--observed', '2024-W20', '--dry-run', '--home', home])
    expect(placed).toMatchObject({ code: 0 })
  })

  test('says of a dry run without a key that its ids are of this run alone, and no more once there is one', async () => {
    const file = join(folder, 'posts.csv')
    await writeFile(file, csv(copies(12)))
    const home = join(folder, 'cli')
    const said = 'no key for pseudonyms yet: ids, seed and what chance gave are of this run alone'
    const dry = () => vigie(['detect', file, '--dry-run', '--home', home])
    expect(await dry()).toMatchObject({ code: 0, stderr: expect.stringContaining(said) })
    expect((await vigie(['detect', file, '--home', home])).stderr).not.toContain(said)
    expect((await dry()).stderr).not.toContain(said)
  })

  test('says what is wrong with a file, where, and what mends it', async () => {
    const file = join(folder, 'posts.csv')
    await writeFile(file, 'account,time,text\na,noon,x\n')
    const ran = await vigie(['detect', file, '--home', join(folder, 'cli')])
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.stdout).toContain(
      `rejected: ${file}:2  time "noon" is no time: write 2024-05-15T01:21:00Z, or Unix seconds`,
    )
  })
})
