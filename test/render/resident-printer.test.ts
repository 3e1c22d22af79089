/** A resident printer, which replaces its browser after a limit. */
import { afterEach, expect, test } from 'vitest'
import { PrintError } from '../../lambdas/render/chromium.ts'
import { type RecycleRule, type ResidentPrinter, residentPrinter } from '../../lambdas/render/resident-printer.ts'
import { browsers } from '../support/browsers.ts'

const html = (title: string, paragraphs = 1) =>
  `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>${title}</title></head><body>${`<p>${title}</p>`.repeat(paragraphs)}</body></html>`

let printer: ResidentPrinter | undefined
afterEach(() => printer?.drop())

const opened = (rule?: RecycleRule) => {
  printer = residentPrinter({}, rule)
  return printer
}
const print = (resident: ResidentPrinter, title: string, paragraphs?: number) =>
  resident.print(html(title, paragraphs), { lang: 'fr', title })

test('prints again in the same browser', async () => {
  const resident = opened()
  await print(resident, 'un')
  const before = await browsers()
  await print(resident, 'deux')
  expect(before).toHaveLength(1)
  expect(await browsers()).toEqual(before)
})

test.each<[string, RecycleRule]>([
  ['has reached its number of prints', { prints: 1, megabytes: 10_000 }],
  ['has reached its memory', { prints: 1_000, megabytes: 1 }],
])('replaces a browser that %s before the next print', async (_, rule) => {
  const resident = opened(rule)
  await print(resident, 'un')
  const before = await browsers()
  await print(resident, 'deux')
  const after = await browsers()
  expect(after).toHaveLength(1)
  expect(after).not.toEqual(before)
})

test('replaces no browser while it prints', async () => {
  const resident = opened({ prints: 1, megabytes: 10_000 })
  await print(resident, 'un')
  const [first] = await browsers()
  const long = print(resident, 'deux', 3_000)
  await new Promise((done) => setTimeout(done, 100))
  const short = print(resident, 'trois')
  expect(await Promise.all([long, short])).toHaveLength(2)
  expect(await browsers()).not.toContain(first)
})

test('fails a print that has not begun when the browser is dropped', async () => {
  const resident = opened()
  await print(resident, 'un')
  const printing = print(resident, 'deux')
  printing.catch(() => undefined)
  await resident.drop()
  await expect(printing).rejects.toBeInstanceOf(PrintError)
})

test('fails a print whose browser is dropped, and prints again in another one', async () => {
  const resident = opened()
  await print(resident, 'un')
  const printing = print(resident, 'deux', 10_000)
  printing.catch(() => undefined)
  await new Promise((done) => setTimeout(done, 50))
  await resident.drop()
  await expect(printing).rejects.toBeInstanceOf(PrintError)
  expect(await browsers()).toEqual([])
  expect((await print(resident, 'trois')).byteLength).toBeGreaterThan(1_000)
})
