import { plural } from '../core/text/plural.ts'
import {
  archiveFinding,
  type Contradiction,
  decisionFindings,
  historyFinding,
  type NewestVersions,
  type StoredInstants,
  storedFinding,
  type UnrecordedActs,
} from './archive-findings.ts'
import { type Fact, type Finding, findingOf, good, broken, note } from './finding.ts'

export type HomeFacts = {
  readonly home: string
  readonly node: { readonly running: string; readonly asked: string }
  readonly store: Fact<StoreFact>
  readonly stored: Fact<StoredInstants>
  readonly unrecorded: Fact<UnrecordedActs>
  readonly newest: Fact<NewestVersions>
  readonly decisions: Fact<readonly Contradiction[]>
  /** Files that the owner cannot use; no owner where nothing is stored. */
  readonly files: Fact<{ readonly owner?: string; readonly closed: readonly string[] }>
  /** Folders next to the data folder. */
  readonly halfBackups: Fact<readonly string[]>
  /** Free bytes on the disks of the data folder and of temporary files. */
  readonly room: Fact<{ readonly home: number; readonly temporary: number; readonly temporaryFolder: string }>
  readonly print: Fact<{ readonly ms: number; readonly text: string; readonly browser?: string }>
  readonly fonts: Fact<{ readonly known: number; readonly missing: readonly string[] }>
  readonly house: Fact<{ readonly isOwn: boolean }>
  readonly program: string
  /** The server is null where mails are files; deliveries wait after a refusal. */
  readonly mail: Fact<{ readonly server: string | null; readonly waiting: number }>
  /** Of `vigie run`, once it was started. */
  readonly service: Fact<{ readonly last: LastRun | null }>
}

export type LastRun = { readonly at: string; readonly failed: readonly string[] }

/** In milliseconds: several runs of the service. */
const maxSilence = 600_000

type StoreFact = {
  readonly table: 'none' | 'open'
  readonly isArchived?: boolean
  readonly canWrite?: boolean
  /** Output of SQLite's integrity check, if damaged. */
  readonly damage?: string | undefined
}

export const damagedTableFix =
  'put back a copy of table.sqlite, or move it away, then vigie archive reindex and ingest the detections again'

/** A month's reports of all territories: some 100 MB; Chromium and its profile: 300. */
const minFreeBytes = { home: 1_000_000_000, temporary: 500_000_000 } as const

