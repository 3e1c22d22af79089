/** Changes nothing. Starts the browser once. */
import { existsSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { archiveFolder } from '../../../lambdas/archive/archive.local.ts'
import { HomeError } from '../../../lambdas/config/home-error.ts'
import { readOrganisation } from '../../../lambdas/config/organisation-file.ts'
import { program } from '../../../lambdas/config/program.ts'
import type {
  NewestVersions,
  StoredInstants,
  UnrecordedActs,
} from '../../../lambdas/domain/checkup/archive-findings.ts'
import type { Fact } from '../../../lambdas/domain/checkup/finding.ts'
import type { HomeFacts } from '../../../lambdas/domain/checkup/home-findings.ts'
import { openSigner } from '../../../lambdas/keys/signer.local.ts'
import { browserHere, openPrinter } from '../../../lambdas/render/chromium.ts'
import { fontFaceCss, fontFolder, PRINT_FONTS, printFontPath, SCREEN_FONTS } from '../../../lambdas/render/fonts.ts'
import { readPrinted } from '../../../lambdas/render/publish-gate.ts'
import { detectionsIn } from '../../../lambdas/store/detections/detections.ts'
import { unrecordedIn, unseenActs } from '../../../lambdas/store/detections/unrecorded.ts'
import { halfBackupsOf } from '../../../lambdas/store/embedded/backup.ts'
import { openHome, tableFileOf } from '../../../lambdas/store/embedded/home.ts'
import { closedFilesIn, userOf } from '../../../lambdas/store/embedded/owner.ts'
import { damageOf } from '../../../lambdas/store/embedded/table-file.ts'
import { candidatesIn } from '../../../lambdas/store/intake/candidates.ts'
import { reportsIn } from '../../../lambdas/store/reports/reports.ts'
import { waitingMailsIn } from '../../../lambdas/store/reports/waiting.ts'
import { instantsIn } from '../../../lambdas/store/table/clock.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'
import { newestVersions } from '../../../lambdas/usecases/archive/newest-versions.ts'
import { contradictionsIn } from '../../../lambdas/usecases/detect/contradictions.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import { secretHere } from '../deliver.ts'
import { lastRunIn } from './last-run.ts'

export const homeFacts = async (asked: string): Promise<HomeFacts> => {
  const home = resolve(asked)
  const [kept, files, halfBackups, service, mail, room, print, fonts, house] = await Promise.all([
    keptFacts(home),
    look(undefined, () => filesOf(home)),
    look(undefined, () => halfBackupsOf(home)),
    look(undefined, async () => ({ last: (await lastRunIn(home)) ?? null })),
    look(undefined, async () => {
      const { mail: { smtp } = {} } = await readOrganisation(home)
      if (smtp === undefined) return { server: null, waiting: 0 }
      await secretHere('VIGIE_SMTP_PASSWORD', join(home, 'smtp-password'))
      const opened = existsSync(tableFileOf(home)) ? await openHome(home) : undefined
      const waiting = (opened && (await waitingMailsIn(opened.table).begun())) ?? []
      await opened?.close()
      return { server: new URL(smtp).host, waiting: waiting.length }
    }),
    look(undefined, () => roomOf(home)),
    look(undefined, printOf),
    look(undefined, fontsOf),
    look(undefined, async () => {
      await readOrganisation(home)
      return { isOwn: existsSync(join(home, 'vigie.json')) }
    }),
  ])
  const node = { running: process.versions.node, asked: packageJson.engines.node }
  return { home, node, ...kept, files, halfBackups, service, mail, room, print, fonts, house, program }
}

const keptFacts = async (
  home: string,
): Promise<Pick<HomeFacts, 'store' | 'stored' | 'newest' | 'unrecorded' | 'decisions'>> => {
  const nothing: Fact<StoredInstants> = { value: { latest: null } }
  const noVersion: Fact<NewestVersions> = { value: { all: 0, looked: 0, problems: [], program: null } }
  if (!existsSync(tableFileOf(home))) {
    const isArchived = await holdsAny(archiveFolder(join(home, 'archive')).list(''))
    const unrecorded = { value: { acts: [], unseen: unseenActs } }
    return {
      store: { value: { table: 'none', isArchived } },
      stored: nothing,
      newest: noVersion,
      unrecorded,
      decisions: { value: [] },
    }
  }
  const opened = await look(undefined, () => openHome(home))
  if (!('value' in opened)) {
    const unread = { unread: 'the store does not open', repair: 'repair the store first' }
    return { store: opened, stored: unread, newest: unread, unrecorded: unread, decisions: unread }
  }
  const { table, archiveFolder: folder, refusal, close } = opened.value
  try {
    const stored = await look(undefined, () => storedIn(table))
    const services = { reports: reportsIn(table), archive: archiveFolder(folder), signer: openSigner(home) }
    const canWrite = refusal === undefined
    const damage = damageOf(tableFileOf(home), { canWrite })
    const store = { value: { table: 'open', damage, canWrite } } as const
    const unrecorded = await look(undefined, () => recordedIn(table))
    const decisions = await look(undefined, () => decidedIn(table))
    return { store, stored, unrecorded, decisions, newest: await look(undefined, () => newestVersions(services)) }
  } finally {
    await close()
  }
}

const holdsAny = async (keys: AsyncIterable<string>): Promise<boolean> => {
  for await (const _ of keys) return true
  return false
}

export const storedIn = async (table: Table): Promise<StoredInstants> => ({
  latest: (await instantsIn(table).latest()) ?? null,
})

export const recordedIn = async (table: Table): Promise<UnrecordedActs> => ({
  acts: (await unrecordedIn(table)) ?? null,
  unseen: unseenActs,
})

export const decidedIn = (table: Table) =>
  contradictionsIn({ candidates: candidatesIn(table), detections: detectionsIn(table) })

const filesOf = async (home: string) => {
  if (!existsSync(home)) return { closed: [] }
  const { owner, closed } = await closedFilesIn(home)
  return { owner: userOf(owner).name, closed }
}

const roomOf = async (home: string) => {
  const free = async (folder: string): Promise<number> => {
    // A missing folder will be on its parent's disk.
    for (let at = folder; ; at = resolve(at, '..')) {
      const found = await statfs(at).catch(() => undefined)
      if (found) return found.bavail * found.bsize
      if (at === resolve(at, '..')) throw new Error(`${folder} lies on no disk that can be asked`)
    }
  }
  const temporaryFolder = process.env.VIGIE_CHROMIUM_DIR || tmpdir()
  return { home: await free(home), temporary: await free(temporaryFolder), temporaryFolder }
}

/** Covers every script that a report may print, to detect missing fonts. */
const scripts = 'Vigie é ç œ 5\u202F187 ≥ − Ελλάδα Россия Հայաստան საქართველო ישראל العربية ไทย 中文 한국 😀'

const printOf = async () => {
  const printer = await openPrinter()
  try {
    const style = `${fontFaceCss('print')} body{font-family:var(--sans)}`
    const html = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Vigie</title><style>${style}</style></head><body><p>${scripts}</p></body></html>`
    const began = performance.now()
    const pdf = await printer.print(html, { lang: 'fr', title: 'Vigie' })
    const ms = performance.now() - began
    const { sheets } = await readPrinted(pdf)
    return { ms, browser: await browserName(), text: sheets.map(({ head, body }) => `${head} ${body}`).join(' ') }
  } finally {
    await printer.close()
  }
}

const browserName = async () => {
  const { executable, isBundled } = await browserHere()
  return isBundled ? 'the bundled browser' : executable
}

const fontsOf = async () => {
  const printed = PRINT_FONTS.map((font) => ({ name: font.file, path: () => printFontPath(font) }))
  const shown = SCREEN_FONTS.map(({ file }) => ({ name: file, path: () => join(fontFolder(), file) }))
  const all = [...printed, ...shown]
  const missing: string[] = []
  for (const { name, path } of all) {
    const found = await Promise.resolve()
      .then(() => stat(path()))
      .catch(() => undefined)
    if (!found || found.size === 0) missing.push(name)
  }
  return { known: all.length, missing }
}

const refusals = /AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized|Forbidden/

/** @param right the action and resource that reading needs, as in a policy */
export const look = async <Value>(right: string | undefined, read: () => Promise<Value>): Promise<Fact<Value>> => {
  try {
    return { value: await read() }
  } catch (error) {
    if (error instanceof HomeError) return { unread: error.cannot, repair: error.repair }
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    const isDenied = refusals.test(`${name} ${message}`)
    return { unread: message || name, ...(isDenied && right !== undefined && { right }) }
  }
}
