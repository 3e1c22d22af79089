/** The product for the oracle: takes a set in as senders do, and gives a report's facts as `report.json` has them. */
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { archiveFolder } from '../../lambdas/archive/archive.local.ts'
import { picturesFolder } from '../../lambdas/archive/pictures.local.ts'
import type { Caller } from '../../lambdas/domain/access/caller.ts'
import { territories } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Edition } from '../../lambdas/domain/report/manifest.ts'
import { openPseudonyms } from '../../lambdas/keys/pseudonyms.local.ts'
import { openSigner } from '../../lambdas/keys/signer.local.ts'
import type { Printing } from '../../lambdas/render/render.ts'
import { inMemory, openTableFile } from '../../lambdas/store/embedded/table-file.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { deskOn } from '../../lambdas/usecases/ingest/desk.ts'
import { ingestBatch } from '../../lambdas/usecases/ingest/ingest-batch.ts'
import { draftFacts } from '../../lambdas/usecases/reports/generate-report.ts'
import { readPeriod } from '../../lambdas/usecases/reports/reading/read-period.ts'
import { type Services, servicesOn } from '../../lambdas/usecases/services.ts'
import { ndjson, newFolder } from '../support/cli.ts'
import type { Held, Question, Watcher } from './counting.ts'

/** Who may send and know everything. */
export const operator: Caller = {
  who: 'an operator',
  scopes: ['detections:write'],
  clearance: 'TLP:RED',
  territories: territories.map(({ code }) => code),
}

/** After every period that is asked for and two rhythms more, a day later for each round of revisions. */
const storedAt = (rounds: number): string => new Date(Date.UTC(2025, 2, 1 + rounds)).toISOString()

/** When everything is stored. */
export const asOf = storedAt(9)

/** A table and an archive of its own: nothing of another set is in it. */
export type Store = {
  readonly services: Services
  readonly table: Table
  /** Lines of the services' log. */
  readonly logged: readonly string[]
  /** Takes records in as a program sends them; throws where one is refused. */
  take(...records: readonly object[]): Promise<void>
  /** Sets the clock, which stands at {@link asOf} at first. */
  at(instant: string): void
}

export type Stores = {
  open(): Promise<Store>
  close(): Promise<void>
}

/** Stores of a test file, opened before its tests and gone after them. */
export const storesOfFile = (): Pick<Stores, 'open'> => {
  let stores: Stores | undefined
  beforeAll(async () => {
    stores = await openStores()
  })
  afterAll(() => stores?.close())
  return {
    open: () => {
      if (!stores) throw new Error('stores open before the first test')
      return stores.open()
    },
  }
}

/** Prints nothing: facts are asked for, not pages. */
const noPrinter: Printing = { print: () => Promise.reject(new Error('nothing is printed here')) }

export const openStores = async (printer = noPrinter): Promise<Stores> => {
  const { folder, remove } = await newFolder()
  const signer = openSigner(folder)
  const { pseudonym } = await openPseudonyms(folder)
  let opened = 0
  return {
    open: async () => {
      opened += 1
      const [run, archive] = [`set-${opened}`, archiveFolder(join(folder, `set-${opened}`))]
      let now = asOf
      const clock = () => new Date(now)
      const table = await openTableFile(inMemory)
      const logged: string[] = []
      const log = (line: string) => void logged.push(line)
      const pictures = picturesFolder(join(folder, `pictures-${opened}`))
      const services = servicesOn({ table, archive, printer, signer, pictures, run, clock, log })
      return {
        services,
        table,
        logged,
        at: (instant) => {
          now = instant
        },
        take: async (...records) => {
          const bytes = Buffer.from(ndjson(...(records as Readonly<Record<string, unknown>>[])))
          const intake = async () => ({ pseudonyms: async () => pseudonym })
          const desk = deskOn(table, { clock, run: () => run, intake })
          const { rejects, contested } = await ingestBatch(bytes, { format: 'ndjson', caller: operator }, desk)
          const [reject] = rejects
          if (reject) throw new Error(`${reject.id} is refused: ${reject.path} ${reject.message}`)
          if (contested > 0) throw new Error(`${contested} records are contested`)
        },
      }
    },
    close: remove,
  }
}

/**
 * Every revision in its turn, then what is withdrawn, then the words of runs. In between reports are made that keep
 * what they counted for the next: those of `asked`.
 */
/**
 * Something above every cap in each week, so that what comes above it changes no word: that there is any is told from
 * AMBER on.
 */
export const alwaysHidden: readonly object[] = Array.from({ length: 100 }, (_, week) => ({
  ...{ id: `always-${week}`, detector: 'D3lta', kind: 'copy-paste', title: { en: 'Hidden' }, marking: 'TLP:RED' },
  ...{ territories: ['NC', 'PF', 'MQ', 'COR'], campaign: 'alpha' },
  observed: { from: new Date(Date.UTC(2022, 6, 4 + 7 * week)).toISOString().slice(0, 10) },
}))

export const takeSet = async (
  store: Store,
  held: readonly Held[],
  watchers: readonly Watcher[],
  asked: readonly Question[] = [],
): Promise<void> => {
  const { take, at, services } = store
  const count = async () => {
    for (const question of asked) await keepCounts(store, question)
  }
  const rounds = Math.max(0, ...held.map(({ revisions }) => revisions.length))
  for (let round = 0; round < rounds; round += 1) {
    const sent = held.flatMap(({ revisions }) => revisions[round] ?? [])
    at(storedAt(round + 1))
    await take(...sent)
    await count()
  }
  at(asOf)
  for (const { revisions, withdrawn } of held) {
    const [sent] = revisions
    if (withdrawn && sent)
      await services.detections.withdraw(sent.id, { by: 'a test', reason: 'by mistake' }, services.clock())
  }
  await count()
  const words = watchers.flatMap(({ name, marking, territories, rhythmHours, inputs }) =>
    inputs.map((ran) => ({
      source: { name, marking, territories, ...(rhythmHours && { expectedRhythm: `PT${rhythmHours}H` }) },
      ran,
      found: 0,
    })),
  )
  if (words.length > 0) await take(...words)
}

/** The same store, counting everything anew. */
export const forgetful = (store: Store): Store => ({
  ...store,
  services: { ...store.services, summaries: { ...store.services.summaries, holding: async () => new Map() } },
})

const editionOf = ({ territory, period, cap }: Question): Edition =>
  ({ territory, period: parsePeriod(period), cap }) as Edition

/** What a report leaves for the next one. */
export const keepCounts = async ({ services }: Store, question: Question): Promise<void> => {
  await readPeriod(editionOf(question), services.clock().toISOString(), services, { keep: true })
}

/** A report's facts, as JSON has them. */
export const factsOf = async ({ services, at }: Store, question: Question): Promise<unknown> => {
  const { rounds } = question
  if (rounds !== undefined) at(storedAt(rounds))
  const request = editionOf(question)
  const facts: unknown = JSON.parse(JSON.stringify(await draftFacts(request, services)))
  if (rounds !== undefined) at(asOf)
  return facts
}