export const homeFindings = (facts: HomeFacts, now: string): readonly Finding[] => [
  nodeFinding(facts.node),
  findingOf('store', facts.store, ({ table, isArchived, damage, canWrite = true }) => {
    if (table === 'none') {
      return isArchived
        ? broken(
            'store',
            `${facts.home} has an archive and no table`,
            'put back a copy of table.sqlite, or vigie archive reindex and ingest the detections again',
          )
        : note('store', `there is no data folder in ${facts.home} yet: it is made when something is stored`)
    }
    if (damage !== undefined) {
      return broken('store', `the table in ${facts.home} is damaged (${damage})`, damagedTableFix)
    }
    if (!canWrite) {
      return note('store', `opens in ${facts.home} to be read: commands that write end with an error for this user`)
    }
    return good('store', `opens in ${facts.home}`)
  }),
  storedFinding(
    facts.stored,
    now,
    'set the clock right if it is behind; any other command checks the data folder and shows more',
  ),
  historyFinding(facts.unrecorded),
  ...decisionFindings(facts.decisions),
  archiveFinding(facts.newest),
  findingOf('files', facts.files, ({ owner, closed: [first, ...others] }) => {
    if (owner === undefined) return note('files', 'nothing yet')
    if (first === undefined) return good('files', `${owner}, the owner of the data folder, can use all of them`)
    const more =
      others.length > 0
        ? `, nor ${others.slice(0, 4).join(', ')}${others.length > 4 ? ` and ${others.length - 4} more` : ''}`
        : ''
    return broken(
      'files',
      `${owner}, the owner of the data folder, cannot use ${first}${more}`,
      `as root: chown -R --reference=${facts.home} ${facts.home}, and chmod -R u+rwX`,
    )
  }),
  findingOf('backup', facts.halfBackups, (parts) =>
    parts.length === 0
      ? good('backup', 'none was interrupted next to the data folder')
      : broken(
          'backup',
          `${parts.join(', ')} is half a backup: interrupted, unless vigie backup runs now`,
          'do not restore it: run vigie backup again with the same name without .part, which replaces it, or delete it: it has keys',
        ),
  ),
  findingOf('version', facts.newest, ({ program: made }) => {
    if (made === null) return note('version', `${facts.program}, and nothing was made yet`)
    return made === facts.program
      ? good('version', `the newest report was made by ${facts.program}, as this is`)
      : note(
          'version',
          `the newest report was made by ${made}, and this is ${facts.program}: what changed is in CHANGELOG.md`,
        )
  }),
  findingOf('room', facts.room, ({ home, temporary, temporaryFolder }) => {
    if (home < minFreeBytes.home)
      return broken(
        'room',
        `${megabytes(home)} are free for the data folder`,
        'free 1 GB on that disk, or move the data folder',
      )
    return temporary < minFreeBytes.temporary
      ? broken(
          'room',
          `${megabytes(temporary)} are free in ${temporaryFolder}`,
          'free 500 MB there, or set TMPDIR to a folder with enough space: the browser is unpacked in it',
        )
      : good('room', `${megabytes(home)} are free for the data folder, ${megabytes(temporary)} in ${temporaryFolder}`)
  }),
  findingOf('fonts', facts.fonts, ({ known, missing }) =>
    missing.length === 0
      ? good('fonts', `all ${known} files are there`)
      : broken('fonts', `missing: ${missing.length} of ${plural(known, 'file')}, ${missing[0]} the first`, 'npm ci'),
  ),
  findingOf('print', facts.print, ({ ms, text, browser = 'the browser' }) =>
    text.includes('Vigie')
      ? good('print', `${browser} printed a page in ${Math.round(ms)} ms, and it reads as written`)
      : broken(
          'print',
          `${browser} printed a page that does not read as written`,
          'npm ci; unset CHROME_PATH, or name a newer Chrome by it',
        ),
  ),
  findingOf('mail', facts.mail, ({ server, waiting }) => {
    if (server === null) return note('mail', 'mails are written to the outbox')
    return waiting > 0
      ? broken('mail', `mails of ${plural(waiting, 'report')} wait for ${server}`, 'vigie deliveries list shows why')
      : good('mail', `mails go to ${server}`)
  }),
  findingOf('service', facts.service, ({ last }) => {
    if (last === null) return note('service', 'vigie run was never started: nothing is made by itself')
    const silent = Date.parse(now) - Date.parse(last.at) > maxSilence
    if (silent) return broken('service', `the last run of vigie run was at ${last.at}`, 'start vigie run again')
    return last.failed.length > 0
      ? broken('service', `its run at ${last.at} failed in part: ${last.failed.join(', ')}`, 'see its output')
      : good('service', `vigie run was last active at ${last.at}`)
  }),
  findingOf('house', facts.house, ({ isOwn }) =>
    isOwn ? good('house', 'vigie.json can be used') : note('house', 'there is no vigie.json: reports are plain'),
  ),
]

const nodeFinding = ({ running, asked }: HomeFacts['node']): Finding => {
  const least = Number(/\d+/.exec(asked)?.[0] ?? 0)
  const major = Number(running.split('.')[0])
  return major >= least
    ? good('node', `Node ${running}`)
    : broken(
        'node',
        `Node ${running}, and Vigie takes ${asked}`,
        'npm ci, and start it by npx: the right Node comes with it',
      )
}

const megabytes = (bytes: number): string =>
  bytes < 10_000_000_000 ? `${Math.floor(bytes / 1_000_000)} MB` : `${Math.floor(bytes / 1_000_000_000)} GB`
