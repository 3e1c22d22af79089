/** All that people read of a store, to compare one whose work was killed with one whose work was not. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import PostalMime from 'postal-mime'
import { draftPrefix } from '../../lambdas/archive/whole-file.local.ts'
import { everything } from '../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { draftFacts } from '../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { historyFor } from '../../lambdas/usecases/todo/history.ts'
import { inboxFor } from '../../lambdas/usecases/todo/inbox.ts'

/** Without the instants of the work, and without random names. */
const normal = (text: string): string =>
  text
    .replaceAll(/(?:2024-05-20|20[3-9]\d-\d\d-\d\d|202[6-9]-\d\d-\d\d)T[\d:.]+Z/g, 'then')
    .replaceAll(/\d{4}-\d\d-\d\d-[\da-f]{8}\b/g, 'an intake')
    .replaceAll(/vigie-[\da-f]{20}\b/g, 'a candidate')
    .replaceAll(/@[\da-f]{8}\b/g, '@its hash')
    .replaceAll(/\/[^" ]*\/home\//g, 'home/')

/** They follow from the rest, or from an instant. */
const left: ReadonlySet<string> = new Set(['snapshotSha256', 'manifestSha256', 'owner', 'leaseUntil', 'pages'])

const comparable = (contents: unknown): unknown =>
  JSON.parse(normal(JSON.stringify(contents, (name, value) => (left.has(name) ? '' : value))))

const editions: readonly (readonly [TerritoryCode, Marking])[] = [
  ['NC', 'TLP:RED'],
  ['NC', 'TLP:GREEN'],
  ['PF', 'TLP:RED'],
  ['PF', 'TLP:GREEN'],
]

export const contentsOf = async (services: Services, { leavesOut }: { leavesOut?: 'history' | undefined } = {}) => {
  const { recipients, schedules, sources, reports, plates, pictures, deliveries } = services
  const history = await historyFor(everything, { most: 100, sender: '' }, services)
  const period = parsePeriod('2024-W20')
  const facts: unknown[] = []
  for (const [territory, cap] of editions) facts.push(await draftFacts({ territory, period, cap }, services))
  return comparable({
    facts,
    ...(leavesOut !== 'history' && {
      history: history.map(({ at: _, ...line }) => normal(JSON.stringify(line))).toSorted(),
    }),
    waits: (await inboxFor(everything, services)).map(({ key, marking }) => [key, marking]),
    people: [
      await Array.fromAsync(recipients.all()),
      await schedules.get({ subject: 'NC', cadence: 'week' }),
      (await deliveries.about('NC', period.id)).map(({ recipient, state }) => [recipient, state]),
    ],
    sources: await sources.asOf('9'),
    versions: (await Array.fromAsync(reports.all())).filter(({ state }) => state !== 'abandoned'),
    images: await Promise.all((await plates.list()).map(async (one) => [one, await pictures?.get(one.sha256)])),
  })
}

/** The archive's files and the facts of its reports, and the mails of the outbox. */
export const filesOf = async (home: string): Promise<unknown> => {
  const archive = join(home, 'archive')
  const all = await readdir(archive, { recursive: true }).catch(() => [])
  // A killed process leaves its draft.
  const names = all.filter((name) => !basename(name).startsWith(draftPrefix)).toSorted()
  const reports = names.filter((name) => name.endsWith('/report.json'))
  const outbox = join(home, 'outbox')
  const mails = (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.eml')).toSorted()
  return comparable({
    names,
    reports: await Promise.all(reports.map(async (name) => JSON.parse(await readFile(join(archive, name), 'utf8')))),
    mails: await Promise.all(
      mails.map(async (name) => {
        const { to, subject } = await PostalMime.parse(await readFile(join(outbox, name)))
        return [to, subject]
      }),
    ),
  })
}
