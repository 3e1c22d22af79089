/** The use cases' services on a real home in this process, with a clock that the test sets. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IngestResult } from '../../bin/cli/answers.ts'
import type { CliContext } from '../../bin/cli/home/context.ts'
import { type IngestCommand, ingestFiles } from '../../bin/cli/ingest-files.ts'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import { archiveFolder } from '../../lambdas/archive/archive.local.ts'
import { picturesFolder } from '../../lambdas/archive/pictures.local.ts'
import { everything } from '../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { SubjectCode, TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { reportOf } from '../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { openPseudonyms } from '../../lambdas/keys/pseudonyms.local.ts'
import { openSigner } from '../../lambdas/keys/signer.local.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { openHome } from '../../lambdas/store/embedded/home.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { draftFacts, generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { type Services, servicesOn } from '../../lambdas/usecases/services.ts'
import { ndjson, type ReportJson } from './cli.ts'
import { now } from './clock.ts'

export type Opened = {
  readonly services: Services
  /** The same, as commands work on it. */
  readonly context: CliContext
  readonly table: Table
  /**
   * Sets the clock; it stands until it is set again, or runs from 'now' on, as that of commands on the same home does.
   */
  at(instant: string): void
  /** Services of another run on the same home, with the same clock. */
  asRun(run: string, changed?: Partial<Services>): Services
  close(): Promise<void>
}

/** Homes that are opened one after the other may share a printer: it stays open. */
export const openServices = async (
  folder: string,
  start = '2024-05-20T00:00:00.000Z',
  shared?: Printer,
): Promise<Opened> => {
  const home = await openHome(folder)
  const { table } = home
  const printer = shared ?? (await openPrinter())
  const archive = archiveFolder(home.archiveFolder)
  const pictures = picturesFolder(home.picturesFolder)
  let set = start
  const clock = () => (set === 'now' ? now() : new Date(set))
  const signer = openSigner(home.folder)
  const services = servicesOn({ table, archive, pictures, printer, signer, run: 'test-1', clock })
  return {
    services,
    context: {
      services,
      table,
      folder: home.folder,
      pseudonyms: (how) => openPseudonyms(home.folder, process.env, how),
      caller: everything,
      stopping: new AbortController().signal,
    },
    table,
    at: (instant) => {
      set = instant
    },
    asRun: (run, changed = {}) => ({
      ...servicesOn({ table, archive, pictures, printer, signer, run, clock }),
      ...changed,
    }),
    close: async () => {
      if (!shared) await printer.close()
      await home.close()
    },
  }
}

/** Works on a home in this process while no command runs: it is closed again after. */
export const openedOn = async <Done>(home: string, work: (opened: Opened) => Promise<Done>): Promise<Done> => {
  const opened = await openServices(home, 'now')
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** What `vigie ingest --json` prints of a file with these bytes, or with these records on its lines. */
export const ingestInto = async (
  { context }: Opened,
  content: string | Uint8Array | readonly DetectionInput[],
  stated: Partial<IngestCommand> = {},
): Promise<IngestResult> => {
  const file = join(context.folder, 'ingested.ndjson')
  const bytes = typeof content === 'string' || content instanceof Uint8Array ? content : ndjson(...content)
  await writeFile(file, bytes)
  return ingestFiles({ files: [file], format: 'auto', ...stated }, context)
}

/** What `vigie report --json` prints. */
export const reportFrom = async (
  { services }: Opened,
  territory: TerritoryCode,
  period: string,
  { cap = 'TLP:AMBER', asOf }: { readonly cap?: Marking; readonly asOf?: string } = {},
): Promise<ReportJson> => {
  const request = { territory, period: parsePeriod(period), cap, asOf }
  return reportOutput(await generateReport(request, services), services.archive)
}

/** A report that is neither printed nor archived. */
export const draftFrom = async (
  { services }: Opened,
  territory: SubjectCode,
  period: string,
  { cap = 'TLP:AMBER', campaign }: { readonly cap?: Marking; readonly campaign?: string } = {},
): Promise<Report> =>
  reportOf(await draftFacts({ territory, period: parsePeriod(period), cap, ...(campaign && { campaign }) }, services))
