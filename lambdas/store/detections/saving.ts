import { eachOf, type Fault, fault, faultAt, faultOfThrown, several } from '../../domain/core/fault.ts'
import { isSameJson } from '../../domain/core/text/canonical.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { misspeltIn, noTerritory } from '../../domain/detection/gazetteer.ts'
import {
  askedKey,
  type Correcting,
  type Correction,
  changedFields,
  exactlyChangedFields,
  corrected,
  correctionsAfter,
  markingOfReply,
  refusedOver,
  touched,
  touches,
  uncorrected,
  withFields,
  withSpelling,
} from '../../domain/detection/revisions/correction.ts'
import { loweredFault, loweringKey, loweringsOf } from '../../domain/detection/revisions/lowering.ts'
import { notActiveFault } from '../../domain/detection/revisions/not-active.ts'
import { withParts } from '../../domain/detection/revisions/parts.ts'
import {
  contentSha256,
  decide,
  foreignTo,
  type Latest,
  notCleared,
  type Sending,
} from '../../domain/detection/revisions/revision.ts'
import { type Line, lineOf } from '../table/history.ts'
import { type Item, RefusedItemError, type Table } from '../table/table.ts'
import {
  type Against,
  contest,
  type Contested,
  contested,
  type IfAccepted,
  type Outcome,
  type Sent,
} from './contested.ts'
import { type Active, type Found, readFor } from './found.ts'
import {
  bodyRevision,
  correctionsIn,
  correctionsOf,
  type Head,
  headOf,
  heldOver,
  isLong,
  type NextHead,
  overOf,
} from './items.ts'
import { bodyFrom, claim, missing, OvertakenError, promisedBy } from './revisions.ts'
import { keepRevised } from './undoing.ts'

type Saved = { readonly outcome: Outcome; readonly items: readonly Item[] }

export const saveAll = async (
  table: Table,
  detections: readonly Detection[],
  now: Date,
  sendingOf: (detection: Detection) => Sent = () => ({}),
): Promise<readonly Outcome[]> => {
  const tried = await Promise.allSettled(
    detections.map((detection) => save(table, detection, now, sendingOf(detection)).catch(refusalOf)),
  )
  // A fault of one detection must not affect the others.
  const outcomes = await putEach(
    table,
    tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
  )
  const failed = tried.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return outcomes
}

