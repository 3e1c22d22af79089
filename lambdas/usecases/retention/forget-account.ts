import { randomBytes } from 'node:crypto'
import type { Archive } from '../../archive/archive.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { pseudonymForm } from '../../domain/detection/revisions/pseudonym.ts'
import { type Redaction, redactionOf } from '../../domain/detection/revisions/redaction.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import type { Forgetting, Naming, Redacted } from '../../store/detections/redaction.ts'
import type { Reports } from '../../store/reports/reports.ts'

type ForgetServices = {
  readonly forgetting: Forgetting
  pseudonym(account: string): string
  clock(): Date
}

type Mail = { readonly name: string; readonly text: string }

type SearchServices = Pick<ForgetServices, 'forgetting' | 'pseudonym'> & {
  readonly archive: Archive
  readonly reports: Pick<Reports, 'all'>
  readonly mails: AsyncIterable<Mail> | Iterable<Mail>
}

/** Marking, files and `isRecalled` are those of an archived version. */
export type Remaining = Naming & {
  readonly marking?: Marking
  readonly isRecalled?: true
  readonly files?: readonly string[]
  /** Files of the version whose text cannot be searched. */
  readonly notSearched?: readonly string[]
}

/** What still names an account, and how much was searched. */
export type SearchedAccount = {
  readonly remains: readonly Remaining[]
  readonly searched: { readonly items: number; readonly files: number; readonly mails: number }
}

/**
 * @param account a name, with or without its @, or a pseudonym as reports show it
 * @returns how many items named it
 */
export const forgetAccount = async (
  account: string,
  { forgetting, pseudonym, clock }: ForgetServices,
): Promise<Redacted> => forgetting.redact(redactionFor(account, pseudonym), clock().toISOString())

/** Finds also what forgetting does not change: words without @, ids, hashtags, archived versions, mails. */
export const searchAccount = async (
  account: string,
  { forgetting, pseudonym, archive, reports, mails }: SearchServices,
): Promise<SearchedAccount> => {
  const { foundIn } = redactionFor(account, pseudonym)
  const stored = await forgetting.search(foundIn)
  const archived = await searchArchive(foundIn, { archive, reports })
  const remains: Remaining[] = [...stored.found, ...archived.found]
  let count = 0
  for await (const { name, text } of mails) {
    count += 1
    const as = foundIn(text)
    if (as) remains.push({ of: 'outbox', id: name, as })
  }
  return { remains, searched: { items: stored.items, files: archived.files, mails: count } }
}

const redactionFor = (account: string, pseudonym: ForgetServices['pseudonym']): Redaction =>
  redactionOf({
    name: pseudonymForm.test(account) ? undefined : account,
    pseudonym: pseudonym(account),
    replacement: pseudonym(randomBytes(32).toString('hex')),
  })

/** Longer files make no string of Node. */
const maxBytes = 250_000_000

/** As the templates escape. */
const entities: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'", '&#x60;': '`', '&#x3D;': '=' },
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString()
    // Pictures and fonts could contain any word.
    .replace(/;base64,[A-Za-z0-9+/=]+/g, '')
    .replace(/&(?:amp|lt|gt|quot|#x27|#x60|#x3D);/g, (entity) => entities[entity] ?? entity)

const searchArchive = async (
  foundIn: Redaction['foundIn'],
  { archive, reports }: Pick<SearchServices, 'archive' | 'reports'>,
) => {
  const entries = new Map(
    (await Array.fromAsync(reports.all())).map((entry) => [reportId(editionOf(entry), entry.version), entry]),
  )
  const found: Remaining[] = []
  const keys = Map.groupBy(await Array.fromAsync(archive.list('')), (key) => key.slice(0, key.lastIndexOf('/')))
  let count = 0
  for (const [folder, all] of keys) {
    const files: string[] = []
    const notSearched: string[] = []
    let as: Naming['as'] | undefined
    for (const key of all) {
      const file = key.slice(folder.length + 1)
      const bytes = file.endsWith('.pdf') ? undefined : await archive.get(key)
      if (!bytes || bytes.length > maxBytes) {
        notSearched.push(file)
        continue
      }
      count += 1
      const spelling = foundIn(textOf(bytes))
      if (!spelling) continue
      files.push(file)
      if (as !== 'name') as = spelling
    }
    if (!as) continue
    const id = folder.replace(/^reports\//, '')
    const entry = entries.get(id)
    found.push({
      ...{ of: 'archive', id, as, files, notSearched },
      ...(entry && { marking: entry.cap, ...(entry.recalled && { isRecalled: true }) }),
    })
  }
  return { files: count, found }
}
