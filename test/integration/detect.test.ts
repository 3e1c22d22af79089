/** From files of posts to candidates, and from candidates to detections once an analyst has signed them. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ListedInbox } from '../../bin/cli/answers.ts'
import { type DetectCommand, detectFiles } from '../../bin/cli/detect-files.ts'
import { operator } from '../../bin/cli/ingest-files.ts'
import { everything } from '../../lambdas/domain/access/caller.ts'
import type { Post } from '../../lambdas/domain/coordination/posts/post.ts'
import { leastRatio } from '../../lambdas/domain/coordination/texts/copy-paste.ts'
import type { Fault } from '../../lambdas/domain/core/fault.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { type Candidate, decideCandidate, decisionIn } from '../../lambdas/usecases/detect/decide-candidates.ts'
import type { DetectResult } from '../../lambdas/usecases/detect/detect-in-files.ts'
import { draftFacts } from '../../lambdas/usecases/reports/generate-report.ts'
import { candidatesFor } from '../../lambdas/usecases/reports/schedules/what-waits.ts'
import { forgetAccount } from '../../lambdas/usecases/retention/forget-account.ts'
import { jsonOf, ndjson, newFolder, vigie } from '../support/cli.ts'
import { backgroundPosts, gangs } from '../support/posts.ts'
import { type Opened, openServices, reportFrom } from '../support/services.ts'

let printer: Printer
let opened: Opened
let folder: string
beforeAll(async () => {
  printer = await openPrinter()
  return () => printer.close()
})
beforeEach(async () => {
  const made = await newFolder()
  folder = made.folder
  opened = await openServices(folder, '2024-05-20T00:00:00.000Z', printer)
  return async () => {
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
    ...posts.map(({ at, text: content, platform = '', language = '', repostOf = '', ...post }) => {
      const time = at === undefined ? '' : new Date(at).toISOString()
      return [post.id, post.account, time, `"${content}"`, platform, language, repostOf].join()
    }),
    '',
  ].join('\n')

/** Looks in posts of one file, or in files by name. */
const detect = async (
  from: readonly Post[] | { readonly [file: string]: string | Uint8Array },
  more: Partial<DetectCommand> = {},
): Promise<DetectResult> => {
  const files: typeof from = Array.isArray(from) ? { 'posts.csv': csv(from) } : from
  const paths = Object.keys(files).map((name) => join(folder, name))
  for (const [at, content] of Object.values(files).entries()) await writeFile(paths[at] ?? '', content)
  return detectFiles(
    {
      ...{ files: paths, query: '', window: 60, rule: 'own' },
      ...{ method: ['copy-paste', 'co-sharing'], marking: 'TLP:AMBER', dryRun: false, territories: ['NC'] },
      ...more,
    },
    opened.context,
  )
}

const candidates = () => Array.fromAsync(opened.services.candidates.all())
const firstId = async () => (await candidates())[0]?.id ?? ''
const decide = async (state: 'signed' | 'refused', ...ids: string[]) => {
  const failed: Fault[] = []
  for (const id of ids) {
    const decision = { state, by: 'Ana Martin', sender: operator }
    const failure = await decideCandidate(await opened.services.candidates.get(id), decision, opened.services)
    if (failure) failed.push(failure.reason)
  }
  return failed
}
const report = () => reportFrom(opened, 'NC', '2024-W20')
const facts = (asked: { cap?: Marking; territory?: TerritoryCode; period?: string } = {}) => {
  const { cap = 'TLP:AMBER', territory = 'NC', period = '2024-W20' } = asked
  return draftFacts({ territory, period: parsePeriod(period), cap }, opened.services)
}
const latest = (id: string) => opened.services.detections.latest(id)
const stored = async () => JSON.stringify((await Array.fromAsync(opened.table.scan())).flat())

