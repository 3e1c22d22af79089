/** One run of the service: each step, what it asks for once, and what it leaves for the doctor. */
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deliverer } from '../../../../bin/cli/deliver.ts'
import { lastRunIn } from '../../../../bin/cli/home/last-run.ts'
import { serviceOn } from '../../../../bin/cli/home/service.ts'
import type { ReportMessage } from '../../../../lambdas/domain/report/messages.ts'
import { tableFileOf } from '../../../../lambdas/store/embedded/home.ts'
import { newFolder } from '../../../support/cli.ts'
import { input } from '../../../support/detections.ts'
import { recipient } from '../../../support/recipients.ts'
import { ingestInto, openedOn, reportFrom } from '../../../support/services.ts'

let folder: string
let remove: () => Promise<void>
beforeEach(async () => {
  ;({ folder, remove } = await newFolder())
})
afterEach(() => remove())

test('asks once for each report that is due since it first ran, and again an hour after one that is not made', async () => {
  await openedOn(folder, async (opened) => {
    const asked: ReportMessage[] = []
    const run = serviceOn(opened.context, async (message) => void asked.push(message))
    opened.at('2024-05-18T00:00:00.000Z')
    expect(await run()).toEqual({ at: '2024-05-18T00:00:00.000Z', failed: [] })
    expect(asked).toEqual([])
    opened.at('2024-05-21T12:00:00.000Z')
    await run()
    expect(asked).toHaveLength(14)
    expect(asked).toContainEqual({
      ...{ kind: 'scheduled', territory: 'NC', cadence: 'week', scheduledAt: '2024-05-19T19:30:00.000Z' },
    })
    await run()
    expect(asked).toHaveLength(14)
    opened.at('2024-05-21T13:00:00.000Z')
    await run()
    expect(asked).toHaveLength(28)
    expect(await lastRunIn(folder)).toEqual({ at: '2024-05-21T13:00:00.000Z', failed: [] })
  })
})

test('sends mails again after an hour, reads nothing where none waits, and a failing step stops no other', async () => {
  await openedOn(folder, async (opened) => {
    opened.at('2024-11-01T00:00:00.000Z')
    await ingestInto(opened, [input()])
    await reportFrom(opened, 'NC', '2024-W20')
    await opened.services.recipients.replace(recipient('ana@example.org'))
    const outbox = join(folder, 'outbox')
    await rm(outbox, { recursive: true, force: true })
    await writeFile(outbox, 'no folder')
    const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
    const deliver = await deliverer(opened.context)
    await expect(deliver(message)).rejects.toThrow('not sent yet: 1 of 1 mail')
    await expect(deliver({ ...message, version: 9 })).rejects.toThrow('nothing is delivered of it')
    await rm(outbox)
    const schedules = { ...opened.services.schedules, all: () => Promise.reject(new Error('the table is away')) }
    let reads = 0
    const counted = (...of: Parameters<typeof opened.services.deliveries.about>) => {
      reads += 1
      return opened.services.deliveries.about(...of)
    }
    const deliveries = { ...opened.services.deliveries, about: counted }
    const run = serviceOn(
      { ...opened.context, services: { ...opened.services, schedules, deliveries } },
      async () => {},
    )
    expect((await run()).failed).toEqual(['reports'])
    expect(reads).toBe(0)
    opened.at('2024-11-01T01:00:00.000Z')
    expect((await run()).failed).toEqual(['reports'])
    expect(await opened.services.deliveries.about('NC', '2024-W20')).toMatchObject([{ state: 'SENT' }])
    const before = reads
    opened.at('2024-11-01T03:00:00.000Z')
    await run()
    expect(reads).toBe(before)
  })
})

test('removes what has passed its time at the start, and then once a UTC day', async () => {
  await openedOn(folder, async (opened) => {
    let runs = 0
    const forgetting = { ...opened.services.forgetting, expire: async () => ++runs }
    const run = serviceOn({ ...opened.context, services: { ...opened.services, forgetting } }, async () => {})
    for (const [instant, expected] of [
      ['2024-05-18T22:00:00.000Z', 1],
      ['2024-05-18T23:59:00.000Z', 1],
      ['2024-05-19T00:00:00.000Z', 2],
    ] as const) {
      opened.at(instant)
      await run()
      expect(runs).toBe(expected)
    }
    // Removed bytes are in no log.
    expect((await stat(`${tableFileOf(folder)}-wal`)).size).toBe(0)
  })
})
