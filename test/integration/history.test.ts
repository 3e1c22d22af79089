/** `vigie history`: what was added, placed, corrected, withdrawn, dropped and undone, by whom, when and why. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Done } from '../../lambdas/usecases/history.ts'
import { jsonOf, ndjson, newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'

let home: string
let cleanUp: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  home = join(made.folder, 'home')
  cleanUp = made.remove
})
afterAll(() => cleanUp())

const run = (...words: readonly string[]) => vigie(['--home', home, ...words])
const history = async (...words: readonly string[]) =>
  jsonOf<readonly Done[]>(await vigie(['--home', home, '--json', 'history', ...words]))

test('lists acts of persons and intakes, the newest first, each with who, when and why', async () => {
  const stdin = ndjson(input({ id: 'one' }), input({ id: 'two', territories: [] }), { id: 'broken' } as never)
  await vigie(['--home', home, 'ingest', '-'], { stdin })
  const [rejected] = jsonOf<readonly { readonly rejectId: string }[]>(
    await vigie(['--home', home, '--json', 'rejects', 'list']),
  )
  const [batch] = jsonOf<readonly { readonly name: string }[]>(
    await vigie(['--home', home, '--json', 'ingest', 'list']),
  )
  await run('unplaced', 'place', 'two', 'MQ', '--by', 'Claire')
  await run('correct', 'one', '--set', 'counts.posts=77', '--by', 'Claire', '--reason', 'counted again')
  await run('withdraw', 'one', '--reason', 'a false alarm', '--by', 'Paul')
  await run('rejects', 'drop', rejected?.rejectId ?? '', '--reason', 'no detection')
  await run('ingest', 'undo', batch?.name ?? '', '--by', 'Paul')
  const done = await history()
  expect(done.map(({ did, by, reason = '' }) => [did, by, reason])).toEqual([
    ['undone in part', 'Paul', ''],
    ['dropped', 'this machine', 'no detection'],
    ['withdrawn', 'Paul', 'a false alarm'],
    ['corrected', 'Claire', 'counted again'],
    ['placed', 'Claire', ''],
    ['added', 'this machine', ''],
  ])
  expect(done.map(({ at }) => at)).toEqual(
    done
      .map(({ at }) => at)
      .toSorted()
      .reverse(),
  )
  expect(await history('--limit', '2')).toEqual(done.slice(0, 2))
  expect((await run('history')).stdout).toMatch(/corrected counts\.posts +one +counted again/)
})

test('an undone intake is told, and a limit that is none is wrong usage', async () => {
  await vigie(['--home', home, 'ingest', '-'], { stdin: ndjson(input({ id: 'three' })) })
  const [batch] = jsonOf<readonly { readonly name: string }[]>(
    await vigie(['--home', home, '--json', 'ingest', 'list']),
  )
  await run('ingest', 'undo', batch?.name ?? '', '--by', 'Paul')
  expect((await history())[0]).toMatchObject({ did: 'undone', by: 'Paul', of: 'batch', id: batch?.name })
  expect((await run('history', '--limit', '0')).code).toBe(2)
})