test('copies and a group become candidates, with figures and limits of this run, and no account’s name', async () => {
  const result = await detect([...copies(12), ...around], { query: 'kanaky' })
  expect(result).toMatchObject({
    copyPaste: { clusters: 1, posts: 12, byChain: 0 },
    coSharing: { judged: { groups: 1, isEnough: true } },
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
  // No figure of the group counts its posts: they may be copies, which count them.
  expect(group?.detection).toMatchObject({ kind: 'coordinated-sharing', platforms: [] })
  expect(group?.detection.counts.posts).toBeUndefined()
  expect(group?.detection.counts.accounts?.value).toBeGreaterThanOrEqual(5)
  expect(group?.detection.title.en).toMatch(
    /items pushed together by \d+ accounts, beyond what the habits of each explain/,
  )
  expect(group?.detection.detector.knownError?.en).toMatch(/Evidence \d+, threshold \d+.*Judged: 100% of the shares/)
  expect(group?.detection).not.toHaveProperty('actor')
  expect(group?.shared?.length).toBeGreaterThan(1)
  expect(group?.shared?.every(({ name }) => /^(repost|object|url|copy) /.test(name))).toBe(true)
  expect(await stored()).not.toMatch(/copieur|un_temoin|gang-0/i)
})

test('the sum of two queries that may hold the same posts is a range', async () => {
  await detect(copies(12), { query: 'kanaky', method: ['copy-paste'] })
  await detect(copies(9), { query: 'police', method: ['copy-paste'] })
  await decide('signed', ...(await candidates()).map(({ id }) => id))
  expect((await report()).totals.posts).toEqual({ value: 12, qualifier: 'at least', atMost: 21 })
})

test('another run over the same posts keeps duplicates, in whatever order, files and format they come', async () => {
  const posts = [...copies(12), ...around]
  const { kept: _, ...first } = await detect(posts)
  const before = await candidates()
  const half = posts.length >> 1
  const lines = posts.map(({ at = 0, repostOf, ...post }) => ({ ...post, repost_of: repostOf, time: at / 1_000 }))
  for (const from of [
    posts,
    { 'one.csv': csv(posts.slice(half).toReversed()), 'two.csv.gz': gzipSync(csv(posts.slice(0, half))) },
    { 'posts.ndjson': ndjson(...lines) },
  ]) {
    const { kept, ...again } = await detect(from)
    expect(again).toEqual(first)
    expect(kept).toMatchObject({ duplicate: 2, new: 0, revised: 0 })
  }
  expect(await candidates()).toEqual(before)
})

test('copies without any time wait for one', async () => {
  const posts = copies(12).map((post) => ({ ...post, at: undefined }))
  expect(await detect(posts)).toMatchObject({ found: [], rejected: 1, rejects: [{ path: 'observed' }] })
  const observed = { from: '2024-05-15', to: '2024-05-16', precision: 'day', statedByHand: true } as const
  expect(await detect(posts, { observed })).toMatchObject({
    ...{ kept: { new: 1 }, rejected: 0, found: [{ observed: { from: '2024-05-15' }, posts: 12 }] },
  })
})

test('a dry run keeps nothing, no key for pseudonyms either', async () => {
  expect(await detect(copies(12), { dryRun: true })).toMatchObject({ kept: null, found: [{ posts: 12 }] })
  expect(await candidates()).toEqual([])
  expect(await stored()).not.toContain('Vigie')
  expect(await readdir(folder)).not.toContain('pseudonym.key')
})

describe('a candidate', () => {
  /** Of the same text with more words, an hour later: a cluster alone, and one with the first where they are together. */
  const late = copies(8, 40).map((post) => ({ ...post, text: `${text} et d’autres choses encore` }))

  test('counts nowhere before it is signed, and by its detection after', async () => {
    const before = await report()
    await detect(copies(12))
    opened.at('2024-05-21T00:00:00.000Z')
    const found = await report()
    expect(found.totals).toEqual({ ...before.totals, watched: found.totals.watched })
    const id = await firstId()
    expect(await decide('signed', id)).toEqual([])
    opened.at('2024-05-22T00:00:00.000Z')
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 12, qualifier: 'exact' } })
    expect(await candidates()).toMatchObject([{ state: 'signed', decidedBy: 'Ana Martin', signedRevision: 1 }])
    expect(await decide('signed', id)).toEqual([])
    expect((await opened.services.history.list(9)).filter(({ did }) => did === 'signed')).toHaveLength(1)
    expect(await decide('refused', id)).toMatchObject([
      { code: 'candidate.decidedBy', values: { state: { code: 'candidate.signed' }, by: 'Ana Martin' } },
    ])
    expect(await decide('refused', 'nowhere')).toMatchObject([{ code: 'candidate.unknown' }])
  })

  test('that grows is a revision next to the signed one, and never replaces it', async () => {
    await detect(copies(12))
    const id = await firstId()
    await decide('signed', id)
    // Late posts from before the first one, too: the id stays.
    const { kept } = await detect([...copies(15), ...copies(1, -3)])
    expect(kept).toMatchObject({ new: 0, revised: 1, merged: 0 })
    expect(await candidates()).toMatchObject([{ id, state: 'open', revision: 2, signedRevision: 1 }])
    expect((await latest(id))?.counts.posts).toMatchObject({ value: 12 })
    await decide('signed', id)
    expect((await latest(id))?.counts.posts).toMatchObject({ value: 16 })
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 16 } })
  })

  test('that later windows see in part keeps its id, and counts no post twice', async () => {
    const all = copies(30)
    await detect(all.slice(0, 14))
    const id = await firstId()
    // Each window begins before the last one ended, and has lost the first post.
    expect((await detect(all.slice(10, 22))).kept).toMatchObject({ new: 0, revised: 1, ids: [id] })
    await detect(all.slice(18, 30))
    const counts = { posts: { value: 30, qualifier: 'at least' }, accounts: { value: 7, qualifier: 'exact' } }
    expect(await candidates()).toMatchObject([{ id, revision: 3, detection: { counts } }])
    await decide('signed', id)
    expect((await detect(all.slice(20))).kept).toMatchObject({ duplicate: 1, revised: 0 })
    // The whole again is exact again.
    await detect(all)
    expect((await candidates())[0]?.detection.counts.posts).toEqual({ value: 30, qualifier: 'exact' })
  })

  test('that was refused stays so until it has doubled', async () => {
    await detect(copies(12))
    const id = await firstId()
    expect(await decide('refused', id)).toEqual([])
    expect((await detect(copies(20))).kept).toMatchObject({ refused: 1, revised: 0 })
    expect((await detect(copies(12))).kept).toMatchObject({ refused: 1, duplicate: 0 })
    expect(await candidates()).toMatchObject([{ state: 'refused', revision: 1 }])
    expect((await detect(copies(24))).kept).toMatchObject({ revised: 1 })
    expect(await candidates()).toMatchObject([{ state: 'open', revision: 2 }])
  })

  test('stays signed where its growth is refused, and is open again once that has doubled', async () => {
    await detect(copies(12))
    const id = await firstId()
    await decide('signed', id)
    await detect(copies(16))
    await decide('refused', id)
    expect(await candidates()).toMatchObject([{ state: 'refused', signedRevision: 1, revision: 2 }])
    expect((await detect(copies(24))).kept).toMatchObject({ refused: 1, revised: 0 })
    expect((await detect(copies(32))).kept).toMatchObject({ revised: 1 })
    expect(await candidates()).toMatchObject([{ state: 'open', signedRevision: 1, revision: 3 }])
    expect((await report()).totals.posts).toMatchObject({ value: 12 })
  })

  describe('that a run over all of its posts no longer finds', () => {
    const declared = async () => {
      const affiliations = join(folder, 'affiliations.json')
      const accounts = [...new Set(gang?.posts.map(({ account }) => account))]
      await writeFile(affiliations, JSON.stringify({ 'A union': accounts }))
      return { affiliations }
    }
    const groupIn = async () => (await candidates()).find(({ detection }) => detection.kind === 'coordinated-sharing')

    test('is withdrawn, and waits again once it is found again', async () => {
      await detect([...copies(12), ...around])
      // Runs without one of its posts, of another method, of another query, with another window.
      const without = around.filter(({ id }) => id !== gang?.posts.at(-1)?.id)
      for (const [posts, more] of [
        [without, await declared()],
        [around, { method: ['copy-paste'] }],
        [around, { ...(await declared()), query: 'another' }],
        [around, { ...(await declared()), window: 61 }],
      ] as const) {
        expect((await detect(posts, more)).kept).toMatchObject({ withdrawn: 0 })
      }
      expect((await detect(around, await declared())).kept).toMatchObject({ withdrawn: 1 })
      expect(await groupIn()).toMatchObject({ state: 'withdrawn', reason: { code: 'candidate.lostInRun' } })
      expect((await candidates()).map(({ state }) => state).toSorted()).toEqual(['open', 'withdrawn'])
      expect((await detect(around)).kept).toMatchObject({ revised: 1, withdrawn: 0 })
      expect(await groupIn()).toMatchObject({ state: 'open', revision: 2 })
    })

    test('is marked where it is signed, and an analyst withdraws it or leaves it', async () => {
      await detect(around)
      const id = (await groupIn())?.id ?? ''
      await decide('signed', id)
      const toDo = async () => (await candidatesFor(everything, opened.services)).map((one) => [one.id, one.isLost])
      expect(await toDo()).toEqual([])
      expect((await detect(around, await declared())).kept).toMatchObject({ withdrawn: 1 })
      expect(await groupIn()).toMatchObject({ state: 'open', decidedBy: 'Ana Martin', lost: { from: 'signed' } })
      expect(await toDo()).toEqual([[id, true]])
      // It counts until it is refused, and so waits in no report.
      expect([(await report()).totals.detections, (await facts()).candidates]).toEqual([1, undefined])
      expect((await detect(around)).kept).toMatchObject({ duplicate: 1 })
      expect(await toDo()).toEqual([])
      await detect(around, await declared())
      await decide('signed', id)
      expect((await groupIn())?.lost).toBeUndefined()
      await detect(around, await declared())
      expect(await decide('refused', id)).toEqual([])
      expect((await report()).totals.detections).toBe(0)
      expect(await groupIn()).toMatchObject({ state: 'refused' })
      expect((await groupIn())?.signedRevision).toBeUndefined()
    })
  })

  describe('that is lost', () => {
    /** The same posts, which are no copies now. */
    const unlike = (posts: readonly Post[]) =>
      posts.map((post) => ({ ...post, text: `${post.id} ${sha256(post.id)} ${sha256(`${post.id} `)}` }))
    const [only, lose] = [async () => (await candidates())[0], (posts: readonly Post[]) => detect(unlike(posts))]

    test('keeps its detection once signed again, and its growth waits again once found', async () => {
      await detect(copies(8))
      const id = await firstId()
      await decide('signed', id)
      await detect(copies(11))
      expect((await lose(copies(11))).kept).toMatchObject({ withdrawn: 1 })
      await decide('signed', id)
      expect((await latest(id))?.counts.posts?.value).toBe(8)
      expect(await only()).toMatchObject({ state: 'signed', signedRevision: 1 })
      expect((await detect(copies(11))).kept).toMatchObject({ revised: 1, word: false })
      expect(await only()).toMatchObject({ state: 'open', signedRevision: 1 })
    })

    test('remembers that its growth was refused', async () => {
      await detect(copies(8))
      const id = await firstId()
      await decide('signed', id)
      await detect(copies(11))
      await decide('refused', id)
      await lose(copies(11))
      expect(await only()).toMatchObject({ state: 'open', lost: { from: 'refused' } })
      expect((await detect(copies(11))).kept).toMatchObject({ refused: 1 })
      expect(await only()).toMatchObject({ state: 'refused', signedRevision: 1 })
      expect((await only())?.lost).toBeUndefined()
      await lose(copies(11))
      await decide('signed', id)
      expect(decisionIn((await only()) as Candidate)?.as).toBe('signed')
      expect((await latest(id))?.counts.posts?.value).toBe(8)
    })
  })

  test('that waits is not taken over by one whose growth is refused', async () => {
    for (const [posts, state] of [[copies(10), 'signed'] as const, [copies(12), 'refused'] as const]) {
      await detect(posts)
      await decide(state, await firstId())
    }
    await detect(late)
    const { kept } = await detect([...copies(12), ...late])
    expect(kept).toMatchObject({ refused: 1, merged: 0, word: false })
    expect((await candidates()).map(({ state }) => state).toSorted()).toEqual(['open', 'refused'])
  })

  test('merges in steps, and the whole counts once', async () => {
    const [first, between] = [copies(6), copies(6, 20)]
    for (const posts of [late, between]) {
      await detect(posts)
      await decide('signed', ...(await candidates()).map(({ id }) => id))
    }
    await detect([...between, ...late])
    await detect(first)
    await decide('signed', ...(await candidates()).filter((one) => one.revision === 1).map(({ id }) => id))
    await detect([...first, ...between, ...late])
    const [whole] = (await candidates()).filter(({ state }) => state === 'open')
    await decide('signed', whole?.id ?? '')
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 20 } })
  })

  test('merges with another one, which is withdrawn once an analyst has signed the whole', async () => {
    await detect(copies(6))
    await detect(late)
    const ids = (await candidates()).map(({ id }) => id)
    expect(ids).toHaveLength(2)
    await decide('signed', ...ids)
    const both = await detect([...copies(6), ...late])
    expect(both.kept).toMatchObject({ revised: 1, merged: 1 })
    const older = both.found[0]?.id ?? ''
    expect((await candidates()).find(({ state }) => state === 'merged')).toMatchObject({ mergedInto: older })
    // Both were signed, and count until the whole is signed.
    expect((await report()).totals).toMatchObject({ detections: 2, posts: { value: 14 } })
    await decide('signed', older)
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 14 } })
  })

  test('that was refused takes over none that was signed', async () => {
    await detect(copies(6))
    const id = await firstId()
    await decide('refused', id)
    await detect(late)
    const signed = (await candidates()).find((one) => one.id !== id)?.id ?? ''
    await decide('signed', signed)
    const { kept, found } = await detect([...copies(6), ...late])
    expect(kept).toMatchObject({ revised: 1, merged: 1 })
    expect(found.map((one) => one.id)).toEqual([signed])
    expect(await opened.services.candidates.get(signed)).toMatchObject({ state: 'open', signedRevision: 1 })
    expect((await report()).totals).toMatchObject({ detections: 1, posts: { value: 8 } })
  })

  test.each([{ territories: ['PF'] }, { query: 'another' }] as const)('of %j is another candidate', async (more) => {
    await detect(copies(12))
    const [first] = await candidates()
    expect((await detect(copies(12), more)).kept).toMatchObject({ new: 1 })
    expect(await candidates()).toHaveLength(2)
    expect(await opened.services.candidates.get(first?.id ?? '')).toEqual(first)
  })

  test('loses nothing to a run over less of the same posts', async () => {
    await detect(copies(12))
    const before = await candidates()
    expect((await detect(copies(12).slice(0, 8))).kept).toMatchObject({ new: 0, revised: 0 })
    expect(await candidates()).toEqual(before)
  })

  test('keeps its marking where a later run states none', async () => {
    await detect(copies(12), { marking: 'TLP:GREEN' })
    await detect(copies(16), { marking: undefined })
    expect(await candidates()).toMatchObject([{ detection: { marking: 'TLP:GREEN' }, revision: 2 }])
  })

  test('has the strictest marking of those that it holds', async () => {
    await detect(copies(6), { marking: 'TLP:AMBER' })
    await decide('signed', await firstId())
    await detect(late, { marking: 'TLP:RED' })
    await detect([...copies(6), ...late], { marking: undefined })
    const [held] = (await candidates()).filter(({ state }) => state !== 'merged')
    expect(held).toMatchObject({ state: 'open', signedRevision: 1, detection: { marking: 'TLP:RED' } })
  })

  test('names no account that is forgotten', async () => {
    await detect(copies(12))
    const { pseudonym } = await opened.context.pseudonyms()
    expect(await stored()).toContain(pseudonym('Copieur_1'))
    await forgetAccount('@Copieur_1', { ...opened.services, pseudonym })
    expect(await stored()).not.toContain(pseudonym('Copieur_1'))
    expect((await candidates())[0]?.detection.counts.accounts?.value).toBe(7)
    expect((await detect(copies(12))).kept).toMatchObject({ duplicate: 1, revised: 0 })
    expect(await stored()).not.toContain(pseudonym('Copieur_1'))
  })
})

