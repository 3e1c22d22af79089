/** A period that is too large is refused before anything is read. */
import { Logger } from '@aws-lambda-powertools/logger'
import { expect, test } from 'vitest'
import type { SubjectCode } from '../../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import { workOn } from '../../../../lambdas/generate.ts'
import { memoryTable } from '../../../../lambdas/store/table/memory-table.ts'
import type { Table } from '../../../../lambdas/store/table/table.ts'
import { generateReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { failJob } from '../../../../lambdas/usecases/reports/handle-report-message.ts'
import {
  mostInPeriod,
  PeriodTooLargeError,
  refuseTooLarge,
} from '../../../../lambdas/usecases/reports/reading/period-size.ts'
import { servicesOn } from '../../../../lambdas/usecases/services.ts'
import { storesIn } from '../../../../lambdas/usecases/stores.ts'
import { detection } from '../../../support/detections.ts'

const period = parsePeriod('2024-05')
const servicesWith = (table: Table) =>
  servicesOn({
    table,
    run: 'test',
    clock: () => new Date('2024-06-03T00:00:00.000Z'),
    archive: {} as never,
    printer: {} as never,
    signer: {} as never,
  })
const refusal = (territory: SubjectCode, table: Table) =>
  refuseTooLarge({ territory, period }, servicesWith(table)).catch((error: unknown) => error)

/** A table with so many items in each day. */
const holding = (each: number): Table => ({ ...memoryTable(), count: async () => each })

test('counts the days of every member, and names the limit and a remedy', async () => {
  // May in Nouméa touches 32 days of UTC.
  const error = await refusal('NC', holding(50_000))
  expect(error).toBeInstanceOf(PeriodTooLargeError)
  expect(error).toMatchObject({
    fault: {
      code: 'period.tooLarge',
      values: { territory: 'NC', period: '2024-05', most: mostInPeriod, isGroup: 'no' },
    },
    message:
      'NC 2024-05 holds more than the 1,500,000 stored revisions of detections that a report reads: ask for a shorter period',
  })
  expect(await refusal('ALL', holding(4_000))).toMatchObject({
    message: expect.stringMatching(/a shorter period, a smaller group, or single territories$/),
  })
  expect(await refusal('NC', holding(40_000))).toBeUndefined()
})

test('refuses nothing where the table cannot count', async () => {
  expect(await refusal('ALL', memoryTable())).toBeUndefined()
})

test('is refused before its detections are read', async () => {
  const read: string[] = []
  const table: Table = {
    ...holding(1_000_000),
    pages: async function* (pk) {
      read.push(pk)
      yield []
    },
  }
  const request = { territory: 'ALL', period, cap: 'TLP:AMBER' } as const
  await expect(generateReport(request, servicesWith(table))).rejects.toThrow(PeriodTooLargeError)
  expect(read.filter((pk) => pk.startsWith('DET#'))).toEqual([])
})

test('goes to the dead letters at once, with the reason in its job', async () => {
  const services = servicesWith(memoryTable())
  const job = work({ services })
  const cause = await refusal('NC', holding(50_000))
  expect(job.isNonRetryable?.(cause as Error)).toBe(true)

  const id = '0b54d7c8-68a5-4a5c-9a5c-1f5f27b0a002'
  const request = { territory: 'NC', period: '2024-05', cap: 'TLP:AMBER', deliver: false } as const
  const at = '2024-06-03T00:00:00.000Z'
  await services.jobs.create({ id, state: 'running', request, askedBy: 'x', askedAt: at, at })
  await failJob({ kind: 'requested', ...request, deliver: 'nobody', late: 'leave', job: id }, cause as Error, services)
  expect(await services.jobs.get(id)).toMatchObject({ state: 'failed', reason: (cause as PeriodTooLargeError).fault })
})

test('counts the items of the period', async () => {
  const table = memoryTable()
  await storesIn(table).detections.saveAll([detection({ id: 'a' })], new Date('2024-06-01T00:00:00.000Z'))
  const counted: string[] = []
  const counting: Table = {
    ...table,
    count: async (pk, range) => {
      counted.push(pk)
      return (await Array.fromAsync(table.query(pk, range))).length
    },
  }
  const { detections } = storesIn(counting)
  expect(await detections.count('NC', Date.parse('2024-05-12T13:00Z'), Date.parse('2024-05-19T13:00Z'))).toBe(1)
  expect(counted).toHaveLength(8)
  expect(await detections.count('NC', Date.parse('2024-05-19T13:00Z'), Date.parse('2024-05-26T13:00Z'))).toBe(0)
})

const work = ({ services }: { readonly services: ReturnType<typeof servicesWith> }) => {
  const url = 'https://sqs.eu-west-3.amazonaws.com/0/q'
  return workOn({
    config: {
      ...{ STAGE: 't', TABLE_NAME: 'table', ARCHIVE_BUCKET: 'a', PLATES_BUCKET: 'p', SIGNING_KEY: 'k' },
      ...{ REPORT_QUEUE_URL: url, DELIVERY_QUEUE_URL: url, DEAD_LETTERS_URL: url },
    },
    logger: new Logger({ serviceName: 'test', logLevel: 'SILENT' }),
    queues: { send: async () => undefined },
    services,
    printer: {} as never,
  })
}
