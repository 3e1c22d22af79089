import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TerritoryCode } from '../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../lambdas/domain/core/time/period.ts'
import { openPrinters } from '../lambdas/render/printers.ts'
import type { Printing } from '../lambdas/render/render.ts'
import { runWeek } from '../lambdas/usecases/reports/weekly-run.ts'
import { newFolder } from './support/cli.ts'
import { detection } from './support/detections.ts'
import { openServices } from './support/services.ts'

const week = parsePeriod('2024-W20')
const only: readonly TerritoryCode[] = ['NC', 'PF', 'GP', 'RE']
const quiet = { started: () => undefined, made: () => undefined, failed: () => undefined }

let printers: Awaited<ReturnType<typeof openPrinters>>
beforeAll(async () => {
  printers = await openPrinters(2)
})
afterAll(async () => {
  await printers.close()
  for (const { remove } of folders) await remove()
})

const folders: Awaited<ReturnType<typeof newFolder>>[] = []

/** The result of a weekly run on a new home, in which prints of documents with a given word fail. */
const runOf = async (atOnce: number, failing?: string) => {
  const home = await newFolder()
  folders.push(home)
  const opened = await openServices(join(home.folder, 'home'))
  try {
    await opened.services.detections.saveAll(
      only.map((code) => detection({ id: `seen-${code}`, territories: [code] })),
      new Date('2024-05-19T00:00:00Z'),
    )
    let [printing, most] = [0, 0]
    const printer: Printing = {
      print: async (html, options) => {
        if (failing && html.includes(failing)) throw new Error('this print fails')
        printing += 1
        most = Math.max(most, printing)
        try {
          return await printers.print(html, options)
        } finally {
          printing -= 1
        }
      },
    }
    const request = { week, cap: 'TLP:AMBER', only, atOnce } as const
    const { reports, failed } = await runWeek(request, opened.asRun('weekly', { printer }), quiet)
    return {
      most,
      made: reports.map(({ manifest }) => ({ report: manifest.report, files: manifest.files })),
      failed: failed.map(({ territory }) => territory),
    }
  } finally {
    await opened.close()
  }
}

test('concurrent reports have the same files and order as sequential ones', async () => {
  const one = await runOf(1)
  const two = await runOf(2)
  expect([one.most, two.most]).toEqual([1, 2])
  expect(two.made).toEqual(one.made)
})

test('a report that fails stops no other', async () => {
  const { made, failed } = await runOf(2, 'Guadeloupe')
  expect(failed).toEqual(['GP'])
  expect(made).toHaveLength(3)
})