export const save = async (table: Table, sent: Detection, now: Date, sending: Sent): Promise<Saved> => {
  let received = sent
  // Most detections are new: the first try skips the read, except where parts would be put before the claim.
  const needsHead = sending.accepted !== undefined || sending.refusedBase !== undefined || needsActive(sending)
  let found: Found | undefined =
    needsHead || isLong(JSON.stringify({ ...received, revision: 1 })) ? await readFor(table, received.id) : undefined
  for (;;) {
    if (sending.refusedBase !== undefined) {
      if (found?.status !== 'active' || found.head.contentSha256 !== sending.refusedBase) return nothingNew
      found = { ...found, head: refusedOnce(found.head, sent) }
    }
    const { head, latest } = found ?? {}
    if (found && found.status !== 'active' && needsActive(sending)) {
      return { outcome: { kind: 'refused', fault: notActiveFault(found.fault) }, items: [] }
    }
    const active = found?.status === 'active' ? found : undefined
    const given = await meantAsBefore(table, active, sent, sending)
    received = given
    if (active && isCorrection(active, received, sending)) {
      const done = await correct(table, active, received, sending, now)
      if (done) return done
      found = await readFor(table, received.id)
      continue
    }
    const own = active && isPartial(active, given, sending) ? active.head : undefined
    if (own?.placing === 'placed' && misspeltIn(given).length > 0) {
      return { outcome: misspelt(given), items: [] }
    }
    const whole = own ? await completed(table, own, given, sending) : { detection: given }
    const from = own ? { ...sending, correcting: fromStored(sending) } : sending
    if ('refusal' in whole) return { outcome: { kind: 'refused', fault: whole.refusal }, items: [] }
    received = whole.detection
    const sha256 = contentSha256(received)
    const decision = decide(latest, received, sha256, sending)
    if (decision.kind === 'refused') return { outcome: decision, items: [] }
    if (decision.kind === 'duplicate') {
      if (!active) return { outcome: decision, items: [] }
      const placed = { ...corrected(received, correctionsIn(head)), territories: [...active.head.territories] }
      return { outcome: decision, items: await missing(table, await promisedBy(table, active.head, placed)) }
    }
    const kept = decision.kind === 'new' ? [] : heldOver(received, head)
    const { clash, corrections, placed } = becoming(head, received, kept)
    const stored = correctionsIn(head).map(({ field }) => field)
    if (decision.kind === 'contested') {
      if (sending.refusedBase !== undefined) return nothingNew
      const reason = several([decision.reason, ...touches(clash)], Number.POSITIVE_INFINITY)
      const asked = { ...from, asked: askedOf(latest, received, kept) }
      return { outcome: await contest(table, received, sha256, reason, asked, now), items: [] }
    }
    if (clash.length > 0 && sending.accepted !== 'as revision') {
      if (sending.refusedBase !== undefined) return nothingNew
      const asked = { ...from, asked: askedOf(latest, received, kept), base: head?.contentSha256 }
      return {
        outcome: await contest(table, received, sha256, several(touches(clash), Number.POSITIVE_INFINITY), asked, now),
        items: [],
      }
    }
    const unseen =
      sending.accepted === 'as revision' ? unseenOf(found, received, { clash, corrections }, sending) : undefined
    if (unseen) return { outcome: unseen, items: [] }
    const owner = (decision.kind === 'revised' && latest?.owner) || {
      detector: received.detector.name,
      author: sending.author,
    }
    const next = {
      ...headOf(placed, decision.revision, sha256, owner, head, now),
      ...correctionsOf(corrections.filter(({ field }) => stored.includes(field))),
    }
    const claimed = await claimFor(table, sending, next, placed, head, now)
    if (claimed) return { outcome: outcomeOf(head, claimed.head), items: claimed.items }
    found = await readFor(table, received.id)
  }
}

/** Keeps the corrections when the detector sends the same again. */
export const refusedOnce = (head: Head, received: Detection): Head => {
  const corrections = heldOver(received, head)
  return touched(received, corrections).length === 0
    ? head
    : { ...head, ...correctionsOf(refusedOver(received, corrections)) }
}

/** Whether the record needs an active stored detection to build on. */
const needsActive = ({ correcting }: Sending): boolean =>
  correcting?.kind === 'correction' || correcting?.fromStored === true

const fromStored = ({ correcting }: Sending): Correcting | undefined =>
  correcting && { ...correcting, fromStored: true }

const nothingNew: Saved = { outcome: { kind: 'duplicate' }, items: [] }

const becoming = (head: Head | undefined, received: Detection, kept: readonly Correction[]) => {
  const clash = touched(received, kept)
  const corrections = kept.filter((one) => !clash.includes(one))
  return { clash, corrections, placed: withPlaces(corrected(received, corrections), head) }
}

/** Keys of the corrections and lowered markings that a decision covers. */
const askedOf = (latest: Latest | undefined, received: Detection, kept: readonly Correction[]): readonly string[] => [
  ...kept.map(askedKey),
  ...(latest ? [loweringKey(loweringsOf(latest, received))] : []),
]

/** A decision covers only the corrections and markings it was asked about, unless made from the current revision. */
const unseenOf = (
  found: Found | undefined,
  received: Detection,
  { clash, corrections }: { readonly clash: readonly Correction[]; readonly corrections: readonly Correction[] },
  { seen, asked = [] }: Sent,
): Outcome | undefined => {
  const { head, latest } = found ?? {}
  if (seen !== undefined) {
    return head?.revision === seen ? undefined : { kind: 'refused', fault: drawnFrom(head, seen) }
  }
  const lowerings = latest ? loweringsOf(latest, received) : []
  const lowered = asked.includes(loweringKey(lowerings)) ? undefined : loweredFault(lowerings)
  // A lower marking also discloses the corrections that hold.
  const touching = lowerings.length > 0 ? [...clash, ...corrections] : clash
  const since = touching.filter((one) => !asked.includes(askedKey(one)))
  if (since.length === 0 && lowered === undefined) return undefined
  const fields = since.map(({ field, by }) => `${field} (${by})`).join(', ')
  const reason =
    lowered === undefined
      ? fault('decision.unseenCorrections', { fields })
      : fault('decision.unseenLowering', { reason: lowered })
  return { kind: 'refused', fault: faultAt('revision', reason) }
}

