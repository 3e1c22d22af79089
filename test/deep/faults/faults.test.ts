/**
 * The matrix of faults can fail: what is lost, doubled or damaged is told as such. A few of its rows, and a short soak.
 */
import { spawn } from 'node:child_process'
import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliverer } from '../../../bin/cli/deliver.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { type Grounds, openGrounds } from '../../faults/grounds.ts'
import { unkilled } from '../../faults/killed-commands.ts'
import { detectionsLook, homeLook, versionLook, witness } from '../../faults/look.ts'
import { breaches, codeOf, matrixTable, type Result, runMatrix } from '../../faults/matrix.ts'
import { costOf, type Row } from '../../faults/row.ts'
import { rows } from '../../faults/rows.ts'
import { soakRow } from '../../faults/soak.ts'
import { ended, jsonOf } from '../../support/cli.ts'
import { now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { overwrite } from '../../support/files.ts'
import { recipient } from '../../support/recipients.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../../support/services.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'

let grounds: Grounds
beforeAll(async () => {
  grounds = await openGrounds(sharedAssembly)
})
afterAll(() => grounds.close())

test('names a row for each command that stores something', () => {
  expect(unkilled(rows.map(({ name }) => name))).toEqual([])
})

describe('a row', () => {
  let opened: Opened
  let home: string
  let unchanged: ReturnType<typeof witness>
  const ids = ['a', 'b']
  beforeAll(async () => {
    home = join(grounds.folder(), 'home')
    opened = await openServices(home, 'now')
    await ingestInto(
      opened,
      ids.map((id) => input({ id })),
    )
    await opened.services.recipients.replace(recipient('ana@example.org'))
    await reportFrom(opened, 'NC', '2024-W20')
    const word = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
    await (
      await deliverer(opened.context)
    )(word)
    unchanged = witness(join(home, 'archive'))
    await unchanged()
  })
  afterAll(() => opened.close())

  /** A row that does this to a home on which all was well, once. */
  const doing = (injected: number, harm: () => Promise<unknown>): Row => ({
    group: 'test',
    name: 'harm',
    where: 'a home',
    inject: async () => {
      await harm()
      const { services } = opened
      return {
        ...costOf([
          await detectionsLook(services, 'NC', ['2024-W20'], ids),
          await versionLook(services, { territory: 'NC', period: '2024-W20' }, ids.length),
          await unchanged(),
          await homeLook(home, services),
        ]),
        injected,
        done: 'looked',
      }
    },
  })
  const resultOf = async (row: Row): Promise<Result & { readonly code: number; readonly said: string }> => {
    const results = await runMatrix([row], grounds)
    const [result] = results
    if (!result) throw new Error('a row has no result')
    return { ...result, code: codeOf(results), said: [matrixTable(results), ...breaches(results)].join('\n') }
  }

  test('that lost nothing and doubled nothing holds', async () => {
    const result = await resultOf(doing(1, async () => {}))
    expect(result).toMatchObject({ verdict: 'held', lost: [], twice: [], unverified: [], code: 0 })
    expect(result.said).toMatch(/nothing +nothing +yes/)
  })

  test('whose fault never came about proves nothing', async () => {
    const result = await resultOf(doing(0, async () => {}))
    expect(result).toMatchObject({ verdict: 'broken', code: 1 })
    expect(result.said).toContain('the fault never came about')
  })

  test('that ends by an error is broken', async () => {
    const result = await resultOf(doing(1, () => Promise.reject(new Error('no such home'))))
    expect(result).toMatchObject({ verdict: 'broken', code: 1, lost: ['it could not be told: no such home'] })
  })

  test('that the machine cannot have is told as such', async () => {
    const result = await resultOf({ ...doing(1, async () => {}), inject: async () => ({ notHere: 'no root' }) })
    expect(result).toMatchObject({ verdict: 'not here', code: 0 })
    expect(result.said).toContain('not possible here: no root')
  })

  test('that sent a mail twice is broken, and names it', async () => {
    const outbox = join(home, 'outbox')
    const [mail = ''] = await readdir(outbox)
    const again = mail.replace('.eml', '-2.eml')
    const result = await resultOf(doing(1, () => copyFile(join(outbox, mail), join(outbox, again))))
    expect(result).toMatchObject({ verdict: 'broken', code: 1, lost: [], twice: [`mail ${again}`] })
    expect(result.said).toContain(`twice: mail ${again}`)
  })

  test('that lost a detection is broken, and names it', async () => {
    const result = await resultOf(
      doing(1, () => opened.services.detections.withdraw('b', { by: 'a test', reason: 'a test' }, now())),
    )
    expect(result).toMatchObject({ verdict: 'broken', code: 1, lost: ['detection b'] })
  })

  test('that published one snapshot twice is broken', async () => {
    const { reports } = opened.services
    const [first] = await reports.versions({ territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' })
    const result = await resultOf(doing(1, async () => first && reports.claim({ ...first, version: 2 })))
    expect(result.twice).toContain('report NC 2024-W20 of one snapshot')
  })

  test('that overwrote a version is broken, and the archive does not verify', async () => {
    const file = join(home, 'archive/reports/NC/2024-W20/amber/v0001/report.fr.html')
    const result = await resultOf(doing(1, () => overwrite(file, (bytes) => `${bytes} `)))
    expect(result.lost).toContain(`${file} was overwritten`)
    expect(result.unverified.join()).toContain('has other bytes than its manifest states')
  })
})

describe('the matrix', () => {
  test('holds in a short soak', async () => {
    const results = await runMatrix([soakRow(2, 336)], grounds)
    expect(breaches(results)).toEqual([])
    expect(results.map(({ verdict }) => verdict)).toEqual(['held'])
  })

  test('has a name for each of its rows', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  })
})

describe('npm run faults', () => {
  const tool = fileURLToPath(new URL('../../../tools/faults.ts', import.meta.url))
  const faults = (...words: readonly string[]) => ended(spawn(process.execPath, [tool, ...words]))

  test('runs the rows that are named, and prints them as JSON', async () => {
    const ran = await faults('--only', 'set back', '--json')
    const [row] = jsonOf<readonly Result[]>(ran)
    expect(row).toMatchObject({
      name: 'the clock set back by a minute',
      verdict: 'held',
      lost: [],
      twice: [],
      unverified: [],
    })
    expect(ran.code).toBe(0)
  })

  test('fails where no row has the name', async () => {
    const ran = await faults('--only', 'no such fault')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('--list')
  })
})
