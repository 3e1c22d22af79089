/** The composition root: from clients and a clock to what the use cases work with. */

import type { Archive } from '../archive/archive.ts'
import type { Pictures } from '../archive/pictures.ts'
import { systemClock } from '../config/clock.ts'
import { program } from '../config/program.ts'
import type { Aliases } from '../domain/detection/names/aliases.ts'
import type { DraftRule } from '../domain/flash/draft-schema.ts'
import { defaultOrganisation, type Organisation } from '../domain/report/organisation.ts'
import type { Signer } from '../domain/report/signature.ts'
import { builtInTemplates, type Templates } from '../render/html.ts'
import type { Printing } from '../render/render.ts'
import type { Table } from '../store/table/table.ts'
import { type Stores, storesIn } from './stores.ts'

export type Services = Stores & {
  readonly archive: Archive
  /** Of evidence plates; undefined where none are kept: then reports tell of no plate. */
  readonly pictures?: Pictures | undefined
  readonly printer: Printing
  /** Signs manifests. */
  readonly signer: Signer
  /** Opened when they are first asked for. */
  templates(): Templates
  /** How reports are dressed, and what of them is open. */
  readonly organisation: Organisation
  /** The organisation's own names of campaigns and actors, which its intake uses too; none where it has none. */
  readonly aliases: Aliases
  /** When a flash note is drafted; never where it is missing. */
  readonly flashDrafts?: DraftRule | undefined
  /** Tells the operator something worth knowing, in one line. */
  log(message: string): void
  /** Now. */
  clock(): Date
  /** A name that no other run has, for claims and batches. */
  readonly run: string
  /** Whether the process of a run is known to be gone; undefined where that cannot be known. */
  readonly isDeadRun?: ((run: string) => boolean) | undefined
  /** Name and version of this program, as manifests print it. */
  readonly program: string
}

/** What taking detections in needs: a few of the stores, no archive, and nothing that prints. */
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
  flashDrafts?: DraftRule | undefined
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
  flashDrafts: parts.flashDrafts,
  log: parts.log ?? (() => undefined),
  run: parts.run,
  isDeadRun: parts.isDeadRun,
  program,
})
