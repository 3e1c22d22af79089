/**
 * What an analyst works with in the reading room: the intake's stores, the same to try things on, and how files are
 * read here.
 */
import { type Caller, type Ceiling, isOperator } from '../../domain/access/caller.ts'
import { type Looks, looksIn } from '../../store/intake/looks.ts'
import { historyIn } from '../../store/table/history.ts'
import type { Table } from '../../store/table/table.ts'
import type { IntakeServices, Services } from '../services.ts'
import { intakeStoresIn, trialStoresIn } from '../stores.ts'
import type { Sender } from './ingest-detections.ts'
import type { Intake } from './ingest-dropped-file.ts'

export type Desk = {
  readonly services: IntakeServices & Pick<Services, 'history'>
  readonly looks: Looks
  /** On a table that is gone afterwards, over what a ceiling lets somebody know; over all where there is none. */
  trial(ceiling?: Ceiling): IntakeServices
  /** The organisation's own rules and names, and the key to accounts' names. */
  intake(): Promise<Intake>
}

type DeskParts = Pick<IntakeServices, 'clock'> & Pick<Desk, 'intake'> & { run(): string }

export const deskOn = (table: Table, { clock, run, intake }: DeskParts): Desk => {
  const stores = intakeStoresIn(table)
  return {
    services: {
      ...stores,
      history: historyIn(table),
      clock,
      get run() {
        return run()
      },
    },
    looks: looksIn(table),
    trial: (ceiling) => ({ ...trialStoresIn(table, ceiling), clock, run: run() }),
    intake,
  }
}

/** Who is limited by what he may know, and who may know all that is stored. */
export const limitOf = (caller: Caller): Ceiling | undefined => (isOperator(caller) ? undefined : caller)

/** As whom an analyst sends records in: under what he may know, unless that is everything. */
export const senderFor = (caller: Caller, by: string): Sender => {
  const ceiling = limitOf(caller)
  return { name: caller.who, by, ...(ceiling ? { ceiling } : { byOperator: true }) }
}
