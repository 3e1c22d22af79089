/** `vigie history` and `vigie explain`: actions with who, when and why, as the command line prints them. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import type { Done } from '../../lambdas/usecases/todo/history.ts'
import { ndjson, newFolder, vigie, vigieJson } from '../support/cli.ts'
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
const json = <Value>(...words: readonly string[]) => vigieJson<Value>(['--home', home, ...words])
const ingest = (...records: readonly Partial<DetectionInput>[]) =>
  vigie(['--home', home, 'ingest', '-'], { stdin: ndjson(...records) })

test('history lists actions and batches, the newest first', async () => {
  await ingest(input({ id: 'one' }), input({ id: 'two', territories: [] }), { id: 'broken' })
  const [batch] = await json<readonly { readonly name: string }[]>('ingest', 'list')
  await run('inbox', 'fix', 'two', '--territory', 'MQ', '--by', 'Claire')
  await run('correct', 'one', '--set', 'counts.posts=77', '--by', 'Claire', '--reason', 'counted again')
  await run('withdraw', 'one', '--reason', 'a false alarm', '--by', 'Paul')
  await run('inbox', 'refuse', '--kind', 'reject', '--reason', 'no detection')
  await run('ingest', 'undo', batch?.name ?? '', '--by', 'Paul')
  const done = await json<readonly Done[]>('history')
  expect(done.map(({ did, by, reason = '' }) => [did, by, reason])).toEqual([
    ['nothing undone', 'Paul', ''],
    // Without --by: the name given last.
    ['dropped', 'Paul', 'no detection'],
    ['withdrawn', 'Paul', 'a false alarm'],
    ['corrected', 'Claire', 'counted again'],
    ['placed', 'Claire', ''],
    ['added', 'this machine', ''],
  ])
  const instants = done.map(({ at }) => at)
  expect(instants).toEqual(instants.toSorted().reverse())
  expect(await json('history', '--limit', '2')).toEqual(done.slice(0, 2))
  expect((await run('history', '--limit', '0')).code).toBe(2)
  expect((await run('history')).stdout).toMatch(/corrected counts\.posts +one +counted again/)
  await ingest({ id: 'broken too' })
  expect(await json('history', '--limit', '1')).toMatchObject([{ did: 'added nothing' }])
})

test('history has changes of recipients and sources, and none that changed nothing', async () => {
  const why = ['--by', 'Claire', '--reason', 'asked by letter']
  const update = ['recipients', 'update', 'prefet@example.org', '--language', 'en']
  await run('recipients', 'add', 'prefet@example.org', '--territory', 'NC', ...why)
  await run(...update, ...why)
  await run(...update, '--edition', 'each', '--by', 'Paul')
  await run('recipients', 'remove', 'prefet@example.org')
  await run('sources', 'mark', 'D3lta', '--marking', 'AMBER', '--territory', 'NC', ...why)
  const list = 'address;territories\nother@example.org;PF\n'
  await vigie(['--home', home, 'recipients', 'import', '-', ...why], { stdin: list })
  const done = await json<readonly Done[]>('history', '--limit', '5')
  expect(done.map(({ did, by, of, what = [], reason = '' }) => [did, of, what.join(), by, reason])).toEqual([
    ['added', 'recipient', '', 'Claire', 'asked by letter'],
    ['changed', 'source', 'TLP:AMBER,NC', 'Claire', 'asked by letter'],
    ['paused', 'recipient', '', 'Paul', ''],
    ['changed', 'recipient', 'language', 'Claire', 'asked by letter'],
    ['added', 'recipient', '', 'Claire', 'asked by letter'],
  ])
  expect((await run('history', '--limit', '5')).stdout.match(/(prefet|other)@example\.org/g)).toHaveLength(4)
})

test('explain names who placed, corrected and accepted each revision', async () => {
  const send = (posts: number) => ingest(input({ id: 'revised', territories: [], counts: { posts } }))
  await send(10)
  await run('inbox', 'fix', 'revised', '--territory', 'MQ', '--by', 'Claire', '--reason', 'it names Fort-de-France')
  await run('correct', 'revised', '--set', 'counts.posts=12', '--by', 'Ana', '--reason', 'counted again')
  await send(20)
  await run('inbox', 'accept', 'revised', '--by', 'Carl', '--reason', 'the detector is right')
  const explained = (await run('explain', 'revised')).stdout.replace(/\s+/g, ' ')
  expect(explained).toMatch(/2 \S+ placed, by Claire \(it names Fort-de-France\)/)
  expect(explained).toMatch(/3 \S+ changed counts\.posts batch \S+ \(correction of revised, by Ana\)/)
  expect(explained).toMatch(/4 \S+ accepted, by Carl \(the detector is right\)/)
  expect(explained).not.toMatch(/correction of revised, by this machine/)
})

test('history names what a refused record still changed', async () => {
  await ingest(input({ id: 'partly', counts: { posts: 10 } }))
  await run('correct', 'partly', '--set', 'counts.posts=12', '--by', 'Ana', '--reason', 'recounted')
  await ingest(input({ id: 'partly', counts: { posts: 20, accounts: 5 } }))
  await run('inbox', 'refuse', 'partly', '--by', 'Carl', '--reason', 'counted by hand')
  expect((await run('history', '--limit', '3')).stdout).toMatch(/Carl +refused but for counts\.accounts +partly/)
})
