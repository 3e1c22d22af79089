/** `vigie history`: what was added, placed, corrected, withdrawn, dropped and undone, by whom, when and why. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Done } from '../../lambdas/usecases/todo/history.ts'
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
    ['nothing undone', 'Paul', ''],
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
  // What brought nothing new says so.
  await vigie(['--home', home, 'ingest', '-'], { stdin: ndjson({ id: 'broken too' } as never) })
  expect((await history('--limit', '1')).map(({ did }) => did)).toEqual(['added nothing'])
  expect((await run('history')).stdout).toMatch(/corrected counts\.posts +one +counted again/)
})

test('acts by command on recipients and sources are told, with who and why', async () => {
  const why = ['--by', 'Claire', '--reason', 'asked by letter']
  await run('recipients', 'add', 'prefet@example.org', '--territory', 'NC', ...why)
  await run('recipients', 'update', 'prefet@example.org', '--language', 'en', ...why)
  // What says the same changes nothing.
  await run('recipients', 'update', 'prefet@example.org', '--language', 'en', '--edition', 'each', '--by', 'Nobody')
  await run('recipients', 'remove', 'prefet@example.org')
  await run('recipients', 'update', 'prefet@example.org', '--active', ...why)
  await run('sources', 'mark', 'D3lta', '--marking', 'AMBER', '--territory', 'NC', ...why)
  const list = 'address;territories\nother@example.org;PF\n'
  await vigie(['--home', home, 'recipients', 'import', '-', ...why], { stdin: list })
  const { stdout } = await vigie(['--home', home, 'history', '--limit', '6'])
  expect(stdout.match(/prefet@example\.org|other@example\.org/g)).toHaveLength(5)
  const done = await history('--limit', '6')
  expect(done.map(({ did, by, of, what = [], reason = '' }) => [did, of, what.join(), by, reason])).toEqual([
    ['added', 'recipient', '', 'Claire', 'asked by letter'],
    ['changed', 'source', 'TLP:AMBER,NC', 'Claire', 'asked by letter'],
    ['resumed', 'recipient', '', 'Claire', 'asked by letter'],
    ['paused', 'recipient', '', 'this machine', ''],
    ['changed', 'recipient', 'language', 'Claire', 'asked by letter'],
    ['added', 'recipient', '', 'Claire', 'asked by letter'],
  ])
})

test('explain names who did what, of every revision that no intake brought', async () => {
  const send = (posts: number) =>
    vigie(['--home', home, 'ingest', '-'], { stdin: ndjson(input({ id: 'told', territories: [], counts: { posts } })) })
  const taken = await send(10)
  await run('unplaced', 'place', 'told', 'MQ', '--by', 'Claire', '--reason', 'it names Fort-de-France')
  await run('correct', 'told', '--set', 'counts.posts=12', '--by', 'Ana', '--reason', 'counted again')
  await send(20)
  await run('contested', 'accept', 'told', '--by', 'Carl', '--reason', 'the detector is right')
  const told = async () => (await run('explain', 'told')).stdout.replace(/\s+/g, ' ')
  const said = await told()
  expect(said).toMatch(/2 \S+ placed, by Claire \(it names Fort-de-France\)/)
  expect(said).toMatch(/3 \S+ changed counts\.posts batch \S+ \(correction of told, by Ana\)/)
  expect(said).toMatch(/4 \S+ accepted, by Carl \(the detector is right\)/)
  expect(said).not.toMatch(/correction of told, by this machine/)
  const batch =
    /batch (\S+)/.exec(
      (await vigie(['--home', home, 'ingest', '-'], { stdin: ndjson(input({ id: 'gone' })) })).stdout,
    )?.[1] ?? ''
  expect(taken.stdout).toContain('batch')
  await run('ingest', 'undo', batch, '--by', 'Paul', '--reason', 'the wrong file')
  expect((await run('explain', 'gone')).stdout.replace(/\s+/g, ' ')).toMatch(
    new RegExp(`2 \\S+ undone with the intake ${batch}, by Paul \\(the wrong file\\)`),
  )
  expect((await history('--limit', '1'))[0]).toMatchObject({ did: 'undone', reason: 'the wrong file' })
  expect(jsonOf(await vigie(['--home', home, '--json', 'explain', 'told']))).toMatchObject({
    revisions: [
      { revision: 1 },
      { act: { did: 'placed', by: 'Claire' } },
      { batch: { by: 'Ana' } },
      { act: { did: 'accepted' } },
    ],
  })
})

test('a record that is refused and brought something beside is told so', async () => {
  const sent = (counts: object) => ({ stdin: ndjson(input({ id: 'beside', counts })) })
  await vigie(['--home', home, 'ingest', '-'], sent({ posts: 10 }))
  await run('correct', 'beside', '--set', 'counts.posts=12', '--by', 'Ana', '--reason', 'recounted')
  await vigie(['--home', home, 'ingest', '-'], sent({ posts: 20, accounts: 5 }))
  await run('contested', 'refuse', 'beside', '--by', 'Carl', '--reason', 'counted by hand')
  expect((await run('history', '--limit', '3')).stdout).toMatch(/Carl +refused but for counts\.accounts +beside/)
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
