/**
 * Every command on a stage, under the policies that the stack makes for people: the operator's lets them all through,
 * the reader's only those that list and verify reports.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recipientId } from '../../../lambdas/store/delivery/recipients.ts'
import { expiringPartitions } from '../../../lambdas/store/table/keys.ts'
import { region } from '../../support/aws.ts'
import { newFolder, vigie, vigieJson, writeNdjson } from '../../support/cli.ts'
import { now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { sharedTemplate } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  stack = await startStack(await sharedTemplate({ mail: { from: 'vigie@example.org' } }))
})
afterAll(async () => {
  await stack.close()
  await remove()
})

const options = () => ({ env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') }, cwd: folder })
const onStage = (...words: readonly string[]) => [...words, '--stage', 'test']
const operator = <Value>(...words: readonly string[]) => vigieJson<Value>(onStage(...words), options())
/** A command that ends with 1, since something is left to do. */
const unfinished = async (...words: readonly string[]) =>
  expect((await vigie(onStage(...words), options())).code, words.join(' ')).toBe(1)
const file = (name: string, ...records: readonly Readonly<Record<string, unknown>>[]) =>
  writeNdjson(join(folder, name), ...records)

/** More than one item of the table holds. */
const many = Array.from({ length: 3_000 }, (_, number) => `${number}-${'é'.repeat(8)}`)

test('an operator ingests records, and decides on what waits', async () => {
  await operator('ingest', await file('first.ndjson', input({ id: 'of-another' })))
  const mixed = await file(
    'mixed.ndjson',
    input({ id: 'a', hashtags: ['#one'], observed: { from: '2024-05-14', to: '2024-05-16' } }),
    input({ id: 'nowhere', territories: [] }),
    input({ id: 'long', accountRefs: many, counts: { accounts: many.length } }),
    input({ id: 'of-another', detector: 'another' }),
    input({ id: 'false-alarm' }),
    { ...input({ id: 'bad' }), title: 7 },
    { source: 'D3lta', ran: '2024-05-14T06:00:00Z', found: 0 },
  )
  await unfinished('ingest', mixed)
  await unfinished('ingest', mixed)
  await unfinished('rejects', 'retry')
  await operator('inbox', 'list')
  await operator('inbox', 'accept', 'of-another', '--as-new', '--by', 'An operator')
  await operator('inbox', 'fix', 'nowhere', '--territory', 'NC', '--by', 'An operator')
  await operator('withdraw', 'false-alarm', '--reason', 'a false alarm')
  await operator('sources', 'list')
  await operator('sources', 'mark', 'D3lta', '--marking', 'TLP:GREEN')
  const accounts = join(folder, 'accounts.csv')
  await writeFile(accounts, 'account\n@somebody\n')
  await operator('ingest', '--format', 'accounts', accounts, '--set', 's')
})

test('an operator checks a file, corrects its detection, drops a reject, and undoes the batch', async () => {
  const taken = await file('taken.ndjson', input({ id: 'taken' }), { ...input({ id: 'bad-2' }), title: 7 })
  await unfinished('ingest', '--check', taken)
  await unfinished('ingest', taken)
  await operator('inbox', 'refuse', '--kind', 'reject', '--by', 'An operator', '--reason', 'no detection')
  await operator('correct', 'taken', '--set', 'counts.posts=7', '--by', 'An operator', '--reason', 'counted again')
  const [{ name } = { name: '' }] = await operator<readonly { readonly name: string }[]>('ingest', 'list')
  await operator('ingest', 'undo', name)
})

test('an operator finds copies in posts, and signs them', async () => {
  const posts = Array.from({ length: 6 }, (_, at) => ({
    id: `${at}`,
    account: `account_${at}`,
    time: 1_715_736_060 + at,
    text: 'The same words of a made-up text by everybody',
  }))
  await operator('detect', await file('posts.ndjson', ...posts), '--territory', 'NC')
  const [found] = await operator<readonly { readonly key: string }[]>('inbox', 'list', '--kind', 'candidate')
  await operator('inbox', 'show', found?.key ?? '')
  await operator('inbox', 'accept', found?.key ?? '', '--by', 'An operator')
})

test('an operator pauses a scheduled report, and resumes it', async () => {
  const words = ['MQ', '--cadence', 'week', '--by', 'An operator', '--reason', 'no reader wants it']
  expect(await operator('schedules', 'pause', ...words)).toMatchObject([{ subject: 'MQ', state: 'paused' }])
  expect(await operator('schedules', 'list', '--paused')).toMatchObject([{ subject: 'MQ', cadence: 'week' }])
  expect(await operator('schedules', 'resume', ...words)).toMatchObject([{ subject: 'MQ', state: 'made' }])
})