describe('a report', () => {
  test('lists open candidates, which oblige its marking and enter no figure', async () => {
    const quiet = await facts()
    expect([quiet.quiet, quiet.marking]).toEqual([true, 'TLP:CLEAR'])
    await detect([...copies(12), ...around])
    const { candidates: waiting, ...found } = await facts()
    expect(waiting?.listed).toMatchObject([
      { kind: 'coordinated-sharing', posts: { value: null }, strength: { isSourceKnown: false }, marking: 'TLP:AMBER' },
      { kind: 'copy-paste', posts: { value: 12 }, accounts: { value: 7 }, marking: 'TLP:AMBER' },
    ])
    expect(waiting?.listed[0]?.strength?.evidence).toBeGreaterThan(0)
    expect({ ...found, snapshotSha256: '' }).toEqual({ ...quiet, snapshotSha256: '', marking: 'TLP:AMBER' })
    expect(JSON.stringify(waiting)).not.toMatch(/supermarché|vigie:/)
  })

  test('of another territory, of another period or of a lower edition has nothing of them', async () => {
    const others = [{ territory: 'PF' }, { period: '2024-W19' }, { cap: 'TLP:GREEN' }] as const
    const all = () => Promise.all(others.map((one) => facts(one)))
    const before = await all()
    await detect([...copies(12), ...around])
    expect(await all()).toEqual(before)
    expect((await facts({ period: '2024-05' })).candidates?.listed).toHaveLength(2)
  })

  test('gives candidates as the reason of its next version, and is found again as of before', async () => {
    await detect(copies(12))
    const first = await report()
    opened.at('2024-05-21T00:00:00.000Z')
    await detect(copies(15))
    expect((await facts()).changes?.reasons).toEqual(['candidates'])
    opened.at('2024-05-22T00:00:00.000Z')
    await decide('signed', await firstId())
    opened.at('2024-05-23T00:00:00.000Z')
    const signed = await facts()
    expect(signed.changes?.reasons).toEqual(['signed', 'no candidates'])
    expect([signed.candidates, signed.totals.detections]).toEqual([undefined, 1])
    expect((await report()).version).toBe(2)
    const again = await reportFrom(opened, 'NC', '2024-W20', { asOf: '2024-05-20T12:00:00.000Z' })
    expect([again.id, again.isNew]).toEqual([first.id, false])
  })
})

