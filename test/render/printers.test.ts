/** Several browsers as one printer: as many as are needed at once, and each on its own. */
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

test('one print after the other needs one browser', async () => {
  for (const title of ['un', 'deux', 'trois']) await print(title)
  expect(await browsers()).toHaveLength(1)
})

test('prints that are asked for at once have two browsers, and closing ends both', async () => {
  const printed = await Promise.all(['un', 'deux', 'trois'].map((title) => print(title)))
  expect(printed).toHaveLength(3)
  expect(await browsers()).toHaveLength(2)
  await printers.close()
  expect(await browsers()).toEqual([])
})

test('a browser that was killed is replaced, and the other one prints on', async () => {
  await Promise.all(['un', 'deux'].map((title) => print(title)))
  const [killed, other] = await browsers()
  process.kill(Number(killed), 'SIGKILL')
  expect(await Promise.all(['trois', 'quatre'].map((title) => print(title)))).toHaveLength(2)
  const after = await browsers()
  expect(after).toHaveLength(2)
  expect(after).toContain(other)
  expect(after).not.toContain(killed)
})