const drawnFrom = (head: Pick<Head, 'revision'> | undefined, seen: number): Fault =>
  faultAt('revision', fault('revision.another', { stored: String(head?.revision ?? 0), seen: String(seen) }))

/** Undefined where accepting can change nothing. */
export const ifAccepted = async (table: Table, record: Contested): Promise<IfAccepted | undefined> => {
  const { detection, correcting, undoing } = record
  const found = await readFor(table, detection.id)
  const { head, latest } = found
  if (!head) return undefined
  const before = await bodyFrom(table, head, head.id, bodyRevision(head))
  const { revision, below } = head
  if (found.status !== 'active') {
    if (found.status === 'withdrawn' || needsActive(record) || undoing) return undefined
    const against = againstIt(record, detection, latest, [])
    return {
      before,
      after: detection,
      revision,
      below,
      gives: [],
      keeps: [],
      lowers: loweringsOf(latest, detection),
      against,
    }
  }
  if (undoing || (correcting && isCorrection(found, detection, { correcting }))) {
    const changed = correcting && changedFields(before, detection, correcting.fields)
    const after = changed ? withFields(before, detection, changed) : detection
    // A later change cannot be undone, and needs no decision.
    const isStored = undoing !== undefined && head.batch !== undoing.batch
    const against = { isForeign: false, isUncleared: false, isStored, reason: record.reason }
    const keeps = correctionsIn(head).filter(({ field }) => field !== 'marking' && !changed?.includes(field))
    return { before, after, revision, below, gives: [], keeps, lowers: loweringsOf(latest, after), against }
  }
  const isPart = isPartial(found, detection, { correcting })
  const whole = isPart ? await completed(table, head, detection, { correcting }) : { detection }
  const received = 'refusal' in whole ? detection : whole.detection
  const { clash, corrections: keeps, placed } = becoming(head, received, heldOver(received, head))
  const against = againstIt(record, received, latest, clash)
  return { before, after: placed, revision, below, gives: clash, keeps, lowers: loweringsOf(latest, placed), against }
}

/** Ignores withdrawn corrections and former owners. */
const againstIt = (
  { author, correcting, reason: since }: Contested,
  received: Detection,
  latest: Latest,
  clash: readonly Correction[],
): Against => {
  const decision = decide(latest, received, contentSha256(received), { author, correcting })
  const isUncleared = eachOf(since)[0]?.code === notCleared.code
  const reasons = isUncleared ? [notCleared] : decision.kind === 'contested' ? [decision.reason] : []
  const against = [...reasons, ...touches(clash)]
  return {
    isForeign: latest.undone === undefined && foreignTo(latest, received, { author }) !== undefined,
    isUncleared,
    isStored: decision.kind === 'duplicate',
    reason: against.length === 0 ? undefined : several(against, Number.POSITIVE_INFINITY),
  }
}

/** Waiting records with their current reasons. */
export const contestedNow = async function* (table: Table, id?: string): AsyncGenerator<Contested> {
  for await (const record of contested(table, id)) {
    const tried = await ifAccepted(table, record)
    if (!tried?.against.isStored)
      yield { ...record, reason: tried ? (tried.against.reason ?? nothingAgainst) : record.reason }
  }
}

const nothingAgainst = fault('contested.nothingAgainst')

