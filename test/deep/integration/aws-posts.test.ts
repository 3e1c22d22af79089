/** Dropped posts on the stack: looked at once a day by the bundle that would be deployed, under its own rights. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { region } from '../../support/aws.ts'
import { now } from '../../support/clock.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let dropper: S3Client
beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = stack.dropperEnv
  const endpoint = stack.services.endpoint
  dropper = new S3Client({ region, endpoint, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
})
afterAll(async () => {
  dropper.destroy()
  await stack.close()
})

const drop = (key: string, body: string) =>
  dropper.send(new PutObjectCommand({ Bucket: stack.outputs.DropBucket, Key: key, Body: body }))
const due = async (day: string) => (await stack.instance('PostsDetect')).invoke({ scheduledAt: `${day}T00:10:00Z` })
const resultOf = (key: string) => stack.result(`posts/${key}`)
const candidates = () => Array.fromAsync(stack.stores.candidates.all())

/** Six copies a day. */
const copies = (day: string) =>
  [
    'id,Qui,time,text',
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

test('posts of the last days become candidates of their query, the run is recorded, and no other function gets them', async () => {
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
  // A run without candidates counts as watching; a candidate waits for an analyst.
  const sources = await stack.stores.sources.asOf(now().toISOString(), '2024-01-01T00:00:00.000Z')
  expect(sources.map(({ name, inputs }) => [name, inputs.map(({ at, found }) => [at, found])])).toEqual([
    ['Vigie: quiet', [['2024-05-15T00:00:05.000Z', 0]]],
  ])
  expect(JSON.stringify(await Array.fromAsync(stack.stored.scan()))).not.toMatch(/somebody_/i)
  expect(await stack.waiting(stack.queue('DropsQueue'))).toBe(0)
})

test('the next day overlaps: a continuing candidate is revised, and a run that is called twice does its work once', async () => {
  await drop('posts/kanaky/2024-05-15/b.csv', copies('2024-05-15'))
  expect(await due('2024-05-16')).toMatchObject({ value: null })
  expect(await candidates()).toMatchObject([{ revision: 2, detection: { counts: { posts: { value: 12 } } } }])
  const before = await resultOf('kanaky/2024-05-16T001000Z')
  expect(before).toMatchObject({ files: 2, kept: { revised: 1 } })
  await drop('posts/kanaky/2024-05-15/c.csv', copies('2024-05-15'))
  expect(await due('2024-05-16')).toMatchObject({ value: null })
  expect(await resultOf('kanaky/2024-05-16T001000Z')).toEqual(before)
})

test('what cannot be read stops its own query alone, and is reported each time until it is corrected', async () => {
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
