/** The stack end to end, without AWS: stand-ins made from the template, and the bundles that would be deployed. */
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import { bundledOrganisation } from '../../../lambdas/config/bundled-organisation.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { watchedSince } from '../../../lambdas/store/reports/watched.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { newFolder, type ReportJson, vigieJson, writeNdjson } from '../../support/cli.ts'
import { ago } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import type { Invoked } from '../../support/lambda.ts'
import { type Asked, failing, s3Error, tableError, truncated } from '../../support/proxy.ts'
import { openServices } from '../../support/services.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { bundleOf, newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
const undo: (() => void)[] = []

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
})
afterEach(() => {
  for (const one of undo.splice(0)) one()
})
afterAll(() => stack.close())

const queue = (name: string) => stack.queue(`${name}Queue`)
const archive = () => stack.outputs.ArchiveBucket ?? ''
const versionsOf = (territory: 'MQ' | 'GP', period: string) =>
  stack.stores.reports.versions({ territory, period: parsePeriod(period), cap: 'TLP:AMBER' })
const requested = (territory: string, period: string) => ({ kind: 'requested', territory, period })
const bodies = async (name: string) => (await stack.take(queue(name))).map(({ Body = '' }) => JSON.parse(Body))

describe('a dropped file', () => {
  test('is ingested, and its result is written next to it', async () => {
    await stack.drop('drop/the story é.ndjson', readFileSync(story.file))
    await stack.work('DropsQueue', 'Ingest')
    const tally = { read: 10, accepted: 10, revised: 0, duplicates: 0, unplaced: 0, runs: 0, rejected: 0, rejects: [] }
    expect(await stack.result('the story é.ndjson')).toMatchObject({ file: 'drop/the story é.ndjson', ...tally })
  })

  test('is read as its metadata states, and names of accounts get pseudonyms', async () => {
    await stack.drop('drop/accounts.csv', 'account\n@one_account\n', { format: 'accounts', set: 'set-1' })
    await stack.work('DropsQueue', 'Ingest')
    expect(await stack.result('accounts.csv')).toMatchObject({ read: 1, accepted: 1 })
    expect(JSON.stringify(await Array.fromAsync(stack.stored.scan()))).not.toContain('one_account')
  })

  test.each([
    ['of an unknown format', 'what.csv', 'a,b,c\n1,2,3\n', {}, 'no format that Vigie knows'],
    ['with unknown metadata', 'odd.ndjson', '{}', { formt: 'csv' }, 'formt'],
    ['for an unknown place', 'place.ndjson', '{}', { territory: 'Atlantis' }, 'Atlantis'],
  ])(
    '%s is given up with its cause, in its result and among the dead letters',
    async (_, name, body, stated, cause) => {
      await stack.drop(`drop/${name}`, body, stated)
      await stack.work('DropsQueue', 'Ingest')
      expect((await stack.result(name)).failure).toContain(cause)
      const [letter] = await stack.take(queue('DropsDeadLetters'))
      expect(letter?.MessageAttributes?.cause?.StringValue).toContain(cause)
    },
  )

  const many = (name: string, count: number, length: number) =>
    Array.from({ length: count }, (_, at) =>
      JSON.stringify({
        ...{
          id: `${name}-${at}`,
          detector: 'a test',
          kind: 'copy-paste',
          title: { en: `Burst ${'x'.repeat(length)}` },
        },
        ...{ territories: ['WF'], observed: { from: '2024-05-14' } },
      }),
    ).join('\n')

  test('whose stream breaks is read again, and nothing of it counts twice', async () => {
    let cuts = 0
    undo.push(
      stack.services.intercept(async (request, through) => {
        const answer = await through(request)
        if (request.method !== 'GET' || !request.url.includes('broken.ndjson') || cuts > 0) return answer
        cuts += 1
        return truncated(answer)
      }),
      stack.retryAtOnce(),
    )
    await stack.drop('drop/broken.ndjson', many('broken', 500, 1_200))
    expect(await stack.pump(queue('Drops'), [await stack.instance('Ingest')])).toHaveLength(2)
    const { read, accepted, duplicates, rejected } = await stack.result('broken.ndjson')
    expect([read, rejected, accepted + duplicates]).toEqual([500, 0, 500])
    expect(duplicates).toBeGreaterThan(0)
  })

  test('of which the table took a part is tried again, and is no dead letter', async () => {
    let heads = 0
    undo.push(
      stack.table.intercept(async (request, through) => {
        const isHead = String(request.headers['x-amz-target']).endsWith('PutItem') && request.body.includes('slow-')
        if (isHead) heads += 1
        return isHead && heads === 70 ? tableError('ThrottlingException') : through(request)
      }),
      stack.retryAtOnce(),
    )
    await stack.drop('drop/slow.ndjson', many('slow', 100, 1))
    const oneTry = await stack.instance('Ingest', { AWS_MAX_ATTEMPTS: '1' })
    expect(await stack.pump(queue('Drops'), [oneTry])).toHaveLength(2)
    expect(await stack.waiting(queue('DropsDeadLetters'))).toBe(0)
    const { read, accepted, duplicates } = await stack.result('slow.ndjson')
    expect([read, accepted + duplicates]).toEqual([100, 100])
    expect(duplicates).toBeGreaterThan(0)
  })

  test('whose result cannot be written comes again, later from try to try, and is given up after five', async () => {
    const pauses: number[] = []
    const writesResult = ({ method, url }: Asked) => method === 'PUT' && url.includes('/results/kept.ndjson')
    undo.push(
      stack.retryAtOnce(pauses),
      stack.services.intercept(failing(1_000, writesResult, s3Error(403, 'AccessDenied'))),
    )
    await stack.drop('drop/kept.ndjson', many('kept', 1, 1))
    expect(await stack.pump(queue('Drops'), [await stack.instance('Ingest')])).toHaveLength(5)
    expect(pauses).toEqual([30, 60, 120, 240])
    const [letter] = await stack.take(queue('DropsDeadLetters'))
    expect(letter?.MessageAttributes).toMatchObject({
      cause: { StringValue: expect.stringContaining('AccessDenied') },
      tries: { StringValue: '5' },
    })
    expect(await stack.waiting(queue('Drops'))).toBe(0)
  })
})

