/** What the command line prints of hostile values: no sequence that a terminal obeys, no line that nobody wrote. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSigner } from '../../lambdas/keys/signer.local.ts'
import { jsonOf, ndjson, newFolder, type Ran, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { corpus } from './corpus.ts'
import { checkShown, linesOf } from './shown.ts'

let folder: string
let remove: () => Promise<void>
let ingested: Ran
let home: readonly string[]

beforeAll(async () => {
  const made = await newFolder()
  ;({ folder, remove } = made)
  home = ['--home', join(folder, 'home')]
  const records = [
    ...corpus.map(({ value }, at) => ({ ...input(), id: value, title: at % 2 === 0 ? 'x' : value, kind: 'none' })),
    // Two that are taken in, and wait for a place.
    ...['a title\nof two lines', `turned ${String.fromCodePoint(0x202e)}round`].map((title, at) =>
      input({ id: `unplaced-${at}`, title, territories: [] }),
    ),
  ]
  await writeFile(join(folder, 'hostile.ndjson'), ndjson(...records))
  ingested = await vigie([...home, 'ingest', join(folder, 'hostile.ndjson')])
})
afterAll(() => remove())

describe('a terminal', () => {
  test('is told of each reject in one line, whatever it is called', () => {
    expect(ingested.code).toBe(1)
    checkShown(ingested)
    const [summary, batch, ...rejects] = linesOf(ingested.stdout)
    expect(summary).toBe(
      `${corpus.length + 2} records read: 0 accepted, 0 revised, 0 duplicates, 2 unplaced, ${corpus.length} rejected`,
    )
    expect(batch).toMatch(/^ {2}batch [\d-]+[0-9a-f]{8}$/)
    expect(rejects).toHaveLength(corpus.length)
    expect(rejects.every((line) => line.startsWith('  rejected: '))).toBe(true)
  })

  test('lists rejects, and what waits for a place, a line each', async () => {
    const rejects = await vigie([...home, 'rejects', 'list'])
    checkShown(rejects)
    expect(linesOf(rejects.stdout)).toHaveLength(1 + corpus.length)
    const unplaced = await vigie([...home, 'unplaced', 'list'])
    checkShown(unplaced)
    expect(linesOf(unplaced.stdout)).toEqual([
      expect.stringMatching(/^Id +From +Title/),
      expect.stringMatching(/ {2}a title\\u000aof two lines$/),
      expect.stringMatching(/ {2}turned \\u202eround$/),
    ])
  })

  test('gives machines what was written, in JSON that shows no sign of it', async () => {
    const exported = await vigie([...home, 'rejects', 'list', '--json'])
    checkShown(exported)
    const ids = jsonOf<{ id: string }[]>(exported).map(({ id }) => id)
    for (const { value } of corpus.filter(({ kind }) => kind === 'control characters')) expect(ids).toContain(value)
    const again = await vigie([...home, 'rejects', 'export'])
    checkShown(again)
    for (const line of linesOf(again.stdout)) expect(JSON.parse(line)).toHaveProperty('raw')
  })

  test('has a key, which is of several lines, as it is', async () => {
    await openSigner(join(folder, 'home')).sign(Buffer.from('a manifest'))
    const ran = await vigie([...home, 'archive', 'key'])
    expect(ran.stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+\n-----END PUBLIC KEY-----\n$/)
  })

  test('is told of an error without it', async () => {
    const { value: sequence } = corpus.find(({ name }) => name === 'clipboard') ?? { value: '' }
    const ran = await vigie([...home, 'unplaced', 'place', `x${sequence}`, 'NC', '--by', 'me'])
    expect(ran.code).toBe(1)
    checkShown(ran)
    expect(ran.stderr).toContain('\\u001b]52;')
  })
})
