/** The composition root: from clients and a clock to what the use cases work with. */
import program from '../package.json' with { type: 'json' }
import { type House, plainHouse } from './domain/house.ts'
import { builtInTemplates, type Templates } from './render/html.ts'
import type { Printing } from './render/render.ts'
import type { Archive } from './store/archive.ts'
import { type Detections, detectionsIn } from './store/detections.ts'
import { type Notes, notesIn } from './store/notes.ts'
import { type Rejects, rejectsIn } from './store/rejects.ts'
import { type Reports, reportsIn } from './store/reports.ts'
import { type Sources, sourcesIn } from './store/sources.ts'
import type { Table } from './store/table.ts'
import { type Taxonomies, taxonomiesIn } from './store/taxonomy.ts'

export type Services = {
  readonly detections: Detections
  readonly reports: Reports
  readonly notes: Notes
  readonly rejects: Rejects
  readonly sources: Sources
  readonly taxonomies: Taxonomies
  readonly archive: Archive
  readonly printer: Printing
  /** Opened when they are first asked for. */
  templates(): Templates
  /** How reports are dressed, and what of them is open. */
  readonly house: House
  /** Tells whoever runs this of something that they may want to know, in one line. */
  note(message: string): void
  /** Now. */
  clock(): Date
  /** A name that no other run has, for claims and batches. */
  readonly run: string
  /** Name and version of this program, as manifests print it. */
  readonly program: string
}

export const servicesOn = (parts: {
  table: Table
  archive: Archive
  printer: Printing
  run: string
  clock?: () => Date
  note?: (message: string) => void
  house?: House
  templates?: () => Templates
}): Services => ({
  detections: detectionsIn(parts.table),
  reports: reportsIn(parts.table),
  notes: notesIn(parts.table),
  rejects: rejectsIn(parts.table),
  sources: sourcesIn(parts.table),
  taxonomies: taxonomiesIn(parts.table),
  archive: parts.archive,
  printer: parts.printer,
  clock: parts.clock ?? (() => new Date()),
  templates: parts.templates ?? builtInTemplates,
  house: parts.house ?? plainHouse,
  note: parts.note ?? (() => undefined),
  run: parts.run,
  program: `${program.name} ${program.version}`,
})
