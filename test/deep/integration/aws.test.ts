/** The stack end to end, without AWS: stand-ins made from the template, and the very bundles that would be deployed. */
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bundledOrganisation } from '../../../lambdas/config/bundled-organisation.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import { boundsIn, parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { watchedSince } from '../../../lambdas/store/reports/watched.ts'
import { partitions } from '../../../lambdas/store/table/keys.ts'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import { newFolder } from '../../support/cli.ts'
import { now } from '../../support/clock.ts'
import { detection } from '../../support/detections.ts'
import type { Instance, Invoked } from '../../support/lambda.ts'
import {
  type Answered,
  type Asked,
  failing,
  type Interceptor,
  s3Error,
  tableError,
  truncated,
} from '../../support/proxy.ts'
import { openServices } from '../../support/services.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { bundleOf, newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

const story = readFileSync(fileURLToPath(new URL('../../../bin/cli/samples/story.ndjson', import.meta.url)))

let stack: StackHere
let items: DynamoDBDocumentClient
const instances: Instance[] = []
const mends: (() => void)[] = []

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  items = DynamoDBDocumentClient.from(stack.dynamo)
})
afterEach(() => {
  for (const mend of mends.splice(0)) mend()
})
afterAll(async () => {
  for (const one of instances) await one.close()
  await stack.close()
})

const instance = async (id: 'Generate' | 'Ingest' | 'Watchdog', env?: Readonly<Record<string, string>>) => {
  const made = await newInstance(stack, id, env)
  instances.push(made)
  return made
}

const output = (name: string): string => {
  const value = stack.outputs[name]
  if (value === undefined) throw new Error(`the stack has no output ${name}`)
  return value
}
const reports = () => stack.queue('ReportsQueue')
const deadReports = () => stack.queue('ReportsDeadLettersQueue')
const deliveries = () => stack.queue('DeliveriesQueue')
const dropsQueue = () => stack.queue('DropsQueue')
const deadDrops = () => stack.queue('DropsDeadLettersQueue')
const deadLetterQueues = () => [
  'ReportsDeadLetters',
  'DeliveriesDeadLetters',
  'DropsDeadLetters',
  'MailEventsDeadLetters',
  'WatchdogDeadLetters',
  'PostsDeadLetters',
  'PlatesDeadLetters',
  'PlateExpiryDeadLetters',
]

const drop = async (name: string, body: string | Buffer, said: Record<string, string> = {}) => {
  const Bucket = output('DropBucket')
  await stack.s3.send(new PutObjectCommand({ Bucket, Key: `drop/${name}`, Body: body, Metadata: said }))
  const key = encodeURIComponent(`drop/${name}`).replaceAll('%20', '+').replaceAll('%2F', '/')
  await stack.send(dropsQueue(), { Records: [{ s3: { bucket: { name: Bucket }, object: { key } } }] })
}
const resultOf = async (name: string) =>
  JSON.parse((await stack.object(output('DropBucket'), `results/${name}.json`)).toString())

const allItems = async () => {
  const found: Record<string, unknown>[] = []
  for (let next: Record<string, unknown> | undefined, more = true; more; more = next !== undefined) {
    const page = await items.send(new ScanCommand({ TableName: output('TableName'), ExclusiveStartKey: next }))
    found.push(...(page.Items ?? []))
    next = page.LastEvaluatedKey
  }
  return found
}
const versionsOf = async (territory: string, period: string) =>
  (await allItems()).filter(({ pk, period: of }) => pk === `REPORT#${territory}` && of === period)

/** What the stage keeps, as its command line works on it. */
const stageStores = () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const table = openTable({ endpoint: stack.table.endpoint, region: 'local', credentials }, output('TableName'))
  return { table, ...storesIn(table) }
}

const asked = (territory: string, period: string) => ({ kind: 'requested', territory, period })
const bodies = async (url: string) => (await stack.take(url)).map(({ Body = '' }) => JSON.parse(Body))
const wellDone = (invoked: readonly Invoked[]) =>
  expect(invoked).toEqual(invoked.map(() => ({ value: { batchItemFailures: [] }, ms: expect.any(Number) })))

