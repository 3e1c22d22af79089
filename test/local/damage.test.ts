import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { homeFindings } from '../../lambdas/domain/checkup/home-findings.ts'
import { damageOf, openTableFile } from '../../lambdas/store/embedded/table-file.ts'
import { newFolder } from '../support/cli.ts'

it('a damaged page of the table is found, and a whole table has none', async () => {
  const { folder, remove } = await newFolder()
  const file = join(folder, 'table.sqlite')
  const table = await openTableFile(file)
  await table.putAll(Array.from({ length: 500 }, (_, at) => ({ pk: 'P', sk: String(at), text: 'x'.repeat(400) })))
  await table.close()
  expect(damageOf(file)).toBeUndefined()
  const handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(8_192, 0xa5), 0, 8_192, 40_960)
  await handle.close()
  expect(damageOf(file)).toBeTruthy()
  await remove()
})

it('whichever page is damaged, what fails names the table and the repair', async () => {
  const { folder, remove } = await newFolder()
  const file = join(folder, 'table.sqlite')
  const table = await openTableFile(file)
  await table.putAll(Array.from({ length: 100 }, (_, at) => ({ pk: 'P', sk: String(at), text: 'x'.repeat(400) })))
  await table.close()
  const whole = await readFile(file)
  for (let from = 0; from < whole.length; from += 4_096) {
    await writeFile(
      file,
      Buffer.concat([whole.subarray(0, from), Buffer.alloc(4_096, 0xa5), whole.subarray(from + 4_096)]),
    )
    const read = async () => {
      const opened = await openTableFile(file)
      const all = Array.fromAsync(opened.scan()).then(() => Array.fromAsync(opened.query('P')))
      await all.finally(opened.close)
    }
    await expect(read(), `page ${from / 4_096}`).rejects.toThrow(`${file} is damaged: put back a copy of table.sqlite`)
  }
  await remove()
})

it('a home with an archive and without a table is no new one, and a damaged table is to be mended', () => {
  const unread = { unread: 'not looked at' }
  const findingOn = (store: Parameters<typeof homeFindings>[0]['store']) => {
    const facts = {
      home: '/h',
      node: { running: '24', asked: '24' },
      store,
      stored: unread,
      newest: unread,
      unrecorded: unread,
      decisions: unread,
      files: unread,
      halfBackups: unread,
      room: unread,
    }
    const all = homeFindings(
      { ...facts, print: unread, fonts: unread, house: unread, service: unread, mail: unread, program: 'vigie' },
      '2024-05-20',
    )
    return all.find(({ check }) => check === 'store')
  }
  const mended = { fix: expect.stringContaining('vigie archive reindex') }
  expect(findingOn({ value: { table: 'none' } })).not.toMatchObject(mended)
  expect(findingOn({ value: { table: 'none', isArchived: true } })).toMatchObject(mended)
  expect(findingOn({ value: { table: 'open', damage: 'row missing' } })).toMatchObject(mended)
})
