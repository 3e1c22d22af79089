/** The example of a systemd unit: systemd finds no fault in it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newFolder } from '../support/cli.ts'

const isThere = spawnSync('systemd-analyze', ['--version']).error === undefined

test.skipIf(!isThere)('docs/examples/vigie.service is a unit (skipped where systemd-analyze is absent)', async () => {
  const { folder, remove } = await newFolder()
  try {
    const file = join(folder, 'vigie.service')
    const unit = readFileSync(new URL('../../docs/examples/vigie.service', import.meta.url), 'utf8')
    writeFileSync(file, unit.replace('/opt/vigie/node_modules/.bin/node', '/bin/true'))
    expect(execFileSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })).toBe('')
  } finally {
    await remove()
  }
})
