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

/** The findings of `npm run check` in a module. */
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

// In two pieces, since the rule would find them here.
test.each([
  ['new Date', '()'],
  ['Date', '.now()'],
  ['Date', '()'],
  ['Temporal', '.Now'],
])('a module may not read the clock by %s%s', async (clock, read) => {
  expect(await found(`export const at = ${clock}${read}\n`)).toContain('vigie(no-machine-clock)')
})

test.each([
  ['list.push(...other)', true],
  ['Math.max(0, ...list)', true],
  ["new Date('2026-11-29')", false],
])('a module may not spread a list: %s', async (code, isFault) => {
  const findings = await found(`export const made = (list: number[], other: number[]) => [${code}, list, other]\n`)
  expect([findings.includes('no-long-spread'), findings.includes('vigie')]).toEqual([isFault, isFault])
})

test.each([
  ['lambdas/domain/core/module.ts', '../page/page.ts', true],
  ['lambdas/domain/page/module.ts', '../core/period.ts', false],
  ['lambdas/usecases/ingest/module.ts', '../services.ts', false],
  ['lambdas/store/module.ts', '../archive/archive.ts', true],
  ['lambdas/api.ts', './keys/signer.local.ts', true],
  ['bin/cli/commands/module.ts', '../../../lambdas/api.ts', true],
  ['lib/module.ts', '../lambdas/store/table/table.ts', true],
  ['lambdas/usecases/reports/module.ts', '../../web/site.ts', true],
])('an import by %s of %s is a fault: %s', async (name, imported, isFault) => {
  const findings = await found(`import type { One } from '${imported}'\nexport type Made = One\n`, name)
  expect(findings.includes('vigie(imports)')).toBe(isFault)
})

test('no folder of lambdas/ has more than fifteen files', async () => {
  const all = await readdir(join(root, 'lambdas'), { recursive: true, withFileTypes: true })
  const counts = Map.groupBy(
    all.filter((one) => one.isFile()),
    ({ parentPath }) => parentPath,
  )
  expect([...counts].flatMap(([folder, files]) => (files.length > 15 ? [folder] : []))).toEqual([])
})
