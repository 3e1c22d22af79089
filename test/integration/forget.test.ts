/** An account that is forgotten stands nowhere in the home's store any more, and every figure stays. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { forgetAccount } from '../../lambdas/usecases/ingest/forget-account.ts'
import { newFolder, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let opened: Opened
let cleanUp: () => Promise<void>
let home: string
beforeEach(async () => {
  const { folder, remove } = await newFolder()
  home = folder
  opened = await openServices(folder)
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})
afterEach(() => cleanUp())

const name = 'Martin_Dupont'
const found: readonly DetectionInput[] = [
  input({
    id: 'a',
    summary: { fr: `Relayé par @${name} puis par d’autres.` },
    accountRefs: [name, 'other'],
    counts: { accounts: 2, posts: 5 },
    evidence: [{ label: 'Message', url: `https://x.com/${name}/status/1` }],
    indicators: [{ type: 'account', value: `@${name}` }],
  }),
  input({ id: 'b', accountRefs: [name], counts: { accounts: 1, posts: 7 } }),
  // Too long for one item: its text is cut, and the name may stand at the cut.
  input({
    id: 'long',
    accountRefs: [...Array.from({ length: 9_000 }, (_, at) => `account-${at}`), name],
    summary: { fr: `Par @${name}, ${'et d’autres, '.repeat(1_000)}puis @${name}.` },
  }),
]

/** Everything that is stored, as text. */
const stored = async (): Promise<string> => JSON.stringify((await Array.fromAsync(opened.table.scan())).flat())

const forget = async (account = name) => {
  const { pseudonym } = await opened.context.pseudonyms()
  return forgetAccount(account, { ...opened.services, pseudonym })
}

test('in every revision, in parts, among the unplaced, the rejects and the sets; and figures stay', async () => {
  const { pseudonym } = await opened.context.pseudonyms()
  await ingestInto(opened, found)
  await ingestInto(opened, [{ ...(found[1] as DetectionInput), counts: { accounts: 1, posts: 9 } }])
  await ingestInto(opened, [input({ id: 'nowhere', territories: [], accountRefs: [name] })])
  await ingestInto(opened, `${JSON.stringify({ ...found[1], id: 'bad', kind: 'rumour', note: `by ${name}` })}\n`)
  await ingestInto(opened, `account\n${name}\nother\n`, { format: 'accounts', set: { id: 'set' } })
  const before = await reportFrom(opened, 'NC', '2024-W20')
  expect(await stored()).toContain(pseudonym(name))

  const { items, rejects } = await forget()
  expect(rejects).toBe(1)
  expect(items).toBeGreaterThan(8)
  const after = await stored()
  expect(after).not.toContain(pseudonym(name))
  expect(after).not.toMatch(new RegExp(name, 'i'))
  expect(after).toContain(pseudonym('other'))

  // The same snapshot, and so the same version; made anew from what is stored, the same figures.
  expect(await reportFrom(opened, 'NC', '2024-W20')).toMatchObject({ version: before.version, isNew: false })
  const anew = await reportFrom(opened, 'NC', '2024-W20', { cap: 'TLP:AMBER+STRICT' })
  expect(anew.totals).toEqual(before.totals)
  const set = await opened.services.accountSets.latest('set')
  expect(set?.accounts).toHaveLength(2)
})

test('the others of a set are found in it still', async () => {
  const accounts = Array.from({ length: 40 }, (_, at) => `account_${at}`)
  await ingestInto(opened, `account\n${[name, ...accounts].join('\n')}\n`, { format: 'accounts', set: { id: 'set' } })
  await forget()
  await ingestInto(opened, [input({ id: 'later', accountRefs: accounts, accountSet: { id: 'set' } })])
  const later = await opened.services.detections.latest('later')
  expect(later?.coordinatedAccountRefs).toHaveLength(accounts.length)
})

test('an account that is called like a platform takes nothing else with it', async () => {
  await ingestInto(opened, [input({ id: 'a', platforms: ['Telegram'], accountRefs: ['telegram', 'other'] })])
  const before = await opened.services.detections.latest('a')
  await forget('telegram')
  expect(await opened.services.detections.latest('a')).toEqual({ ...before, accountRefs: expect.any(Array) })
})

test('what comes in again stays a duplicate, and forgets nothing of having forgotten', async () => {
  await ingestInto(opened, found)
  await forget()
  expect(await ingestInto(opened, found)).toMatchObject({ read: 3, duplicates: 3 })
  expect(await stored()).not.toMatch(new RegExp(name, 'i'))
  expect(await opened.services.forgetting.noted()).toMatchObject([{ items: expect.any(Number), rejects: 0 }])
})

test('by its pseudonym as well, which is all that a report shows', async () => {
  const { pseudonym } = await opened.context.pseudonyms()
  await ingestInto(opened, [found[1] as DetectionInput])
  expect(await forget(pseudonym(name))).toMatchObject({ items: 2, rejects: 0 })
  expect(await stored()).not.toContain(pseudonym(name))
})

test('an account that nothing names is told of as such, and nothing is noted', async () => {
  await ingestInto(opened, [found[1] as DetectionInput])
  expect(await forget('nobody')).toEqual({ items: 0, rejects: 0 })
  expect(await opened.services.forgetting.noted()).toEqual([])
})

test('names that were kept on purpose go too', async () => {
  await ingestInto(opened, found.slice(0, 2), { keepNames: true })
  expect(await stored()).toContain(`"${name}\\`)
  await forget()
  expect(await stored()).not.toMatch(new RegExp(name, 'i'))
})

test('what has passed its time is taken out: records that were never read after a year, and word of them stays', async () => {
  await ingestInto(opened, 'no record\n', { format: 'ndjson' })
  const { forgetting, rejects } = opened.services
  expect(await Array.fromAsync(rejects.open())).toHaveLength(1)
  // What undoing its intake needs goes after eight days, and nothing else before the year is over.
  expect(await forgetting.expire(new Date('2024-06-01T00:00:00Z'))).toBeGreaterThan(0)
  expect(await forgetting.expire(new Date('2025-05-19T00:00:00Z'))).toBe(0)
  // The record, and the two by which its row leads to it.
  expect(await forgetting.expire(new Date('2025-05-21T00:00:00Z'))).toBe(3)
  expect(await Array.fromAsync(rejects.open())).toEqual([])
  const ever = ['2024-01-01', '2025-01-01', '2025-06-01'] as const
  expect(await rejects.count(...ever)).toBe(1)
})

test('the command says what it did, and that archived versions stay', async () => {
  await ingestInto(opened, [found[1] as DetectionInput])
  await opened.close()
  const done = await vigieJson(['forget', name, '--home', home])
  expect(done).toEqual({ items: 2, rejects: 0 })
  expect(await vigieJson(['forget', '--noted', '--home', home])).toMatchObject([{ items: 2, rejects: 0 }])
  opened = await openServices(home)
})
