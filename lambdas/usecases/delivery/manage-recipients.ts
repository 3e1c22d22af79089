import { eachOf, type Fault, fault, faultAt, FaultError, messageOfFault, quoted } from '../../domain/core/fault.ts'
import { markings, parseMarking } from '../../domain/core/marking.ts'
import { isFlashCode, isOnRequest, territoryGroups } from '../../domain/core/place/territory.ts'
import { refusalOf } from '../../domain/core/schema-fault.ts'
import { isSameJson } from '../../domain/core/text/canonical.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import {
  eachTerritory,
  type editionNames,
  type places,
  type Recipient,
  recipientSchema,
  removedMail,
} from '../../domain/delivery/recipient.ts'
import { foundBy, noTerritory, readTerritory, subjectNamed } from '../../domain/detection/gazetteer.ts'
import { unguarded } from '../../intake/table/cells.ts'
import { sheetOf } from '../../intake/table/rows.ts'
import { recipientId } from '../../store/delivery/recipients.ts'
import type { Who } from '../../store/table/history.ts'
import type { Services } from '../services.ts'

export type RecipientWords = {
  readonly address?: string | undefined
  readonly name?: string | undefined
  readonly organisation?: string | undefined
  readonly language?: string | undefined
  readonly territories?: readonly string[] | undefined
  readonly editions?: readonly string[] | undefined
  readonly cadences?: readonly string[] | undefined
  readonly clearance?: string | undefined
  readonly form?: string | undefined
  readonly quiet?: string | undefined
  /** yes or no, in English or French. */
  readonly digest?: string | boolean | undefined
}

export class RecipientError extends FaultError {
  override name = 'RecipientError'
  readonly field: keyof RecipientWords | undefined

