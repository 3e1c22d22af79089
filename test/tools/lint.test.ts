import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder } from '../support/cli.ts'

let here: Awaited<ReturnType<typeof newFolder>>
beforeAll(async () => {
  here = await newFolder()
})
afterAll(() => here.remove())

/** What `npm run check` finds in a module. */
const found = async (code: string): Promise<string> => {
  const file = join(here.folder, 'module.ts')
  await writeFile(file, code)
  const run = promisify(execFile)('npx', ['oxlint', '--config', 'oxlint.config.ts', file])
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