test('an operator makes reports, has them mailed, and manages the list of recipients', async () => {
  await operator('recipients', 'add', 'prefet@example.org', '--territory', 'NC', '--ask')
  await operator('recipients', 'update', 'prefet@example.org', '--clearance', 'AMBER')
  await writeFile(join(folder, 'note.md'), 'Un mot')
  const note = ['--author', 'A', '--role', 'analyst', '--lang', 'fr', '--file', 'note.md']
  await operator('note', 'add', 'NC', '2024-W20', ...note)
  const report = async (...words: readonly string[]) =>
    (await operator<{ readonly delivered: { readonly line: string; readonly readers: number } }>(...words)).delivered
  // It has not confirmed yet.
  expect(await report('report', 'NC', '2024-W20', '--deliver')).toEqual({
    line: 'NC/2024-W20/amber/v0001: no recipient gets the AMBER edition of NC by week; nor another one: see vigie recipients list',
    readers: 0,
  })
  await operator('recipients', 'add', 'maire@example.org', '--territory', 'NC', '--clearance', 'GREEN')
  expect((await report('report', 'NC', '2024-W20', '--deliver')).line).toBe(
    'NC/2024-W20/amber/v0001: no recipient gets the AMBER edition of NC by week; 1 gets GREEN: --cap GREEN',
  )
  expect(await report('report', 'NC', '2024-W20', '--deliver', '--cap', 'GREEN')).toEqual({
    line: "NC/2024-W20/green/v0001: handed to the stage's delivery, for 1 recipient; no reader is mailed the same version twice",
    readers: 1,
  })
  await operator('withdraw', 'a', '--reason', 'a false alarm')
  await operator('report', 'NC', '2024-W20')
  await operator('report', 'NC', now().toISOString().slice(0, 7), '--cap', 'RED')
  const recipient = recipientId('prefet@example.org')
  const delivery = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, recipient } as const
  await stack.stores.deliveries.create({
    ...{ ...delivery, state: 'UNKNOWN', turn: 1, attempts: 1, at: '2024-05-20T00:00:00.000Z' },
  })
  const [listed] = await operator<readonly { readonly id: string }[]>('deliveries', 'list')
  await operator('deliveries', 'show', listed?.id ?? '')
  await operator('deliveries', 'resend', listed?.id ?? '', '--confirm')
  await operator('archive', 'recall', 'NC', '2024-W20', '1', '--reason', 'a false alarm')
  await operator('archive', 'list')
  await operator('archive', 'reindex')
  await operator('recipients', 'remove', 'prefet@example.org')
})

test('an operator forgets an account and what has expired', async () => {
  await operator('forget', '@somebody')
  await operator('forget', '--noted')
  for (const pattern of expiringPartitions) {
    await stack.stored.put({ pk: pattern.replace('*', 'over'), sk: 'x', expiresAt: 1 })
  }
  expect(await operator('forget', '--expired')).toMatchObject({ expired: expiringPartitions.length })
})

const s3As = (env: Readonly<Record<string, string>>) =>
  new S3Client({
    region,
    endpoint: stack.services.endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: 'test' },
  })

test('a detector drops files and reads their results, as an operator does, and nothing else', async () => {
  const Bucket = stack.outputs.DropBucket
  await stack.s3.send(new PutObjectCommand({ Bucket, Key: 'results/one.csv.json', Body: '{}' }))
  for (const env of [stack.dropperEnv, stack.env]) {
    const s3 = s3As(env)
    for (const Key of ['drop/one.csv', 'posts/kanaky/2024-05-15/one.csv']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    }
    expect((await s3.send(new GetObjectCommand({ Bucket, Key: 'results/one.csv.json' }))).ContentLength).toBe(2)
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'results/none.json' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    })
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'drop/one.csv' }))).rejects.toThrow('not authorized')
    s3.destroy()
  }
  expect(stack.denied.splice(0)).toHaveLength(2)
})

test('a reader lists reports and verifies them, and does nothing else', async () => {
  const home = join(folder, 'reader')
  const asReader = { env: { ...stack.readerEnv, VIGIE_HOME: home } }
  expect(await vigieJson(onStage('archive', 'list'), asReader)).not.toEqual([])
  expect(await vigieJson(onStage('archive', 'verify'), asReader)).toMatchObject({ problems: [] })
  expect((await vigie(onStage('archive', 'key'), asReader)).stdout).toContain('PUBLIC KEY')
  for (const words of [
    ['recipients', 'list'],
    ['withdraw', 'a', '--reason', 'none'],
    ['deliveries', 'list'],
  ]) {
    const ran = await vigie(onStage(...words), asReader)
    expect([words, ran.code, ran.stderr]).toEqual([words, 1, expect.stringContaining('not authorized')])
  }
  expect(stack.denied.splice(0)).toHaveLength(3)
})
