/** Several browsers as one printer. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPrinters } from '../../lambdas/render/printers.ts'
import { browsers } from '../support/browsers.ts'

let printers: Awaited<ReturnType<typeof openPrinters>>
beforeEach(async () => {
  printers = await openPrinters(2)
})
afterEach(() => printers.close())

const print = (title: string) =>
  printers.print(
    `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>${title}</title></head><body><p>${title}</p></body></html>`,
    { lang: 'fr', title },
  )

test('prints one after the other in one browser', async () => {
  for (const title of ['un', 'deux', 'trois']) await print(title)
  expect(await browsers()).toHaveLength(1)
})

test('prints at once in two browsers, and closes both', async () => {
  const printed = await Promise.all(['un', 'deux', 'trois'].map((title) => print(title)))
  expect(printed).toHaveLength(3)
  expect(await browsers()).toHaveLength(2)
  await printers.close()
  expect(await browsers()).toEqual([])
})

test('replaces a killed browser, while the other one continues', async () => {
  await Promise.all(['un', 'deux'].map((title) => print(title)))
  const [killed, other] = await browsers()
  process.kill(Number(killed), 'SIGKILL')
  expect(await Promise.all(['trois', 'quatre'].map((title) => print(title)))).toHaveLength(2)
  const after = await browsers()
  expect(after).toHaveLength(2)
  expect(after).toContain(other)
  expect(after).not.toContain(killed)
})
