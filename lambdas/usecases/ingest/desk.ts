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
  /** A temporary table over what the ceiling permits; over everything without one. */
  trial(ceiling?: Ceiling): IntakeServices
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

/** Undefined for callers who may know everything. */
export const limitOf = (caller: Caller): Ceiling | undefined => (isOperator(caller) ? undefined : caller)

export const senderFor = (caller: Caller, by: string): Sender => {
  const ceiling = limitOf(caller)
  return { name: caller.who, by, ...(ceiling ? { ceiling } : { byOperator: true }) }
}