  constructor(reason: Fault) {
    super(reason)
    const { path, ...own } = reason
    this.field = path?.split(/[.[]/)[0] as keyof RecipientWords | undefined
    if (path !== undefined && eachOf(reason).length === 1) this.message = `${path}: ${messageOfFault(own)}`
  }
}

type RecipientServices = Pick<Services, 'recipients' | 'clock'>

/** @throws RecipientError; also if the address is already on the list */
export const addRecipient = async (
  words: RecipientWords,
  { pending = false }: { readonly pending?: boolean },
  who: Who,
  { recipients, clock }: RecipientServices,
): Promise<Recipient> => {
  const address = (words.address ?? '').trim()
  const recipient = readRecipient({
    id: recipientId(address),
    language: 'fr',
    cadences: ['week'],
    clearance: 'TLP:CLEAR',
    form: 'link',
    quiet: 'send',
    state: pending ? 'pending' : 'active',
    addedAt: clock().toISOString(),
    ...fieldsOf(words),
    address,
  })
  const before = await recipients.get(recipient.id)
  if (before?.state === 'active' || before?.state === 'pending') {
    throw new RecipientError(fault('recipient.known', { address: recipient.address }))
  }
  if (before?.state === 'suppressed' && !before.address.endsWith(removedMail)) {
    throw new RecipientError(
      fault('recipient.suppressed', {
        address: recipient.address,
        reason: before.reason ?? fault('recipient.noReason'),
      }),
    )
  }
  // A recipient who left and is added again is new, under the old id.
  const written = await (before
    ? recipients.change(before, recipient, who, clock())
    : recipients.add(recipient, who, clock()))
  if (!written) await mustBe(recipient, recipients)
  return recipient
}

/** Changes only the named fields. @throws RecipientError */
export const updateRecipient = async (
  whom: string,
  words: Omit<RecipientWords, 'address'>,
  { active = false }: { readonly active?: boolean },
  who: Who,
  services: RecipientServices,
): Promise<Recipient> => changeRecipient(await findRecipient(whom, services), words, { ...who, active }, services)

/** Writes only if the recipient is unchanged, so that a concurrent departure or lower clearance holds. */
const changeRecipient = async (
  found: Recipient,
  words: Omit<RecipientWords, 'address'>,
  { active, ...who }: Who & { readonly active: boolean },
  { recipients, clock }: RecipientServices,
): Promise<Recipient> => {
  const { reason, ...before } = found
  const state = active ? { state: 'active' } : { ...(reason !== undefined && { reason }) }
  const changed = readRecipient({ ...before, ...fieldsOf(words), ...state })
  if (!(await recipients.change(found, changed, who, clock()))) await mustBe(changed, recipients)
  return changed
}

/** Accepts a failed write whose result is stored: its answer was lost. @throws RecipientError otherwise */
const mustBe = async (wanted: Recipient, recipients: RecipientServices['recipients']): Promise<void> => {
  const stored = await recipients.get(wanted.id)
  if (stored && isSameJson(stored, wanted)) return
  throw new RecipientError(fault('recipient.concurrentEdit', { address: wanted.address }))
}

/** Removes a recipient. The ledger keeps past deliveries; links in mails stop working. */
export const removeRecipient = async (whom: string, who: Who, services: RecipientServices): Promise<Recipient> => {
  for (;;) {
    const found = await findRecipient(whom, services)
    const now = services.clock()
    const reason = fault('recipient.takenOff', { at: now.toISOString() })
    const removed: Recipient = { ...found, state: 'unsubscribed', reason }
    if (await services.recipients.change(found, removed, who, now)) return removed
  }
}

/** Finds by address or id. @throws RecipientError */
const findRecipient = async (who: string, { recipients }: RecipientServices): Promise<Recipient> => {
  const found = (await recipients.get(who)) ?? (await recipients.get(recipientId(who)))
  if (found) return found
  throw new RecipientError(fault('recipient.unknown', { text: quoted(who) }))
}

const readRecipient = (value: unknown): Recipient => {
  const read = recipientSchema.safeParse(value)
  if (read.success) return read.data
  throw new RecipientError(refusalOf(read.error))
}

const fieldsOf = ({
  territories,
  editions,
  clearance,
  cadences: often,
  digest,
  ...plain
}: RecipientWords): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined && value !== '')),
  ...(territories && territories.length > 0 && { territories: [...new Set(territories.flatMap(placesNamed))] }),
  ...(editions && editions.length > 0 && { editions: [...new Set(editions.map(editionNamed))] }),
  ...(often && often.length > 0 && { cadences: [...new Set(often)] }),
  ...(clearance && { clearance: clearanceOf(clearance) }),
  ...(digest !== undefined && digest !== '' && { digest: typeof digest === 'boolean' ? digest : yesOrNo(digest) }),
})

/** @throws RecipientError */
const yesOrNo = (written: string): boolean => {
  const word = folded(written)
  if (['yes', 'oui', 'true', 'vrai', '1', 'x'].includes(word)) return true
  if (['no', 'non', 'false', 'faux', '0'].includes(word)) return false
  throw new RecipientError(faultAt('digest', fault('recipient.digest', { text: quoted(written) })))
}

/** "All" means the overseas group and Corsica. */
const placesNamed = (written: string): readonly (typeof places)[number][] =>
  ['all', 'tous', 'toutes'].includes(folded(written)) ? ['overseas', 'COR'] : [placeOf(written)]

/** Stores the group itself, so that later members are included. */
const placeOf = (written: string): (typeof places)[number] => {
  const word = written.trim()
  const group = territoryGroups.find(({ id, name }) =>
    [id, name.fr, name.en].some((one) => one.toLowerCase() === word.toLowerCase()),
  )
  if (group) return group.id
  const reading = readTerritory(word)
  const [found, ...more] = reading ? foundBy(reading) : []
  if (!found || more.length > 0) throw new RecipientError(faultAt('territories', noTerritory(word)))
  return found.code
}

/** A group means the report about the group, not its members' reports. */
const editionNamed = (written: string): (typeof editionNames)[number] => {
  if (folded(written) === eachTerritory) return eachTerritory
  const code = subjectNamed(written)
  if (code !== undefined && !isOnRequest(code)) return code
  const reason =
    code === undefined
      ? fault('recipient.editions', { reason: noTerritory(written) })
      : fault(isFlashCode(code) ? 'recipient.editionFlash' : 'recipient.editionDossier', { text: quoted(written) })
  throw new RecipientError(faultAt('editions', reason))
}

