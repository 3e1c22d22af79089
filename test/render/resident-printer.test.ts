/** A printer that lives on: its browser goes when it is spent, and comes again for the next print. */
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

test('one browser prints again and again', async () => {
  const resident = opened()
  await print(resident, 'un')
  const before = await browsers()
  await print(resident, 'deux')
  expect(before).toHaveLength(1)
  expect(await browsers()).toEqual(before)
})

test.each<[string, RecycleRule]>([
  ['has printed as often as it may', { prints: 1, megabytes: 10_000 }],
  ['has grown beyond its memory', { prints: 1_000, megabytes: 1 }],
])('a browser that %s is replaced before the next print', async (_, rule) => {
  const resident = opened(rule)
  await print(resident, 'un')
  const before = await browsers()
  await print(resident, 'deux')
  const after = await browsers()
  expect(after).toHaveLength(1)
  expect(after).not.toEqual(before)
})

test('a spent browser is not replaced while it prints', async () => {
  const resident = opened({ prints: 1, megabytes: 10_000 })
  await print(resident, 'un')
  const [first] = await browsers()
  const long = print(resident, 'deux', 3_000)
  await new Promise((done) => setTimeout(done, 100))
  const short = print(resident, 'trois')
  expect(await Promise.all([long, short])).toHaveLength(2)
  expect(await browsers()).not.toContain(first)
})

test('a print that has not begun when the browser is dropped fails too', async () => {
  const resident = opened()
  await print(resident, 'un')
  const printing = print(resident, 'deux')
  printing.catch(() => undefined) // looked at below
  await resident.drop()
  await expect(printing).rejects.toBeInstanceOf(PrintError)
})

test('a browser that is dropped in the middle of a print fails that print, is gone, and comes again', async () => {
  const resident = opened()
  await print(resident, 'un')
  const printing = print(resident, 'deux', 10_000)
  printing.catch(() => undefined) // looked at below
  await new Promise((done) => setTimeout(done, 50))
  await resident.drop()
  await expect(printing).rejects.toBeInstanceOf(PrintError)
  expect(await browsers()).toEqual([])
  expect((await print(resident, 'trois')).byteLength).toBeGreaterThan(1_000)
})
