/** Dropped posts on the stack: looked at once a day by the bundle that would be deployed, under its own rights. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { type Stores, storesIn } from '../../../lambdas/usecases/stores.ts'
import { credentials, region } from '../../support/aws.ts'
import { now } from '../../support/clock.ts'
import type { Instance } from '../../support/lambda.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let stores: Stores
let detect: Instance
let dropper: S3Client
beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  stores = storesIn(openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? ''))
  detect = await newInstance(stack, 'PostsDetect')
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = stack.dropperEnv
  const endpoint = stack.services.endpoint
  dropper = new S3Client({ region, endpoint, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
})
afterAll(async () => {
  dropper.destroy()
  await detect.close()
  await stack.close()
})

const Bucket = () => stack.outputs.DropBucket ?? ''
const drop = (key: string, body: string) =>
  dropper.send(new PutObjectCommand({ Bucket: Bucket(), Key: key, Body: body }))
const due = (day: string) => detect.invoke({ scheduledAt: `${day}T00:10:00Z` })
const resultOf = async (key: string) =>
  JSON.parse((await stack.object(Bucket(), `results/posts/${key}.json`)).toString())
const candidates = () => Array.fromAsync(stores.candidates.all())

/** Six copies a day. */
const copies = (day: string, heading = 'Qui') =>
  [
    `id,${heading},time,text`,
    ...Array.from({ length: 6 }, (_, at) =>
      [
        `${day}-${at}`,
        `@Somebody_${at}`,
        `${day}T0${at}:00:07Z`,
        'The same words of a made-up text by everybody',
      ].join(),
    ),
  ].join('\n')

const text = 'Something that only one of them has ever said: '
const quiet = Array.from({ length: 6 }, (_, at) => `${at},a${at},2024-05-15T00:00:0${at}Z,${text}${`${at}`.repeat(40)}`)

test('posts of the last days become candidates of their query, with word of the run, and no other function hears of them', async () => {
  await drop('posts/kanaky/2024-05-14/a.csv', copies('2024-05-14'))
  await drop('posts/kanaky/2024-05-01/long-ago.csv', copies('2024-05-01'))
  await drop('posts/quiet/2024-05-15/a.csv', ['id,account,time,text', ...quiet].join('\n'))
  expect(await due('2024-05-15')).toMatchObject({ value: null })
  expect(await candidates()).toMatchObject([
    {
      state: 'open',
      revision: 1,
      detection: {
        detector: { name: 'Vigie: kanaky (NC)' },
        marking: 'TLP:GREEN',
        territories: [{ code: 'NC' }],
        counts: { posts: { value: 6 } },
      },
    },
  ])
  expect(await resultOf('kanaky/2024-05-15T001000Z')).toMatchObject({
    ...{ query: 'kanaky', files: 1, misplaced: 0, posts: 6, rejected: 0 },
    kept: { new: 1 },
  })
  // What found nothing says so, and what found something waits for a person.
  const sources = await stores.sources.asOf(now().toISOString(), '2024-01-01T00:00:00.000Z')
  expect(sources.map(({ name, inputs }) => [name, inputs.map(({ at, found }) => [at, found])])).toEqual([
    ['Vigie: quiet', [['2024-05-15T00:00:05.000Z', 0]]],
  ])
  const stored = (await Array.fromAsync(openTableScan())).flat()
  expect(JSON.stringify(stored)).not.toMatch(/somebody_/i)
  expect(await stack.waiting(stack.queue('DropsQueue'))).toBe(0)
})

const openTableScan = () =>
  openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? '').scan()

test('the next day overlaps: what went on is a revision, and a run that is called twice does its work once', async () => {
  await drop('posts/kanaky/2024-05-15/b.csv', copies('2024-05-15'))
  expect(await due('2024-05-16')).toMatchObject({ value: null })
  expect(await candidates()).toMatchObject([{ revision: 2, detection: { counts: { posts: { value: 12 } } } }])
  const before = await resultOf('kanaky/2024-05-16T001000Z')
  expect(before).toMatchObject({ files: 2, kept: { revised: 1 } })
  await drop('posts/kanaky/2024-05-15/c.csv', copies('2024-05-15'))
  expect(await due('2024-05-16')).toMatchObject({ value: null })
  expect(await resultOf('kanaky/2024-05-16T001000Z')).toEqual(before)
})

test('what cannot be read stops its own query alone, and is told each time until it is mended', async () => {
  await drop('posts/a-broken/2024-05-17/a.csv', 'no,such\ntable,here')
  await drop('posts/2024-05-17/without-query.csv', copies('2024-05-17'))
  await drop('posts/kanaky/2024-05-17/d.csv', copies('2024-05-17'))
  for (let tries = 0; tries < 2; tries += 1) {
    const called = await due('2024-05-18')
    const message = 'error' in called ? called.error.errorMessage : ''
    expect(message).toContain('a-broken (posts/a-broken/2024-05-17/a.csv has no column account')
    expect(message).toContain('posts/2024-05-17/without-query.csv is in no folder of a day')
    expect(message).not.toContain('kanaky')
  }
  expect(await resultOf('a-broken/2024-05-18T001000Z-failed')).toMatchObject({
    failure: expect.stringContaining('account'),
  })
  expect(await resultOf('kanaky/2024-05-18T001000Z')).toMatchObject({ files: 1 })
})
