import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import lock from '../../package-lock.json' with { type: 'json' }
import { type Locked, secretlint, strangeLicences } from '../../tools/supply.ts'
import { newFolder } from '../support/cli.ts'

test('every runtime package has a licence that we accept', () => {
  expect(strangeLicences(lock.packages as Readonly<Record<string, Locked>>)).toEqual([])
})

test('runtime packages with copyleft, no or an unknown licence are found', () => {
  const version = '1.0.0'
  expect(
    strangeLicences({
      '': { version },
      'node_modules/free': { version, license: 'MIT' },
      'node_modules/either': { version, license: '(MIT OR GPL-3.0-only)' },
      'node_modules/both': { version, license: 'MIT AND GPL-3.0-only' },
      'node_modules/a/node_modules/@b/copyleft': { version, license: 'AGPL-3.0-only' },
      'node_modules/none': { version },
      'node_modules/words': { version, license: 'SEE LICENSE IN LICENSE.txt' },
      'node_modules/builder': { version, license: 'GPL-3.0-only', dev: true },
    }),
  ).toEqual([
    'both 1.0.0: MIT AND GPL-3.0-only',
    '@b/copyleft 1.0.0: AGPL-3.0-only',
    'none 1.0.0: no licence',
    'words 1.0.0: SEE LICENSE IN LICENSE.txt',
  ])
})

test('a secret in a file is found, but not printed', async (context) => {
  context.skip(!existsSync(secretlint[0]), 'secretlint is not installed: npm run check:supply')
  const { folder, remove } = await newFolder()
  const secret = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`
  writeFileSync(join(folder, 'planted.ts'), `const token = '${secret}'\n`)
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const words = [...secretlint, join(folder, 'planted.ts'), '--maskSecrets']
  const { status, stdout } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
  await remove()
  expect(status).toBe(1)
  expect(stdout).toContain('planted.ts')
  expect(stdout).not.toContain(secret)
})
