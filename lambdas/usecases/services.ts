/** Composition root: builds the services of the use cases from clients and a clock. */

import type { Archive } from '../archive/archive.ts'
import type { Pictures } from '../archive/pictures.ts'
import { systemClock } from '../config/clock.ts'
import { program } from '../config/program.ts'
import type { Aliases } from '../domain/detection/names/aliases.ts'
import { defaultOrganisation, type Organisation } from '../domain/report/organisation.ts'
import type { Signer } from '../domain/report/signature.ts'
import { builtInTemplates, type Templates } from '../render/html.ts'
import type { Printing } from '../render/render.ts'
import type { Table } from '../store/table/table.ts'
import { type Stores, storesIn } from './stores.ts'

export type Services = Stores & {
  readonly archive: Archive
  readonly pictures?: Pictures | undefined
  readonly printer: Printing
  readonly signer: Signer
  /** Opened on first use. */
  templates(): Templates
  readonly organisation: Organisation
  readonly aliases: Aliases
  log(message: string): void
  clock(): Date
  readonly run: string
  /** Whether the process of a run is known to have ended; undefined where that cannot be known. */
  readonly isDeadRun?: ((run: string) => boolean) | undefined
  readonly program: string
}

export type IntakeServices = Pick<
  Services,
  'accountSets' | 'batches' | 'detections' | 'rejects' | 'sources' | 'clock' | 'run'
>

export const servicesOn = (parts: {
  table: Table
  archive: Archive
  pictures?: Pictures | undefined
  printer: Printing
  signer: Signer
  run: string
  clock?: () => Date
  log?: (message: string) => void
  organisation?: Organisation
  aliases?: Aliases | undefined
  templates?: () => Templates
  isDeadRun?: (run: string) => boolean
}): Services => ({
  ...storesIn(parts.table),
  archive: parts.archive,
  pictures: parts.pictures,
  printer: parts.printer,
  signer: parts.signer,
  clock: parts.clock ?? systemClock,
  templates: parts.templates ?? builtInTemplates,
  organisation: parts.organisation ?? defaultOrganisation,
  aliases: parts.aliases ?? {},
  log: parts.log ?? (() => undefined),
  run: parts.run,
  isDeadRun: parts.isDeadRun,
  program,
})