describe('a dropped file', () => {
  let ingest: Instance
  beforeAll(async () => {
    ingest = await instance('Ingest')
  })

  test('is taken in, with word of what became of it beside it', async () => {
    await drop('the story é.ndjson', story)
    wellDone(await stack.pump(dropsQueue(), [ingest]))
    const tally = { read: 10, accepted: 10, revised: 0, duplicates: 0, unplaced: 0, runs: 0, rejected: 0, rejects: [] }
    expect(await resultOf('the story é.ndjson')).toMatchObject({ file: 'drop/the story é.ndjson', ...tally })
  })

  test('counts objects that no detection uses by their type, whatever it is called', async () => {
    const at = '2024-05-15T00:00:00.000Z'
    const id = (type: string) => `${type}--11111111-1111-4111-8111-111111111111`
    const campaign = { type: 'campaign', spec_version: '2.1', id: id('campaign'), created: at, modified: at, name: 'C' }
    const objects = [campaign, { type: 'constructor', id: id('constructor') }]
    await drop('odd.json', JSON.stringify({ type: 'bundle', id: id('bundle'), objects }))
    wellDone(await stack.pump(dropsQueue(), [ingest]))
    expect((await resultOf('odd.json')).unused).toEqual({ constructor: 1 })
  })

  test('is written to partitions that its role may write', async () => {
    const patterns = [...partitions.intake, ...partitions.changes].map(
      (pattern) => new RegExp(`^${pattern.replace('*', '.*')}$`),
    )
    const keys = (await allItems()).map(({ pk }) => String(pk))
    expect(keys.length).toBeGreaterThan(20)
    expect(keys.filter((pk) => !patterns.some((pattern) => pattern.test(pk)))).toEqual([])
  })

  test('that comes twice changes nothing', async () => {
    await drop('again.ndjson', story)
    wellDone(await stack.pump(dropsQueue(), [ingest]))
    expect(await resultOf('again.ndjson')).toMatchObject({ read: 10, accepted: 0, duplicates: 10 })
  })

  test('is read as its metadata says, and names of accounts get pseudonyms', async () => {
    await drop('accounts.csv', 'account\n@one_account\n@another\n', { format: 'accounts', set: 'set-1' })
    wellDone(await stack.pump(dropsQueue(), [ingest]))
    expect(await resultOf('accounts.csv')).toMatchObject({ read: 1, accepted: 1 })
    expect(JSON.stringify(await allItems())).not.toContain('one_account')
  })

  test.each([
    ['of an unknown format', 'what.csv', 'a,b,c\n1,2,3\n', {}, 'no format that Vigie knows'],
    ['with unknown metadata', 'odd.ndjson', '{}', { formt: 'csv' }, 'formt'],
    ['for an unknown place', 'place.ndjson', '{}', { territory: 'Atlantis' }, 'Atlantis'],
  ])('%s is given up with its cause, in its result and among the dead letters', async (_, name, body, said, cause) => {
    await drop(name, body, said)
    wellDone(await stack.pump(dropsQueue(), [ingest]))
    expect((await resultOf(name)).failure).toContain(cause)
    const [letter] = await stack.take(deadDrops())
    expect(letter?.MessageAttributes?.cause?.StringValue).toContain(cause)
  })

  test('whose stream breaks is tried again, and nothing of it counts twice', async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({
      id: `broken-${at}`,
      detector: 'stream test',
      kind: 'copy-paste',
      title: { en: `Burst ${at} ${'x'.repeat(600)}` },
      territories: ['WF'],
      observed: { from: '2024-05-14' },
      counts: { posts: 1 },
    }))
    let cut = 0
    mends.push(
      stack.services.intercept(async (request, through) => {
        const answer = await through(request)
        if (request.method !== 'GET' || !request.url.includes('broken.ndjson') || cut > 0) return answer
        cut += 1
        return truncated(answer)
      }),
      stack.services.intercept(atOnceAgain([])),
    )
    await drop('broken.ndjson', many.map((one) => JSON.stringify(one)).join('\n'))
    const invoked = await stack.pump(dropsQueue(), [ingest])
    expect(invoked).toHaveLength(2)
    const { read, accepted, duplicates, rejected } = await resultOf('broken.ndjson')
    expect({ read, rejected }).toEqual({ read: 1_000, rejected: 0 })
    expect(accepted + duplicates).toBe(1_000)
    expect(duplicates).toBeGreaterThan(0)
  })

  test('of which the table took a part is tried again, and is no dead letter', async () => {
    const many = Array.from({ length: 300 }, (_, at) => ({
      id: `slow-${at}`,
      detector: 'table test',
      kind: 'copy-paste',
      title: { en: `Burst ${at}` },
      territories: ['WF'],
      observed: { from: '2024-05-14' },
    }))
    let heads = 0
    mends.push(
      stack.table.intercept(async (request, through) => {
        const isHead = String(request.headers['x-amz-target']).endsWith('PutItem') && request.body.includes('slow-')
        if (isHead) heads += 1
        return isHead && heads === 200 ? tableError('ThrottlingException') : through(request)
      }),
      stack.services.intercept(atOnceAgain([])),
    )
    await drop('slow.ndjson', many.map((one) => JSON.stringify(one)).join('\n'))
    const invoked = await stack.pump(dropsQueue(), [await instance('Ingest', { AWS_MAX_ATTEMPTS: '1' })])
    expect(invoked).toHaveLength(2)
    expect(await stack.waiting(deadDrops())).toBe(0)
    const { read, accepted, duplicates } = await resultOf('slow.ndjson')
    expect([read, accepted + duplicates]).toEqual([300, 300])
    expect(accepted).toBeGreaterThan(0)
    expect(duplicates).toBeGreaterThan(0)
  })
})

