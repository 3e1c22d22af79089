import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder } from '../support/cli.ts'

let here: Awaited<ReturnType<typeof newFolder>>
beforeAll(async () => {
  here = await newFolder()
})
afterAll(() => here.remove())

const root = join(import.meta.dirname, '../..')

/** What `npm run check` finds in a module. */
const found = async (code: string, name = 'module.ts'): Promise<string> => {
  const file = join(here.folder, name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, code)
  const words = ['--config', join(root, 'oxlint.config.ts'), file]
  const run = promisify(execFile)(join(root, 'node_modules/.bin/oxlint'), words, { cwd: here.folder })
  return run.then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  )
}

test.each([
  ['new Date', '()'],
  ['Date', '.now()'],
  ['Date', '()'],
  ['Temporal', '.Now'],
])('a module may not read %s%s', async (clock, read) => {
  expect(await found(`export const at = ${clock}${read}\n`)).toContain('vigie(no-machine-clock)')
})

test.each(['list.push(...other)', 'Math.max(0, ...list)'])('a module may not spread a list in %s', async (call) => {
  expect(await found(`export const made = (list: number[], other: number[]) => ${call}\n`)).toContain('no-long-spread')
})

test('a module may make a date of an instant', async () => {
  expect(await found("export const at = new Date('2026-11-29')\n")).not.toContain('vigie')
})

test.each([
  ['a later folder', 'lambdas/domain/core/module.ts', '../page/page.ts', true],
  ['an earlier folder', 'lambdas/domain/page/module.ts', '../core/period.ts', false],
  ['what lies beside the folders', 'lambdas/usecases/ingest/module.ts', '../services.ts', false],
  ['another outside room', 'lambdas/store/module.ts', '../archive/archive.ts', true],
  ['the laptop’s stand-in', 'lambdas/api.ts', './keys/signer.local.ts', true],
  ['a function', 'bin/cli/commands/module.ts', '../../../lambdas/api.ts', true],
  ['the store', 'lib/module.ts', '../lambdas/store/table/table.ts', true],
  ['the web', 'lambdas/usecases/reports/module.ts', '../../web/site.ts', true],
])('a module that imports %s', async (_, name, imported, isFault) => {
  const said = await found(`import type { One } from '${imported}'\nexport type Made = One\n`, name)
  expect(said.includes('vigie(imports)')).toBe(isFault)
})

test('no folder of lambdas/ holds more than fifteen files', async () => {
  const all = await readdir(join(root, 'lambdas'), { recursive: true, withFileTypes: true })
  const counts = Map.groupBy(
    all.filter((one) => one.isFile()),
    ({ parentPath }) => parentPath,
  )
  expect([...counts].flatMap(([folder, files]) => (files.length > 15 ? [folder] : []))).toEqual([])
})