const clearanceOf = (written: string): string => {
  try {
    return parseMarking(written)
  } catch {
    const reason = fault('recipient.clearance', { text: quoted(written), markings: markings.join(', ') })
    throw new RecipientError(faultAt('clearance', reason))
  }
}

export type ImportedRecipients = {
  readonly added: number
  readonly changed: number
  readonly same: number
  readonly rejected: readonly { readonly line: number; readonly message: string }[]
}

const headings: Readonly<Record<keyof RecipientWords, readonly string[]>> = {
  address: ['address', 'email', 'e mail', 'mail', 'adresse', 'courriel'],
  name: ['name', 'nom'],
  organisation: ['organisation', 'organization', 'organisme', 'service'],
  language: ['language', 'langue'],
  territories: ['territories', 'territory', 'territoires', 'territoire'],
  editions: ['editions', 'edition'],
  cadences: ['cadences', 'cadence', 'periodicite'],
  clearance: ['clearance', 'habilitation', 'tlp'],
  form: ['form', 'forme'],
  quiet: ['quiet', 'calme'],
  digest: ['digest', 'envoi groupe', 'groupe'],
}

/** Adds new addresses and changes known ones. A bad row affects no other row. */
export const importRecipients = async (
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  who: Who,
  services: RecipientServices,
): Promise<ImportedRecipients> => {
  const sheet = await sheetOf(chunks, { file })
  const known = sheet.headings.map(folded)
  const columns = Object.entries(headings).flatMap(([field, names]) => {
    const at = known.findIndex((heading) => names.includes(heading))
    return at < 0 ? [] : [{ field: field as keyof RecipientWords, at }]
  })
  if (!columns.some(({ field }) => field === 'address')) {
    throw new RecipientError(fault('recipient.noAddressColumn', { file, columns: Object.keys(headings).join(', ') }))
  }
  const counts = { added: 0, changed: 0, same: 0 }
  const rejected: { line: number; message: string }[] = []
  for await (const row of sheet.rows) {
    if ('reject' in row) {
      rejected.push({ line: row.reject.line ?? 0, message: row.reject.message })
      continue
    }
    if (row.cells.every((cell) => cell.trim() === '')) continue
    try {
      counts[await importRow(wordsIn(row.cells, columns), who, services)] += 1
    } catch (error) {
      if (!(error instanceof RecipientError)) throw error
      rejected.push({ line: row.line, message: error.message })
    }
  }
  return { ...counts, rejected }
}

const importRow = async (
  words: RecipientWords,
  who: Who,
  services: RecipientServices,
): Promise<'added' | 'changed' | 'same'> => {
  const before = await services.recipients.get(recipientId(words.address ?? ''))
  if (!before) {
    await addRecipient(words, {}, who, services)
    return 'added'
  }
  // A list cannot bring back a recipient who left or whose server refuses mail.
  if (before.state === 'unsubscribed' || before.state === 'suppressed') {
    throw new RecipientError(
      fault('recipient.left', {
        address: words.address ?? '',
        state: before.state,
        reason: before.reason ?? fault('recipient.noReason'),
      }),
    )
  }
  const { address: _, ...changes } = words
  const after = await changeRecipient(before, changes, { ...who, active: false }, services)
  return isSameJson(after, before) ? 'same' : 'changed'
}

const listFields: ReadonlySet<keyof RecipientWords> = new Set(['territories', 'editions', 'cadences'])

const wordsIn = (
  cells: readonly string[],
  columns: readonly { readonly field: keyof RecipientWords; readonly at: number }[],
): RecipientWords =>
  Object.fromEntries(
    columns.map(({ field, at }) => {
      const cell = unguarded((cells[at] ?? '').trim())
      const isList = listFields.has(field)
      return [
        field,
        isList
          ? cell
              .split(/[;,|]/)
              .map((word) => word.trim())
              .filter(Boolean)
          : cell,
      ]
    }),
  )
