import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isDeadRun, newRun } from '../../../../bin/cli/home/runs.ts'

test('a run of this machine is dead once its process is gone', async () => {
  const own = newRun()
  expect(isDeadRun(own)).toBe(false)
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  const gone = own.replace(/^\d+/, String(child.pid))
  expect(isDeadRun(gone)).toBe(true)
  expect(isDeadRun(gone.replace(/-[0-9a-f]{8}-/, '-00000000-'))).toBe(false)
  // A name of an earlier version.
  expect(isDeadRun(`${child.pid}-0123abcd`)).toBe(false)
})