/** Messages come again at once; how long they should have waited is kept. */
const atOnceAgain =
  (pauses: number[]): Interceptor =>
  async (request, through) => {
    if (request.headers['x-amz-target'] !== 'AmazonSQS.ChangeMessageVisibility') return through(request)
    const said = JSON.parse(request.body.toString())
    pauses.push(said.VisibilityTimeout)
    const body = Buffer.from(JSON.stringify({ ...said, VisibilityTimeout: 0 }))
    return through({ ...request, headers: { ...request.headers, 'content-length': String(body.length) }, body })
  }

describe('the schedules', () => {
  test('are one for each territory and cadence, in its own zone, half past six', () => {
    const found = stack
      .schedules()
      .filter(
        ({ id }) => !/^(Watchdog|SchedulesSynthetic|SchedulesDigests|SchedulesFlashDrafts|Posts|PlateExpiry)/.test(id),
      )
    const expected = [
      ...territories.flatMap(({ code, zone }) => [
        `cron(30 6 ? * MON *) ${zone} ${code} week`,
        `cron(30 6 1 * ? *) ${zone} ${code} month`,
      ]),
      // Monday morning in Tahiti is Monday evening in Paris.
      'cron(30 6 ? * TUE *) Europe/Paris ALL week',
      'cron(30 6 2 * ? *) Europe/Paris ALL month',
    ]
    const said = found.map(({ expression, zone, input }) => {
      const { kind, territory, cadence, scheduledAt } = JSON.parse(input('2024-05-19T19:30:00Z'))
      expect({ kind, scheduledAt }).toEqual({ kind: 'scheduled', scheduledAt: '2024-05-19T19:30:00Z' })
      return `${expression} ${zone} ${territory} ${cadence}`
    })
    expect(said.toSorted()).toEqual(expected.toSorted())
  })

  test('make the reports of the week that was over when they were due, however late they come, and send word of each', async () => {
    const generate = await instance('Generate')
    // Monday, half past six, in each zone: the week before it is told of.
    const due = stack.schedules().filter(({ id }) => id.endsWith('week') || /week[0-9A-F]{8}$/.test(id))
    const weekly = due.filter(({ input }) => JSON.parse(input('')).cadence === 'week')
    expect(weekly).toHaveLength(14)
    for (const { input, queueId } of weekly) {
      const { territory } = JSON.parse(input(''))
      const zone = territories.find(({ code }) => code === territory)?.zone
      const due = zone === undefined ? '2024-05-21T04:30:00Z' : mondayHalfPastSix(zone)
      await stack.send(stack.queue(queueId), input(due))
    }
    wellDone(await stack.pump(reports(), [generate]))
    const made = (await stack.keys(output('ArchiveBucket'))).filter((key) => key.endsWith('/manifest.json'))
    expect(made).toEqual(
      ['ALL', ...territories.map(({ code }) => code)]
        .map((code) => `reports/${code}/2024-W20/amber/v0001/manifest.json`)
        .toSorted(),
    )
    const sent = await bodies(deliveries())
    expect(sent).toHaveLength(14)
    expect(sent).toContainEqual({ territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' })
  })

  test('make the same bytes as the command line', async () => {
    const folder = 'reports/NC/2024-W20/amber/v0001/'
    const bucket = output('ArchiveBucket')
    const { asOf } = JSON.parse((await stack.object(bucket, `${folder}manifest.json`)).toString())
    const home = await newFolder()
    const laptop = await openServices(home.folder, asOf)
    try {
      const kept = (await allItems()).filter(({ pk }) => !String(pk).startsWith('REPORT#'))
      await laptop.table.putAll(kept as never)
      const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER', asOf } as const
      const { organisation } = bundledOrganisation(bundleOf(await sharedAssembly(), 'Generate'))
      const { isNew, manifest } = await generateReport(request, laptop.asRun('laptop', { organisation }))
      expect(isNew).toBe(true)
      const names = ['manifest.json', ...manifest.files.map(({ name }) => name)]
      expect(names).toHaveLength(8)
      for (const name of names) {
        const here = Buffer.from(await laptop.services.archive.get(`${folder}${name}`))
        expect((await stack.object(bucket, `${folder}${name}`)).equals(here), name).toBe(true)
      }
    } finally {
      await laptop.close()
      await home.remove()
    }
  })
})

/** 06:30 on Monday 20 May 2024 in a zone. */
const mondayHalfPastSix = (zone: string): string => {
  const guess = Date.UTC(2024, 4, 20, 6, 30)
  const there = new Date(
    new Date(guess).toLocaleString('sv', { timeZone: zone }).replace(' ', 'T').concat('Z'),
  ).getTime()
  return new Date(guess - (there - guess)).toISOString()
}

describe('a message of the report queue', () => {
  let generate: Instance
  beforeAll(async () => {
    generate = await instance('Generate')
  })
  beforeEach(async () => {
    for (const url of [reports(), deadReports(), deliveries()]) await stack.take(url)
  })

  const faults = (interceptor: Interceptor) => void mends.push(stack.services.intercept(interceptor))

  test('that comes twice makes one version, and sends the same word to delivery', async () => {
    for (let times = 0; times < 2; times += 1) {
      await stack.send(reports(), { ...asked('MQ', '2024-W41'), deliver: 'everybody' })
      wellDone(await stack.pump(reports(), [generate]))
    }
    expect(await versionsOf('MQ', '2024-W41')).toHaveLength(1)
    const word = { territory: 'MQ', period: '2024-W41', cap: 'TLP:AMBER', version: 1, to: 'everybody' }
    expect(await bodies(deliveries())).toEqual([word, word])
  })

  test('that nobody asked to deliver tells delivery nothing', async () => {
    await stack.send(reports(), asked('COR', '2024-02'))
    wellDone(await stack.pump(reports(), [generate]))
    expect(await versionsOf('COR', '2024-02')).toMatchObject([{ state: 'published', version: 1 }])
    expect(await bodies(deliveries())).toEqual([])
  })

  test('may come out of order: each period has its report', async () => {
    for (const week of ['2024-W23', '2024-W21', '2024-W22']) await stack.send(reports(), asked('RE', week))
    wellDone(await stack.pump(reports(), [generate]))
    for (const week of ['2024-W21', '2024-W22', '2024-W23']) {
      expect(await versionsOf('RE', week)).toMatchObject([{ state: 'published', version: 1 }])
    }
  })

  test('taken by two workers at once makes one version', async () => {
    const other = await instance('Generate')
    for (let times = 0; times < 2; times += 1) await stack.send(reports(), asked('GP', '2024-W22'))
    wellDone(await stack.pump(reports(), [generate, other]))
    expect(await versionsOf('GP', '2024-W22')).toMatchObject([{ state: 'published', version: 1 }])
    await other.close()
  })

  test.each([
    ['is not JSON', 'reports, please', 'not JSON'],
    ['names no territory', { kind: 'requested', territory: 'XX', period: '2024-W20' }, 'territory'],
    ['names no period', { kind: 'requested', territory: 'NC', period: '2024-W60' }, '2024-W60'],
    ['asks for what has not begun', { kind: 'requested', territory: 'NC', period: '2124-W20' }, 'has not begun'],
  ])('that %s goes to the dead letters at once, with its cause', async (_, message, cause) => {
    await stack.send(reports(), message)
    const invoked = await stack.pump(reports(), [generate])
    wellDone(invoked)
    expect(invoked).toHaveLength(1)
    const [letter] = await stack.take(deadReports())
    expect(letter?.Body).toBe(typeof message === 'string' ? message : JSON.stringify(message))
    expect(letter?.MessageAttributes?.cause?.StringValue).toContain(cause)
  })

  test('that fails comes again, later from try to try, and is given up after five with its cause', async () => {
    const pauses: number[] = []
    faults(atOnceAgain(pauses))
    faults(failing(1_000, putsFile('report.json'), s3Error(403, 'AccessDenied')))
    await stack.send(reports(), asked('YT', '2024-W22'))
    const invoked = await stack.pump(reports(), [generate])
    expect(invoked).toHaveLength(5)
    expect(pauses).toEqual([30, 60, 120, 240])
    const [letter] = await stack.take(deadReports())
    expect(letter?.MessageAttributes).toMatchObject({
      cause: { StringValue: expect.stringContaining('AccessDenied') },
      tries: { StringValue: '5' },
    })
    expect(await stack.waiting(reports())).toBe(0)
  })

  test.each<[string, Answered, (request: Asked) => boolean]>([
    ['is overloaded', s3Error(503, 'SlowDown'), (request) => putsFile('report.fr.html')(request)],
    ['sees two writers', s3Error(409, 'ConditionalRequestConflict'), (request) => putsFile('manifest.json')(request)],
  ])('is done though the archive %s', async (what, error, matches) => {
    const week = what === 'is overloaded' ? '2024-W24' : '2024-W25'
    faults(failing(2, matches, error))
    await stack.send(reports(), asked('PM', week))
    wellDone(await stack.pump(reports(), [generate]))
    expect(await versionsOf('PM', week)).toMatchObject([{ state: 'published' }])
  })

  test('is done though the table is throttled', async () => {
    let throttled = 0
    mends.push(
      stack.table.intercept(async (request, through) => {
        throttled += 1
        return throttled <= 3 ? tableError('ProvisionedThroughputExceededException') : through(request)
      }),
    )
    await stack.send(reports(), asked('BL', '2024-W22'))
    wellDone(await stack.pump(reports(), [generate]))
    expect(throttled).toBeGreaterThan(3)
    expect(await versionsOf('BL', '2024-W22')).toMatchObject([{ state: 'published' }])
  })

  test('whose worker dies between archive and index is taken up by the next, with the same bytes', async () => {
    const dying = await instance('Generate')
    faults(atOnceAgain([]))
    let died = false
    mends.push(
      stack.table.intercept(async (request, through) => {
        if (died || !request.body.includes('"published"')) return through(request)
        died = true
        dying.kill()
        throw new Error('the worker is gone')
      }),
    )
    await stack.send(reports(), asked('MF', '2024-W22'))
    const [broken] = await stack.pump(reports(), [dying])
    expect(broken).toHaveProperty('error')
    const folder = 'reports/MF/2024-W22/amber/v0001/'
    const archived = await stack.object(output('ArchiveBucket'), `${folder}manifest.json`)
    // Its lease runs out.
    const [claim] = await versionsOf('MF', '2024-W22')
    expect(claim).toMatchObject({ state: 'claimed' })
    await items.send(
      new PutCommand({ TableName: output('TableName'), Item: { ...claim, leaseUntil: '2024-01-01T00:00:00.000Z' } }),
    )
    await stack.send(reports(), asked('MF', '2024-W22'))
    wellDone(await stack.pump(reports(), [generate]))
    expect(await versionsOf('MF', '2024-W22')).toMatchObject([{ state: 'published', version: 1 }])
    expect(await stack.object(output('ArchiveBucket'), `${folder}manifest.json`)).toEqual(archived)
  })

  test('whose time runs out while the browser starts comes again, and leaves nothing behind', async () => {
    const { folder, remove } = await newFolder()
    const hurried = await instance('Generate', { TMPDIR: folder })
    faults(atOnceAgain([]))
    await stack.send(reports(), asked('TF', '2024-W22'))
    const [message] = await stack.peek(reports())
    // Ten seconds are kept for tidying up: what is left is too little to unpack a browser in.
    const invoked = await hurried.invoke(message, { timeoutMs: 10_900 })
    expect(invoked).toMatchObject({ value: { batchItemFailures: [{}] } })
    expect(hurried.log()).toContain('OutOfTimeError')
    expect((await readdir(folder)).filter((name) => /profile|tmp$|^core/.test(name))).toEqual([])
    wellDone(await stack.pump(reports(), [hurried]))
    const versions = await versionsOf('TF', '2024-W22')
    expect(versions.at(-1)).toMatchObject({ state: 'published' })
    await hurried.close()
    await remove()
  })
})

const putsFile =
  (name: string) =>
  ({ method, url }: Asked): boolean =>
    method === 'PUT' && (url.split('?')[0] ?? '').endsWith(`/${name}`)

describe('the watchdog', () => {
  test('counts the due reports that are missing, and names each', async () => {
    const { table } = stageStores()
    // Watched for long: on a new stage nothing would be due yet.
    await watchedSince(table, new Date('2024-01-01T00:00:00Z'))
    table.close()
    const watchdog = await instance('Watchdog', { DUE: 'NC,WF week' })
    const { value } = (await watchdog.invoke({})) as Extract<Invoked, { value: unknown }>
    expect(value).toMatchObject({ missing: [{ territory: 'NC' }, { territory: 'WF' }] })
    expect(watchdog.log()).toContain('"MissingReports":2')
    expect(watchdog.log()).toContain('"territory":"WF"')
    // A metric is paid for in the hours in which it is written.
    expect(watchdog.log()).not.toContain('StoredAhead')
  })

  test('misses nothing that a person had paused when it was due', async () => {
    const { table, schedules } = stageStores()
    const turn = { is: 'paused', at: '2024-01-01T00:00:00.000Z', by: 'Claire', reason: 'closed' } as const
    await schedules.add(await schedules.get({ subject: 'WF', cadence: 'week' }), turn)
    table.close()
    const watchdog = await instance('Watchdog', { DUE: 'NC,WF week' })
    const { value } = (await watchdog.invoke({})) as Extract<Invoked, { value: unknown }>
    expect(value).toMatchObject({ missing: [{ territory: 'NC' }] })
    expect(watchdog.log()).toContain('"MissingReports":1')
  })

  test('reports dead letters once a day, and once that there are none', async () => {
    // Whatever other tests have left.
    for (const id of deadLetterQueues()) while ((await stack.take(stack.queue(id))).length > 0);
    const watchdog = await instance('Watchdog', { DUE: 'NC week' })
    const counted = async () => {
      const told = watchdog.log().length
      const { value } = (await watchdog.invoke({})) as Extract<Invoked, { value: { deadLetters: number } }>
      return [
        value,
        watchdog
          .log()
          .slice(told)
          .match(/"DeadLetters":(\d+)/)?.[1],
      ]
    }
    await stack.send(deadDrops(), { a: 'letter' })
    expect(await counted()).toMatchObject([{ deadLetters: 1 }, '1'])
    expect(watchdog.log()).toContain('"queue":"DropsDeadLetters')
    expect(await counted()).toMatchObject([{ deadLetters: 1 }, undefined])
    await stack.take(deadDrops())
    expect(await counted()).toMatchObject([{ deadLetters: 0 }, '0'])
    expect(await counted()).toMatchObject([{ deadLetters: 0 }, undefined])
  })

  test('sets back what a fast clock stored, and says so', async () => {
    const ahead = new Date(now().getTime() + 40 * 86_400_000)
    const { table, ...stores } = stageStores()
    await stores.detections.saveAll([detection({ id: 'fast' })], ahead)
    const bounds = boundsIn(parsePeriod('2024-W20'), 'Pacific/Noumea')
    const found = async () => {
      const written = now().toISOString()
      const ids = await Array.fromAsync(
        stores.detections.inWindow('NC', bounds.from, bounds.to, written),
        (one) => one.detection.id,
      )
      return ids.includes('fast')
    }
    expect(await found()).toBe(false)
    const watchdog = await instance('Watchdog', { DUE: 'NC week' })
    await watchdog.invoke({})
    expect(watchdog.log()).toContain('the clock was ahead when this was stored')
    expect(watchdog.log()).toContain('detections 1')
    expect(watchdog.log()).toMatch(/"StoredAhead":[1-9]/)
    expect(await found()).toBe(true)
    const told = watchdog.log().split('"StoredAhead"').length
    await watchdog.invoke({})
    expect(watchdog.log().split('"StoredAhead"')).toHaveLength(told)
    table.close()
  })
})