/** Places a record like an earlier one with the same words, so that sending a file again changes nothing. */
const meantAsBefore = async (
  table: Table,
  active: Active | undefined,
  sent: Detection,
  { correcting }: Sending,
): Promise<Detection> => {
  if (!active || active.head.territories.length === 0 || sent.territories.length > 0) return sent
  const { head } = active
  // Its stored words may have passed their retention.
  if (contentSha256(sent) === head.contentSha256) return sent
  const { territories, reported } = receivedIn(head, await bodyFrom(table, head, head.id, head.revision))
  if (!isSameJson(reported?.territories ?? [], sent.reported?.territories ?? [])) return sent
  // A row without places keeps them; a correction without places may remove them.
  const isMeant =
    misspeltIn(sent).length > 0 ||
    (correcting === undefined && territories.every(({ method, by, via }) => method === 'analyst' && by && !via))
  return isMeant ? { ...sent, territories } : sent
}

const byItself: ReadonlySet<string> = new Set(['explicit', 'group', 'gazetteer'])

/** Fills the missing fields of a row from the stored detection. */
const completed = async (
  table: Table,
  head: Head,
  { revision, ...row }: Detection,
  { correcting }: Sending,
): Promise<ReturnType<typeof withParts>> => {
  const { revision: _, ...body } = await bodyFrom(table, head, head.id, head.revision)
  const stored = receivedIn(head, body)
  const read = withParts(stored, row, correcting?.parts ?? {})
  if ('refusal' in read) return read
  const edited = read.detection
  // The place may come from a rule or a command, not from the row's cells.
  const isPlaced = edited.territories.length > 0 && stored.territories.every(({ method }) => !byItself.has(method))
  const fields = [...(correcting?.fields ?? []), ...(correcting?.stated ?? []), ...(isPlaced ? ['territories'] : [])]
  const whole = withFields(stored, edited, changedFields(stored, edited, fields))
  const detection = {
    ...withSpelling(whole, edited, fields),
    detector: edited.detector,
    ...(revision !== undefined && { revision }),
  }
  return { detection }
}

/** Undefined where another call has changed the head. */
const correct = async (
  table: Table,
  { head, latest }: Active,
  sent: Detection,
  sending: Sent,
  now: Date,
): Promise<Saved | undefined> => {
  const { id, revision } = head
  const { fields, parts = {}, by, reason } = sending.correcting as Correcting
  if (sending.seen !== undefined && sending.seen !== revision) {
    return { outcome: { kind: 'refused', fault: drawnFrom(head, sending.seen) }, items: [] }
  }
  if (fields.includes('territories') && misspeltIn(sent).length > 0) return { outcome: misspelt(sent), items: [] }
  const stored = await bodyFrom(table, head, id, revision)
  const read = withParts(stored, sent, parts)
  if ('refusal' in read) return { outcome: { kind: 'refused', fault: read.refusal }, items: [] }
  const edited = read.detection
  const isRestored = sending.correcting?.kind === 'correction' && Object.keys(parts).length === 0
  const changed = (isRestored ? exactlyChangedFields : changedFields)(stored, edited, fields)
  if (changed.length === 0) {
    const outcome = { kind: 'duplicate', corrects: true } as const
    return { outcome, items: await missing(table, await promisedBy(table, head, stored)) }
  }
  const lineFor = (did: 'asked' | 'corrected') => correctionLine(id, sending, { did, what: changed, edited }, now)
  const body = withFields(stored, edited, changed)
  const lowerings = loweringsOf(latest, body)
  const lowered = loweredFault(lowerings)
  if (lowered !== undefined && !sending.accepted) {
    const asked = { ...sending, markingBefore: stored.marking, asked: [loweringKey(lowerings)], line: lineFor('asked') }
    return { outcome: await contest(table, edited, contentSha256(edited), lowered, asked, now), items: [] }
  }
  if (lowered !== undefined && !sending.asked?.includes(loweringKey(lowerings))) {
    return { outcome: { kind: 'refused', fault: faultAt('marking', fault('correction.otherMarkings')) }, items: [] }
  }
  const about = { by, reason, at: now.toISOString() }
  const corrections = correctionsAfter(correctionsIn(head), { stored, edited, fields: changed }, about)
  const next = {
    ...headOf(body, revision + 1, head.contentSha256, latest.owner, head, now),
    ...correctionsOf(corrections),
  }
  if (isLong(next.corrections?.json ?? '')) {
    return { outcome: { kind: 'refused', fault: fault('correction.tooLong') }, items: [] }
  }
  const line = sending.along ? undefined : (sending.line ?? lineFor('corrected'))
  const claimed = await claimFor(table, { ...sending, line }, next, body, head, now)
  return claimed && { outcome: { ...outcomeOf(head, claimed.head), corrects: true }, items: claimed.items }
}

