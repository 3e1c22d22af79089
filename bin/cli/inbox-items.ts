/** Lists what waits, and finds what keys name. */
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import type { InboxItem, InboxKind } from '../../lambdas/usecases/todo/inbox.ts'
import type { ListedInbox } from './answers.ts'
import type { CliContext } from './home/context.ts'

export type Named = {
  readonly kind: InboxKind
  readonly id: string
  /** Undefined where it no longer waits. */
  readonly item?: InboxItem
}

type Waiting = Named & { readonly item: InboxItem; readonly listed: ListedInbox }

export type Filter = { readonly kind?: InboxKind | undefined; readonly batch?: string | undefined }

export const itemsOf = async ({ services, caller }: CliContext): Promise<readonly Waiting[]> => {
  const { wholeInbox } = await import('../../lambdas/usecases/todo/inbox.ts')
  const { inboxLine } = await import('../../lambdas/web/reading-room/todo/inbox.ts')
  const { roomWordingOf } = await import('../../lambdas/web/shared/wording.ts')
  const { codesMeant } = await import('../../lambdas/domain/detection/gazetteer.ts')
  const { subjectOf } = await import('../../lambdas/domain/core/place/territory.ts')
  const visit = { words: roomWordingOf('en'), clock: { ...subjectOf('ALL'), isChosen: false }, href: String, caller }
  const items = await wholeInbox(caller, services)
  const unplaced = items.flatMap(({ kind, of }) => (kind === 'unplaced' ? [of.detection.id] : []))
  const stored = await services.detections.stored(unplaced)
  return items.map((item) => {
    const { kind, key, since, of } = item
    const record = recordIn(item)
    const id = record?.detection.id ?? key.slice(kind.length + 1)
    const from = kind === 'reject' ? of : kind === 'unplaced' ? stored.get(id) : (record?.undoing ?? record)
    const { title, about, whyPath, otherwise, ...line } = inboxLine(visit, item)
    const named = [title.text, about, kind === 'reject' ? line.id : ''].filter(Boolean).join(', ')
    const why = `${whyPath} ${line.why}`.trim()
    const written = kind === 'unplaced' ? (of.detection.reported?.territories ?? []) : undefined
    const words = written && { written, meant: codesMeant(written) }
    const batch = from?.batch !== undefined && { batch: from.batch }
    return { kind, id, item, listed: { key, kind, since, ...batch, title: named, ...words, why, otherwise } }
  })
}

export const recordIn = ({ kind, of }: InboxItem) =>
  kind === 'withdrawn' ? of : kind === 'lower' || kind === 'contested' ? of.record : undefined

export const isAsked =
  ({ kind, batch }: Filter) =>
  ({ listed }: Waiting): boolean =>
    (kind === undefined || listed.kind === kind) && (batch === undefined || listed.batch === batch)

/** What a key, `kind:id` or id names; undefined where nothing waits as that. An id that looks like a key hides none. */
export const itemNamed = (word: string, items: readonly Waiting[], filter: Filter = {}): Waiting | undefined => {
  const exact = items.find(({ item }) => item.key === word)
  const named = exact
    ? [exact]
    : items.filter(({ kind, id, item: { key } }) => [key.slice(kind.length + 1), `${kind}:${id}`, id].includes(word))
  const found = named.filter(isAsked(filter))
  if (named.length > 0 && found.length === 0) throw new Error('it waits, but not in that batch or as that kind')
  if (found.length < 2) return found[0]
  throw new Error(`it may be ${found.map(({ item }) => item.key).join(' or ')}: name one`)
}

/** What a word named before it was decided. */
export const decidedAs = async (
  word: string,
  kinds: readonly InboxKind[],
  { candidates, rejects, detections }: CliContext['services'],
): Promise<Named> => {
  const [, written, id = ''] = /^([a-z]+):(.+?)(?:@[0-9a-f]{8})?$/s.exec(word) ?? []
  const kind = kinds.find((one) => one === written)
  if (kind) return { kind, id }
  const was: Partial<Record<InboxKind, () => Promise<unknown>>> = {
    candidate: () => candidates.get(word),
    reject: () => rejects.get(word),
    contested: () => detections.decided(word),
    unplaced: async () => (await detections.stored([word])).get(word),
  }
  for (const one of kinds) if (await was[one]?.()) return { kind: one, id: word }
  throw nothingWaits(word)
}

/** The error of what no longer waits: who has decided, if known. */
export const notWaiting = async ({ kind, id }: Named, { services, caller }: CliContext): Promise<Error> => {
  const { whoChanged, whoClosed } = await import('../../lambdas/usecases/todo/who-was-faster.ts')
  const by =
    kind === 'candidate'
      ? (await services.candidates.get(id))?.decidedBy
      : kind === 'reject'
        ? (await whoClosed(id, services))?.by
        : ((await services.detections.decided(id))?.by ?? (await whoChanged(id, caller, services)))
  if (by === undefined) return nothingWaits(id)
  const state = kind === 'unplaced' && (await services.detections.readActive(id).catch(messageOf))
  return new Error(
    `${id} waits for no decision any more: decided by ${by}${typeof state === 'string' ? `: ${state}` : ''}`,
  )
}

const nothingWaits = (word: string): Error =>
  new Error(`nothing waits as ${JSON.stringify(word)}: vigie inbox list names what does`)
