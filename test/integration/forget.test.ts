/** A forgotten account is nowhere in the home's store, and every figure stays. */
import { beforeEach, expect, test } from 'vitest'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { forgetAccount } from '../../lambdas/usecases/retention/forget-account.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let opened: Opened
beforeEach(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  return async () => {
    await opened.close()
    await remove()
  }
})
const name = 'Martin_Dupont'
const one = input({ id: 'b', accountRefs: [name], counts: { accounts: 1, posts: 7 } })
const found: readonly DetectionInput[] = [
  input({
    id: 'a',
    summary: { fr: `Relayé par @${name} puis par d’autres.` },
    accountRefs: [name, 'other'],
    counts: { accounts: 2, posts: 5 },
    evidence: [{ label: 'Message', url: `https://x.com/${name}/status/1` }],
    indicators: [{ type: 'account', value: `@${name}` }],
  }),
  one,
  // Too long for one item: its text is cut, perhaps within the name.
  input({
    id: 'long',
    accountRefs: [...Array.from({ length: 9_000 }, (_, at) => `account-${at}`), name],
    summary: { fr: `Par @${name}, ${'et d’autres, '.repeat(1_000)}puis @${name}.` },
  }),
]

const stored = async (): Promise<string> => JSON.stringify((await Array.fromAsync(opened.table.scan())).flat())

const forget = async (account = name) => {
  const { pseudonym } = await opened.context.pseudonyms()
  return forgetAccount(account, { ...opened.services, pseudonym })
}

test('is removed from every revision, part, unplaced record, reject and set; and figures stay', async () => {
  const { pseudonym } = await opened.context.pseudonyms()
  await ingestInto(opened, found)
  await ingestInto(opened, [{ ...one, counts: { accounts: 1, posts: 9 } }])
  await ingestInto(opened, [input({ id: 'nowhere', territories: [], accountRefs: [name] })])
  await ingestInto(opened, `${JSON.stringify({ ...one, id: 'bad', kind: 'rumour', note: `by ${name}` })}\n`)
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

  // The same snapshot makes no version; another edition, counted from what is stored, has the same figures.
  expect(await reportFrom(opened, 'NC', '2024-W20')).toMatchObject({ version: before.version, isNew: false })
  const other = await reportFrom(opened, 'NC', '2024-W20', { cap: 'TLP:AMBER+STRICT' })
  expect(other.totals).toEqual(before.totals)
  const set = await opened.services.accountSets.latest('set')
  expect(set?.accounts).toHaveLength(2)
})

test('the other accounts of its set are still found', async () => {
  const accounts = Array.from({ length: 40 }, (_, at) => `account_${at}`)
  await ingestInto(opened, `account\n${[name, ...accounts].join('\n')}\n`, { format: 'accounts', set: { id: 'set' } })
  await forget()
  await ingestInto(opened, [input({ id: 'later', accountRefs: accounts, accountSet: { id: 'set' } })])
  const later = await opened.services.detections.latest('later')
  expect(later?.coordinatedAccountRefs).toHaveLength(accounts.length)
})

test('a record sent again stays a duplicate, and brings no name back', async () => {
  await ingestInto(opened, found)
  await forget()
  expect(await ingestInto(opened, found)).toMatchObject({ read: 3, duplicates: 3 })
  expect(await stored()).not.toMatch(new RegExp(name, 'i'))
  expect(await opened.services.forgetting.noted()).toMatchObject([{ items: expect.any(Number), rejects: 0 }])
})

test('is found by its pseudonym, all that a report shows; an unknown account is not noted', async () => {
  const { pseudonym } = await opened.context.pseudonyms()
  await ingestInto(opened, [one])
  expect(await forget('unknown')).toEqual({ items: 0, rejects: 0 })
  expect(await opened.services.forgetting.noted()).toEqual([])
  expect(await forget(pseudonym(name))).toMatchObject({ items: 2, rejects: 0 })
  expect(await stored()).not.toContain(pseudonym(name))
})

test('records that were never read expire after a year, and stay counted', async () => {
  await ingestInto(opened, 'no record\n', { format: 'ndjson' })
  const { forgetting, rejects } = opened.services
  expect(await Array.fromAsync(rejects.open())).toHaveLength(1)
  // What undoing its intake needs expires after eight days, and nothing else within the year.
  expect(await forgetting.expire(new Date('2024-06-01T00:00:00Z'))).toBeGreaterThan(0)
  expect(await forgetting.expire(new Date('2025-05-19T00:00:00Z'))).toBe(0)
  // The record, and the two by which its row leads to it.
  expect(await forgetting.expire(new Date('2025-05-21T00:00:00Z'))).toBe(3)
  expect(await Array.fromAsync(rejects.open())).toEqual([])
  expect(await rejects.count('2024-01-01', '2025-01-01', '2025-06-01')).toBe(1)
})
