/** A home whose disk is full: while detections come in, while a report is archived, while mails are written. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { vigie, writeNdjson } from '../support/cli.ts'
import { clockEnv } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, openedOn } from '../support/services.ts'
import type { Grounds } from './grounds.ts'
import { laterMs } from './killed.ts'
import { detectionsLook, homeLook, mailsLook, outboxLook, versionLook, witness } from './look.ts'
import { type Cost, costOf, endedWith, type NotHere, type Outcome, type Row } from './row.ts'
import { type SmallDisk, smallDisk } from './small-disk.ts'

const week = '2024-W20'
const roomy = '256m'

const onDisk = async (
  grounds: Grounds,
  size: string,
  work: (disk: SmallDisk, home: string, beside: string) => Promise<Outcome>,
): Promise<Outcome | NotHere> => {
  const beside = grounds.folder()
  await mkdir(beside, { recursive: true })
  const disk = await smallDisk(grounds.folder(), size)
  if ('notHere' in disk) return disk
  try {
    return await work(disk, join(disk.folder, 'home'), beside)
  } finally {
    await disk.remove()
  }
}

/**
 * Files of a hundred until one no longer fits; those that were taken must be there, and the others after there is room.
 */
const ingesting: Row['inject'] = (grounds) =>
  onDisk(grounds, '3m', async (disk, home, beside) => {
    const taken: string[] = []
    const all: string[] = []
    const files: string[] = []
    let refused = 0
    for (let batch = 0; refused < 3 && batch < 60; batch += 1) {
      const ids = Array.from({ length: 100 }, (_, at) => `b${batch}-${at}`)
      const file = await writeNdjson(
        join(beside, `${batch}.ndjson`),
        ...ids.map((id) => input({ id, title: { en: `${id} ${'x'.repeat(2_000)}` } })),
      )
      const { code } = await vigie(['ingest', file, '--home', home])
      files.push(file)
      all.push(...ids)
      if (code === 0) taken.push(...ids)
      else refused += 1
    }
    await disk.resize(roomy)
    const look = (ids: readonly string[]) =>
      openedOn(home, async ({ services }) => detectionsLook(services, 'NC', [week], ids))
    const kept = await look(taken)
    const again: Cost[] = []
    for (const file of files) again.push(endedWith('with room', await vigie(['ingest', file, '--home', home])))
    return {
      ...costOf([kept, ...again, await look(all)]),
      injected: refused,
      done: `${taken.length} detections taken before, all kept; with room the same files complete the rest`,
    }
  })

const reporting: Row['inject'] = (grounds) =>
  onDisk(grounds, roomy, async (disk, home) => {
    const ids = ['a', 'b']
    await openedOn(home, (opened) =>
      ingestInto(
        opened,
        ids.map((id) => input({ id })),
      ),
    )
    // Room for some of its files, then for none.
    let injected = 0
    const unchanged = witness(join(home, 'archive'))
    const costs: Cost[] = []
    await disk.fill()
    for (const room of [0, 200, 600, 900]) {
      await disk.leave(room * 1024)
      const { code } = await vigie(['report', 'NC', week, '--home', home], { env: clockEnv(laterMs * (1 + injected)) })
      if (code !== 0) injected += 1
      costs.push(await unchanged())
    }
    await disk.empty()
    costs.push(
      endedWith('with room', await vigie(['report', 'NC', week, '--home', home], { env: clockEnv(laterMs * 10) })),
      await unchanged(),
    )
    return {
      ...costOf([
        ...costs,
        await openedOn(home, async ({ services }) =>
          costOf([
            await versionLook(services, { territory: 'NC', period: week }, ids.length),
            await homeLook(home, services),
          ]),
        ),
      ]),
      injected,
      done: `no room for ${injected} reports, which said so; with room it is published`,
    }
  })

/** The report stands; only then the disk fills, and mails are to be written. */
const mailing: Row['inject'] = (grounds) =>
  onDisk(grounds, roomy, async (disk, home) => {
    const addresses = ['ana', 'ben', 'eve'].map((name) => `${name}@example.org`)
    await openedOn(home, async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      for (const address of addresses) await opened.services.recipients.replace(recipient(address))
    })
    const deliver = ['report', 'NC', week, '--home', home, '--deliver']
    const made = await vigie(['report', 'NC', week, '--home', home])
    await disk.fill()
    let refused = 0
    // The ledger's lines find room more often than the mails do.
    for (const room of [16, 24, 32, 40]) {
      await disk.leave(room * 1024)
      const { code } = await vigie(deliver, { env: clockEnv(laterMs * refused) })
      if (code !== 0) refused += 1
    }
    await disk.empty()
    const again = await vigie(deliver, { env: clockEnv(laterMs * (1 + refused)) })
    return openedOn(home, async ({ services }) => {
      const { mails } = await outboxLook(home)
      const ledger = await services.deliveries.about('NC', week)
      const unknown = ledger.filter(({ state }) => state === 'UNKNOWN').map((one) => one.recipient)
      return {
        ...costOf([
          endedWith('the report', made),
          endedWith('with room', again),
          mailsLook(
            mails,
            ledger.map((one) => one.recipient),
            unknown,
          ),
          ledger.length < addresses.length
            ? { lost: ['entries of the ledger'], twice: [], unverified: [] }
            : costOf([]),
          await homeLook(home, services),
        ]),
        injected: refused,
        done: `${refused} runs said so; with room ${mails.length} mails lie in the outbox; ${unknown.length} UNKNOWN in the ledger, for a person`,
      }
    })
  })

export const diskRows: readonly Row[] = [
  { group: 'disk', name: 'disk full while detections come in', where: 'a home on a small disk', inject: ingesting },
  { group: 'disk', name: 'disk full while a report is archived', where: 'a home on a small disk', inject: reporting },
  { group: 'disk', name: 'disk full while mails are written', where: 'a home on a small disk', inject: mailing },
]