describe('the proof of watch', () => {
  const runsOf = async (source: string) => JSON.stringify(await Array.fromAsync(opened.table.query(`SOURCE#${source}`)))

  test('has a run that found nothing, on the day of its newest post', async () => {
    const { kept, found } = await detect(backgroundPosts({ seed: sha256('quiet'), posts: 2_000 }))
    expect([found, kept?.word]).toEqual([[], true])
    expect(await runsOf('Vigie (NC)')).toMatch(/"sk":"2024-05-1\d.*"found":0/)
  })

  test('has no run while its candidates wait, and none over too few posts', async () => {
    await detect(copies(12), { query: 'found' })
    expect(await runsOf('Vigie: found (NC)')).toBe('[]')
    await decide('refused', await firstId())
    expect((await detect(copies(12), { query: 'found' })).kept).toMatchObject({ refused: 1, word: true })
    expect(await runsOf('Vigie: found (NC)')).toContain('"found":0')
    const { kept, coSharing } = await detect(copies(3))
    expect(kept).toMatchObject({ new: 0, word: false })
    expect(coSharing?.judged).toBeNull()
    expect(await runsOf('Vigie (NC)')).toBe('[]')
  })
})

describe('the command line', () => {
  const run = (...words: readonly string[]) => vigie([...words, '--home', join(folder, 'cli')])
  const written = async (name: string, content: string) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }

  test('prints what was found, shows a candidate, and signs it once', async () => {
    const file = await written('posts.csv', csv(copies(12)))
    const { stdout } = await run('detect', file, '--territory', 'Nouvelle-Calédonie')
    expect(stdout).toContain('12 posts by 7 accounts')
    expect(stdout).toContain('up to 30.7 % of the characters may differ, so a negation is not seen')
    expect(stdout).toContain(
      'NOT JUDGED: not enough to tell, fewer than 200 shares by others (12 shares with a time, 0 without)',
    )
    const [{ key } = { key: '' }] = jsonOf<ListedInbox[]>(await run('inbox', 'list', '--json'))
    const id = key.replace('candidate:', '')
    const shown = (await run('inbox', 'show', id)).stdout
    expect(shown).toContain('AMBER, NC\n')
    expect(shown).toContain('; waits for a decision\n12 posts, 7 accounts\n')
    expect(shown.match(/^ {2}[0-9a-z-]{10,}$/gm)).toHaveLength(7)
    expect(shown).toContain('so far 0 candidates signed and 0 refused here')
    const sign = (by: string) => run('inbox', 'accept', id, '--by', by)
    expect((await sign('Ana Martin')).stdout).toBe(`${id} is signed\n`)
    expect((await sign('Ana Martin')).stdout).toBe(`${id} is signed\n`)
    expect(await sign('Bea Roy')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it is signed, by Ana Martin'),
    })
    expect((await run('inbox', 'show', key)).stderr).toContain('decided by Ana Martin')
    expect((await run('inbox', 'list')).stdout).toBe('nothing to do\n')
  })

  test.each([
    [['inbox', 'accept', 'x', '--by', ''], '--by: it is empty: name who decides'],
    [['detect', 'x', '--rule', 'coortweet'], 'makes no candidates: add --dry-run'],
    [['detect', 'x', '--query', 'a'.repeat(61)], 'a name has at most 60 characters'],
  ])('%j is wrong usage', async (words, message) => {
    expect(await vigie(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
  })

  test('ends with 1 where a file has no posts, no usable time or a wrong one, and reads the others', async () => {
    const headings = await written('headings.csv', 'account,time,text\n')
    const bare = await written('bare.csv', 'account,time,text\na,2024-05-15 01:21:00,x\nb,,y\n')
    const wrong = await written('wrong.csv', 'account,time,text\na,noon,x\n')
    const whole = await written('whole.csv', csv(copies(12)))
    const { code, stdout } = await run('detect', headings, bare, wrong, whole, '--dry-run')
    expect(code).toBe(1)
    expect(stdout).toContain('14 posts by 9 accounts')
    expect(stdout).toContain(`${headings}: no posts are in it`)
    expect(stdout).toContain(`${bare}: none of its times can be used: write them with their offset from UTC`)
    expect(stdout).toContain(
      `rejected: ${wrong}:2  time "noon" is no time: write 2024-05-15T01:21:00Z, or Unix seconds`,
    )
    expect(stdout).not.toContain(`${whole}: `)
    expect(await run('detect', bare, '--observed', '2024-W20', '--dry-run')).toMatchObject({ code: 0 })
  })

  test('takes any column as what is shared, and shows a column of addresses that has none', async () => {
    const rows = backgroundPosts({ seed: sha256('objects'), posts: 400 }).map(({ id, account, at, repostOf }) =>
      [id, account, new Date(at ?? 0).toISOString(), repostOf].join(),
    )
    const file = await written('phrases.csv', ['id,account,time,phrase', ...rows, ''].join('\n'))
    const wrong = await run(
      'detect',
      file,
      '--map',
      await written('map.json', '{"columns":{"phrase":"urls"}}'),
      '--dry-run',
    )
    expect(wrong.stdout).toContain('noted: 400 × column "phrase" holds no address here')
    const right = await run('detect', file, '--object', 'phrase', '--dry-run')
    expect(right).toMatchObject({ code: 0, stdout: expect.stringMatching(/^judged: 100.0 % \(400 shares with a time/) })
  })

  test.each([
    ['csv', /^account,other_account,weight,mean_delay_seconds\n\S+,\S+,\d+,[\d.]+\n/],
    ['graphml', /<edge source="[^"]+" target="[^"]+"><data key="weight">\d+<\/data><data key="delay">[\d.]+</],
  ] as const)('writes the pairs of groups as %s, by pseudonym', async (ending, form) => {
    const out = join(folder, `pairs.${ending}`)
    await run('detect', await written('around.csv', csv(around)), '--dry-run', '--out', out)
    const text = await readFile(out, 'utf8')
    expect(text).toMatch(form)
    expect(text).not.toContain('gang')
  })

  test('warns that the ids of a dry run are its own until there is a key', async () => {
    const file = await written('posts.csv', csv(copies(12)))
    const warning = 'no key for pseudonyms yet: ids are of this run alone'
    const dry = () => run('detect', file, '--dry-run')
    expect(await dry()).toMatchObject({ code: 0, stderr: expect.stringContaining(warning) })
    expect((await run('detect', file)).stderr).not.toContain(warning)
    expect((await dry()).stderr).not.toContain(warning)
  })
})
