/** What is copied from a list into the next command stands whole in one line, however narrow the terminal is. */
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { correctDetection } from '../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { openRoom, type Room } from '../support/room.ts'
import { ingestInto } from '../support/services.ts'

let room: Room
let home: string
beforeAll(async () => {
  room = await openRoom()
  const { services } = room.opened
  home = dirname(room.outbox)
  const long = `an-id-that-is-as-long-as-detectors-make-them-${'0123456789'.repeat(6)}`
  const of = (id: string, more = {}) =>
    input({
      id,
      detector: 'One',
      title: { fr: 'Un titre qui est assez long pour deux lignes' },
      territories: ['NC'],
      ...more,
    })
  await ingestInto(room.opened, [of(long), of('short'), of('nowhere', { territories: [] })])
  await ingestInto(room.opened, [
    { ...of(long), detector: 'Another', counts: { posts: 7 }, indicators: [{ type: 'domain', value: 'example.org' }] },
    { id: 'not-read-at-all-because-it-has-no-date', title: { fr: 'x' } } as never,
  ])
  const by = { by: 'Ana Martin', reason: 'counted again by hand' }
  const sender = { name: 'this machine', byOperator: true, ...by }
  const asked = { id: 'short', cells: { campaign: 'A' }, ...by, sender, pseudonym: (account: string) => account }
  await correctDetection(asked, services)
})
afterAll(() => room.close())

/** Each list, and where its answer has what is copied. */
const lists: Readonly<Record<string, readonly string[]>> = {
  'ingest list': ['name'],
  'contested list': ['id', 'batch'],
  'unplaced list': ['id'],
  'rejects list': ['rejectId'],
  'deliveries list': ['id', 'address'],
  'recipients list': ['id', 'address'],
  'archive list': ['id', 'manifest'],
  'detections list --from 2024-05-01 --to 2024-05-31': ['id'],
  'detections search titre --from 2024-05-01 --to 2024-05-31': ['id'],
  'sources list': ['name'],
  'schedules list': ['subject'],
  history: ['id'],
}

const found = (value: unknown, fields: readonly string[]): readonly string[] =>
  Array.isArray(value)
    ? value.flatMap((one) => found(one, fields))
    : typeof value === 'object' && value !== null
      ? fields.flatMap((field) => {
          const own = (value as Readonly<Record<string, unknown>>)[field]
          return typeof own === 'string' ? [own] : []
        })
      : []

test.each(Object.entries(lists))('vigie %s', async (words, fields) => {
  const args = [...words.split(' '), '--home', home]
  const { stdout: json } = await vigie([...args, '--json'])
  const answer = JSON.parse(json) as { detections?: unknown } | readonly unknown[]
  const copied = found('detections' in answer ? answer.detections : answer, fields)
  expect(copied.length).toBeGreaterThan(0)
  const { stdout } = await vigie(args, { env: { COLUMNS: '80' } })
  const lines = stdout.split('\n')
  expect(copied.filter((one) => !lines.some((line) => line.includes(one)))).toEqual([])
})

test('what waits says its values in words, and no JSON', async () => {
  const { stdout } = await vigie(['contested', 'list', '--home', home], { env: { COLUMNS: '80' } })
  expect(stdout).toContain('number of posts: ')
  expect(stdout).not.toMatch(/[{}]|counts\.posts/)
})