describe('the schedules', () => {
  test('make the reports of the week that was over when they were due, and hand each to delivery', async () => {
    for (const [territory, due] of [
      ['NC', '2024-05-19T19:30:00Z'],
      ['ALL', '2024-05-21T04:30:00Z'],
    ] as const) {
      const schedule = stack.schedules().find(({ input }) => input('').includes(`"${territory}","cadence":"week"`))
      await stack.send(stack.queue(schedule?.queueId ?? ''), schedule?.input(due))
    }
    await stack.work('ReportsQueue', 'Generate')
    const made = (await stack.keys(archive())).filter((key) => key.endsWith('/manifest.json'))
    expect(made).toEqual(['ALL', 'NC'].map((code) => `reports/${code}/2024-W20/amber/v0001/manifest.json`))
    const message = { period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' }
    const sent = await bodies('Deliveries')
    expect(sent).toEqual(expect.arrayContaining(['NC', 'ALL'].map((territory) => ({ territory, ...message }))))
    expect(sent).toHaveLength(2)
  })

  test('make the same bytes as the command line', async () => {
    const folder = 'reports/NC/2024-W20/amber/v0001/'
    const { asOf } = JSON.parse((await stack.object(archive(), `${folder}manifest.json`)).toString())
    const home = await newFolder()
    const laptop = await openServices(home.folder, asOf)
    try {
      const pages = await Array.fromAsync(stack.stored.scan())
      await laptop.table.putAll(pages.flat().filter(({ pk }) => !pk.startsWith('REPORT#')))
      const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER', asOf } as const
      const { organisation } = bundledOrganisation(bundleOf(await sharedAssembly(), 'Generate'))
      const { isNew, manifest } = await generateReport(request, laptop.asRun('laptop', { organisation }))
      expect(isNew).toBe(true)
      const names = ['manifest.json', ...manifest.files.map(({ name }) => name)]
      expect(names).toHaveLength(9)
      for (const name of names) {
        const here = Buffer.from(await laptop.services.archive.get(`${folder}${name}`))
        expect((await stack.object(archive(), `${folder}${name}`)).equals(here), name).toBe(true)
      }
    } finally {
      await laptop.close()
      await home.remove()
    }
  })
})

describe('a message of the report queue', () => {
  beforeEach(async () => {
    for (const name of ['Reports', 'ReportsDeadLetters', 'Deliveries']) await stack.take(queue(name))
  })

  test('that comes twice makes one version, and sends the same message to delivery', async () => {
    for (let times = 0; times < 2; times += 1) {
      await stack.send(queue('Reports'), { ...requested('MQ', '2024-W41'), deliver: 'everybody' })
      await stack.work('ReportsQueue', 'Generate')
    }
    expect(await versionsOf('MQ', '2024-W41')).toHaveLength(1)
    const message = { territory: 'MQ', period: '2024-W41', cap: 'TLP:AMBER', version: 1, to: 'everybody' }
    expect(await bodies('Deliveries')).toEqual([message, message])
  })

  test('taken by two workers at once makes one version, and without a request for mail nothing is delivered', async () => {
    const workers = await Promise.all([newInstance(stack, 'Generate'), newInstance(stack, 'Generate')])
    for (let times = 0; times < 2; times += 1) await stack.send(queue('Reports'), requested('GP', '2024-W22'))
    const invoked = await stack.pump(queue('Reports'), workers)
    expect(invoked).toMatchObject(invoked.map(() => ({ value: { batchItemFailures: [] } })))
    expect(await versionsOf('GP', '2024-W22')).toMatchObject([{ state: 'published', version: 1 }])
    expect(await bodies('Deliveries')).toEqual([])
    for (const one of workers) await one.close()
  })

  test('makes a flash note again whose detection was revised, and an analyst refuses that version', async () => {
    const { folder, remove } = await newFolder()
    const onStage = <Value>(...words: readonly string[]) =>
      vigieJson<Value>([...words, '--stage', 'test'], { env: { ...stack.env, VIGIE_HOME: join(folder, 'home') } })
    const ingest = async (posts: number) => {
      const noted = input({ id: 'noted', observed: { from: ago(3_600_000) }, counts: { posts } })
      await onStage('ingest', await writeNdjson(join(folder, 'noted.ndjson'), noted))
    }
    await ingest(1)
    const { territory, period } = await onStage<ReportJson>('flash', 'noted')
    await ingest(2)
    await stack.send(queue('Reports'), requested(territory, period))
    await stack.work('ReportsQueue', 'Generate')
    expect(await onStage('flash', 'list')).toMatchObject([{ key: territory, version: 2, state: 'waits' }])
    const refused = await onStage('flash', 'refuse', territory, '--by', 'C. Morel')
    expect(refused).toMatchObject([{ territory, version: 2, by: 'C. Morel' }])
    await remove()
  })

  test.each([
    ['is not JSON', 'reports, please', 'not JSON'],
    ['asks for what has not begun', requested('NC', '2124-W20'), 'has not begun'],
  ])('that %s goes to the dead letters at once, with its cause', async (_, message, cause) => {
    await stack.send(queue('Reports'), message)
    expect(await stack.work('ReportsQueue', 'Generate')).toHaveLength(1)
    const [letter] = await stack.take(queue('ReportsDeadLetters'))
    expect(letter?.Body).toBe(typeof message === 'string' ? message : JSON.stringify(message))
    expect(letter?.MessageAttributes?.cause?.StringValue).toContain(cause)
  })

  test('whose time runs out while the browser starts comes again, and leaves no file behind', async () => {
    const { folder, remove } = await newFolder()
    const hurried = await stack.instance('Generate', { TMPDIR: folder })
    await stack.send(queue('Reports'), requested('TF', '2024-W22'))
    const [message] = await stack.peek(queue('Reports'))
    // Ten seconds are kept for tidying up: what is left is too little to unpack a browser in.
    const invoked = await hurried.invoke(message, { timeoutMs: 10_900 })
    expect(invoked).toMatchObject({ value: { batchItemFailures: [{}] } })
    expect(hurried.log()).toContain('OutOfTimeError')
    expect((await readdir(folder)).filter((name) => /profile|tmp$|^core/.test(name))).toEqual([])
    await hurried.close()
    await remove()
  })
})

describe('the watchdog', () => {
  const call = async (due: string) => {
    const watchdog = await stack.instance('Watchdog', { DUE: due })
    const before = watchdog.log().length
    const { value } = (await watchdog.invoke({})) as Extract<Invoked, { value: unknown }>
    return { value, log: watchdog.log().slice(before) }
  }

  test('counts the due reports that are missing, names each, and misses none that was paused', async () => {
    // On a new stage nothing would be due yet.
    await watchedSince(stack.stored, new Date('2024-01-01T00:00:00Z'))
    const both = await call('NC,WF week')
    expect(both.value).toMatchObject({ missing: [{ territory: 'NC' }, { territory: 'WF' }] })
    expect(both.log).toContain('"MissingReports":2')
    expect(both.log).toContain('"territory":"WF"')
    // A metric costs money in each hour in which it is written.
    expect(both.log).not.toContain('StoredAhead')

    const { schedules } = stack.stores
    const pause = { is: 'paused', at: '2024-01-01T00:00:00.000Z', by: 'Claire', reason: 'closed' } as const
    await schedules.add(await schedules.get({ subject: 'WF', cadence: 'week' }), pause)
    expect((await call('NC,WF week')).value).toMatchObject({ missing: [{ territory: 'NC' }] })
  })

  test('reports dead letters once a day, and once that there are none', async () => {
    const names = ['Reports', 'Deliveries', 'Drops', 'MailEvents', 'Watchdog', 'Posts', 'Plates', 'PlateExpiry']
    for (const name of names) while ((await stack.take(queue(`${name}DeadLetters`))).length > 0);
    const counted = async () => {
      const { value, log } = await call('NC week')
      return [value, /"DeadLetters":(\d+)/.exec(log)?.[1]]
    }
    await stack.send(queue('DropsDeadLetters'), { a: 'letter' })
    expect(await counted()).toMatchObject([{ deadLetters: 1 }, '1'])
    expect(await counted()).toMatchObject([{ deadLetters: 1 }, undefined])
    await stack.take(queue('DropsDeadLetters'))
    expect(await counted()).toMatchObject([{ deadLetters: 0 }, '0'])
    expect(await counted()).toMatchObject([{ deadLetters: 0 }, undefined])
  })
})