/** None for a row of a file: its intake records it. */
const correctionLine = (
  id: string,
  { correcting }: Sending,
  {
    did,
    what,
    edited,
  }: { readonly did: 'asked' | 'corrected'; readonly what: readonly string[]; readonly edited: Detection },
  now: Date,
): Line | undefined => {
  if (correcting?.kind !== 'correction') return undefined
  const marking = markingOfReply(edited, what)
  const { by, reason } = correcting
  const about = { of: 'detection' as const, what, ...(reason !== '' && { reason }), ...(marking && { marking }) }
  return lineOf({ at: now.toISOString(), did, by, id, ...about })
}

const claimFor = async (
  table: Table,
  { batch, line, along }: Pick<Sent, 'batch' | 'line' | 'along'>,
  next: NextHead,
  placed: Detection,
  before: Head | undefined,
  now: Date,
) => {
  const act = { line, ...(along && { along: along(placed, outcomeOf(before, next).kind) }) }
  if (batch === undefined) return claim(table, { ...next, ...overOf(before) }, placed, before, act)
  if (before && before.batch !== batch) await keepRevised(table, batch, before, now)
  return claim(table, { ...next, batch }, placed, before, act)
}

/** Puts each detection's items separately where the table refuses one. */
const putEach = async (table: Table, saved: readonly Saved[]): Promise<readonly Outcome[]> => {
  try {
    await table.putAll(saved.flatMap(({ items }) => items))
    return saved.map(({ outcome }) => outcome)
  } catch (error) {
    if (!(error instanceof RefusedItemError)) throw error
  }
  const outcomes: Outcome[] = []
  for (const { outcome, items } of saved) {
    const put = table.putAll(items).then(() => outcome)
    outcomes.push(await put.catch((error: unknown) => refusalOf(error).outcome))
  }
  return outcomes
}

const isPartial = ({ latest: { owner } }: Active, { detector }: Detection, { correcting }: Sending): boolean =>
  correcting?.kind === 'row' && owner.detector === detector.name

const isCorrection = ({ latest: { owner } }: Active, { detector }: Detection, { correcting }: Sending): boolean =>
  correcting !== undefined && (correcting.kind === 'correction' || owner.detector !== detector.name)

/** The received detection without later corrections and placements. */
const receivedIn = (head: Head, body: Detection): Detection => {
  const sent = uncorrected(body, correctionsIn(head))
  return [sent, { ...sent, territories: [] }].find((one) => contentSha256(one) === head.contentSha256) ?? body
}

/**
 * Keeps an analyst's place, and any place where the new one is misspelt: a typing error must not remove a detection
 * from reports.
 */
const withPlaces = (received: Detection, head: Head | undefined): Detection =>
  received.territories.length === 0 &&
  head?.undone === undefined &&
  (head?.placing === 'placed later' || misspeltIn(received).length > 0)
    ? { ...received, territories: [...(head?.territories ?? [])] }
    : received

const misspelt = (detection: Detection): Outcome => ({
  kind: 'refused',
  fault: faultAt('territories', several(misspeltIn(detection).map(noTerritory))),
})

const outcomeOf = (before: Head | undefined, head: Pick<Head, 'placing'>) => {
  const isNew = before === undefined || before.undone !== undefined
  if (head.placing === 'unplaced' && (isNew || before.placing !== 'unplaced')) return { kind: 'unplaced' as const }
  return { kind: isNew ? ('accepted' as const) : ('revised' as const) }
}

const refusalOf = (error: unknown): Saved => {
  if (error instanceof OvertakenError)
    return { outcome: { kind: 'refused', fault: fault('candidate.changed') }, items: [] }
  if (!(error instanceof RefusedItemError)) throw error
  return { outcome: { kind: 'refused', fault: fault('store.refused', { reason: faultOfThrown(error) }) }, items: [] }
}
