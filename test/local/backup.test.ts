/** A copy that is made while others write is a data folder of its own: what it lists is there, and signed. */
import { copyFile, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HomeError } from '../../lambdas/config/home-error.ts'
import { backUp } from '../../lambdas/store/embedded/backup.ts'
import { isHome, tableFileOf } from '../../lambdas/store/embedded/home.ts'
import { waitingMailsIn } from '../../lambdas/store/reports/waiting.ts'
import { newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, openedOn, reportFrom } from '../support/services.ts'

let folder: string
let remove: () => Promise<void>
beforeEach(async () => {
  ;({ folder, remove } = await newFolder())
})
afterEach(() => remove())

test('is restored by its name: reports as signed, detections, keys for their owner alone', async () => {
  const [home, copy] = [join(folder, 'home'), join(folder, 'copy')]
  await openedOn(home, async (opened) => {
    await ingestInto(opened, [input({ id: 'before' })])
    await reportFrom(opened, 'NC', '2024-W20')
    await writeFile(join(home, 'session.key'), 'x')
    const writing = Array.from({ length: 20 }, (_, at) => ingestInto(opened, [input({ id: `during-${at}` })]))
    await Promise.all([backUp(home, copy), ...writing])
  })
  const found = await vigie(['detections', 'show', 'before', '--home', copy])
  expect([found.code, found.stderr]).toEqual([0, ''])
  const verified = await vigie(['archive', 'verify', '--home', copy])
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('all as archived and signed')])
  expect((await readdir(copy)).toSorted()).toEqual(
    (await readdir(home)).filter((name) => !/-(?:shm|wal)$|^session/.test(name)).toSorted(),
  )
  expect((await stat(join(copy, 'signing.key'))).mode & 0o077).toBe(0)
  expect((await stat(copy)).mode & 0o077).toBe(0)
})

test('is repeated after it was interrupted, and is no home until all is there', async () => {
  const [home, copy] = [join(folder, 'home'), join(folder, 'copy')]
  await openedOn(home, async (opened) => {
    await ingestInto(opened, [input({ id: 'before' })])
    await mkdir(`${copy}.part`)
    await copyFile(tableFileOf(home), `${tableFileOf(`${copy}.part`)}.part`)
    expect([isHome(`${copy}.part`), isHome(copy)]).toEqual([false, false])
    await backUp(home, copy)
    expect([isHome(copy), (await readdir(folder)).includes('copy.part')]).toEqual([true, false])
  })
})

test('replaces nothing, and copies no folder that is none of Vigie', async () => {
  await writeFile(join(folder, 'a file'), '')
  await expect(backUp(folder, join(folder, 'new'))).rejects.toBeInstanceOf(HomeError)
  await openedOn(join(folder, 'home'), async () => {
    await expect(backUp(join(folder, 'home'), folder)).rejects.toThrow('is not empty')
    await expect(backUp(join(folder, 'home'), join(folder, 'no', 'such'))).rejects.toThrow('make it')
    await symlink(join(folder, 'home'), join(folder, 'link'))
    await expect(backUp(join(folder, 'home'), join(folder, 'link/in'))).rejects.toThrow('is in the data folder')
    await expect(backUp(join(folder, 'link'), join(folder, 'home/in'))).rejects.toThrow('is in the data folder')
  })
})

test('mails nothing that waited in the original, and makes none of its jobs', async () => {
  const [home, copy] = [join(folder, 'home'), join(folder, 'copy')]
  await openedOn(home, async (opened) => {
    await ingestInto(opened, [input()])
    await reportFrom(opened, 'NC', '2024-W20')
    const key = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, recipient: 'reader-1' } as const
    await opened.services.deliveries.create({ ...key, state: 'PENDING', attempts: 1, turn: 0, at: '2024-05-20' })
    const due = {
      kind: 'scheduled',
      territory: 'NC',
      cadence: 'week',
      scheduledAt: '2024-05-20T00:00:00.000Z',
    } as const
    await opened.services.waiting.add(due, opened.services.clock())
    const { recipient: _, ...version } = key
    await waitingMailsIn(opened.table).begin({ ...version, to: 'everybody' }, opened.services.clock())
    expect((await vigie(['backup', copy, '--home', home])).code).toBe(0)
  })
  await openedOn(copy, async ({ services, table }) => {
    expect(await waitingMailsIn(table).begun()).toEqual([])
    expect(await services.deliveries.about('NC', '2024-W20')).toMatchObject([{ state: 'UNKNOWN' }])
    expect(await Array.fromAsync(services.waiting.all())).toEqual([])
  })
})
