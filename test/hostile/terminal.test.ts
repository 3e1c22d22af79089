/** The command line prints hostile values without terminal sequences or forged lines. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSigner } from '../../lambdas/keys/signer.local.ts'
import { jsonOf, newFolder, type Ran, vigie, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { corpus } from './corpus.ts'
import { checkShown, linesOf } from './shown.ts'

let folder: string
let remove: () => Promise<void>
let ingested: Ran
const run = async (...words: readonly string[]) => {
  const ran = await vigie(['--home', join(folder, 'home'), ...words])
  checkShown(ran)
  return ran
}

beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  const records = [
    ...corpus.map(({ value }, at) => ({ ...input(), id: value, title: at % 2 === 0 ? 'x' : value, kind: 'none' })),
    ...['a title\nof two lines', `turned ${String.fromCodePoint(0x202e)}round`].map((title, at) =>
      input({ id: `unplaced-${at}`, title, territories: [] }),
    ),
  ]
  ingested = await run('ingest', await writeNdjson(join(folder, 'hostile.ndjson'), ...records))
})
afterAll(() => remove())

test('ingest prints each reject in one line', () => {
  expect(ingested.code).toBe(1)
  const [summary, batch, ...rejects] = linesOf(ingested.stdout)
  expect(summary).toBe(
    `${corpus.length + 2} records read: 0 accepted, 0 revised, 0 duplicates, 2 unplaced, ${corpus.length} rejected`,
  )
  expect(batch).toMatch(/^ {2}batch [\d-]+[0-9a-f]{8}$/)
  const counts = rejects.map((line) =>
    Number(/^… and (\d+) more like these$/.exec(line)?.[1] ?? /^ {2}rejected: /.test(line)),
  )
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(corpus.length)
  expect(counts).not.toContain(0)
})

test('the lists print each reject and unplaced detection in one line', async () => {
  expect(linesOf((await run('inbox', 'list', '--kind', 'reject')).stdout)).toHaveLength(1 + corpus.length)
  expect(linesOf((await run('inbox', 'list', '--kind', 'unplaced')).stdout)).toEqual([
    expect.stringMatching(/^Key +Kind +Since +Title/),
    expect.stringMatching(/ {2}a title\\u000aof two lines, /),
    expect.stringMatching(/ {2}turned round, /),
  ])
})

test('JSON has the values escaped', async () => {
  const ids = jsonOf<{ id: string }[]>(await run('rejects', 'export', '--json')).map(({ id }) => id)
  for (const { value } of corpus.filter(({ kind }) => kind === 'control characters')) expect(ids).toContain(value)
  for (const line of linesOf((await run('rejects', 'export')).stdout)) expect(JSON.parse(line)).toHaveProperty('raw')
})

test('an error quotes a value escaped, and a key keeps its lines', async () => {
  const { value: sequence } = corpus.find(({ name }) => name === 'clipboard') ?? { value: '' }
  const failed = await run('inbox', 'fix', `x${sequence}`, '--territory', 'NC', '--by', 'me')
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('\\u001b]52;')])
  await openSigner(join(folder, 'home')).sign(Buffer.from('a manifest'))
  const key = await run('archive', 'key')
  expect(key.stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+\n-----END PUBLIC KEY-----\n$/)
})
