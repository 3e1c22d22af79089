/** Random sequences of actions on detections, of which some are above a reader's clearance. */
import fc from 'fast-check'
import { everything } from '../../lambdas/domain/access/caller.ts'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { FaultError } from '../../lambdas/domain/core/fault.ts'
import { fitsUnder, type Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { readDetection } from '../../lambdas/domain/detection/detection.ts'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { once, readRecords } from '../../lambdas/intake/formats.ts'
import { decideCandidates } from '../../lambdas/usecases/detect/decide-candidates.ts'
import { type Desk, deskOn } from '../../lambdas/usecases/ingest/desk.ts'
import { decideOne } from '../../lambdas/usecases/ingest/edit/decide-contested.ts'
import { type DetectionEdit, editDetection } from '../../lambdas/usecases/ingest/edit/edit-detection.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../lambdas/usecases/ingest/undo-batch.ts'
import { writeNoteBy } from '../../lambdas/usecases/reports/notes/write-note.ts'
import { forgetAccount } from '../../lambdas/usecases/retention/forget-account.ts'
import { ndjson } from '../support/cli.ts'
import { type Planted, planted } from './canaries.ts'
import { markings } from './counting.ts'
import type { Store } from './product.ts'

const kinds = [
  ...['send', 'correct', 'lower', 'raise', 'undo', 'withdraw', 'place', 'decide', 'sign', 'refuse'],
  ...['note', 'reply', 'row', 'forget'],
] as const
type Kind = (typeof kinds)[number]

export type Act = {
  /** Whether it is of a detection above the clearance. */
  readonly isHidden: boolean
  readonly kind: Kind
  /** Which detection, batch or waiting record. */
  readonly at: number
  /** Which content, marking or decision. */
  readonly how: number
}

export const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.record({
    isHidden: fc.boolean(),
    kind: fc.oneof({ weight: 2, arbitrary: fc.constantFrom<Kind>('send', 'undo') }, fc.constantFrom(...kinds)),
    at: fc.nat(2),
    how: fc.nat(11),
  }),
  { minLength: 6, maxLength: 24 },
)

const pick = <Value>(among: readonly Value[], at: number): Value | undefined => among[at % among.length]

/** Words of hidden detections; a visible one is related to them by all that leads from one to another. */
export const hidden: readonly Planted[] = [0, 1, 2].map((at) =>
  planted(['h', 'i', 'j'][at] ?? 'h', { id: `h${at}`, detector: 'D3lta', campaign: 'Shared' }),
)
/** Words that actions bring. */
export const alsoHidden = ['zqhcanarycell', 'zqhcanaryreply', 'zqhcanarynote', '7770777']

const placesAt = (how: number): readonly string[] => pick([['NC'], ['NC', 'PF'], ['PF'], []], how) ?? []

const visibleRecord = (at: number, how: number) => ({
  ...{ id: `v${at}`, detector: pick(['D3lta', 'D3lta', 'Other'], how), kind: 'copy-paste', campaign: 'Shared' },
  title: { fr: `Vu ${how}`, en: `Seen ${how}` },
  ...{ territories: placesAt(how), observed: { from: '2024-05-15' }, hashtags: ['#shared'] },
  ...{ counts: { posts: 10 + how, accounts: 3 }, actor: { name: 'Actor', attributedBy: 'Unit' } },
  partOf: pick([undefined, 'h0', 'v0'], how) === `v${at}` ? undefined : pick([undefined, 'h0', 'v0'], how),
  marking: pick(markings, how),
})

const hiddenRecord = (at: number, how: number, cap: Marking) => ({
  ...hidden[at]?.record,
  ...{ territories: placesAt(how), hashtags: ['#shared'], partOf: pick([undefined, 'v0', 'h1', 'v1'], how) },
  // Below the clearance it is a lower one of what was stored above, and waits.
  marking: pick(markings, how) ?? cap,
})

export type World = {
  readonly store: Store
  /** At this instant, with all that others did left out. */
  perform(act: Act): Promise<void>
  /** Each hidden id is used above the clearance first: what is sent under it later is a revision of that. */
  begin(isHidden: boolean): Promise<void>
}

export const worldOn = (store: Store, cap: Marking): World => {
  const { services, table } = store
  const batches = { hidden: [] as string[], visible: [] as string[] }
  const above = markings.filter((one) => !fitsUnder(one as Marking, cap)) as readonly Marking[]
  const pseudonym = (account: string) => account
  const desk: Desk = deskOn(table, {
    clock: services.clock,
    run: () => services.run,
    intake: async () => ({ pseudonyms: async () => pseudonym }) as Awaited<ReturnType<Desk['intake']>>,
  })
  const take = async (text: string, isHidden: boolean) => {
    const format = text.startsWith('{') ? 'ndjson' : 'csv'
    const records = readRecords(once(Buffer.from(text)), { file: 'f', format })
    const sender = { name: 'this machine', byOperator: true }
    const { batch, rejects } = await ingestDetections(records, 'f', services, { sender })
    batches[isHidden ? 'hidden' : 'visible'].push(batch)
    return rejects
  }
  const idOf = ({ isHidden, at }: Act) => `${isHidden ? 'h' : 'v'}${at}`
  const change = async (act: Act, wanted: DetectionEdit) => {
    const stored = (await services.detections.stored([idOf(act)])).get(idOf(act))
    const how = { id: idOf(act), revision: stored?.revision ?? 0, by: 'Ana', reason: 'zqhcanarycell', edit: wanted }
    await editDetection({ ...how, reason: act.isHidden ? how.reason : 'seen' }, everything, desk)
  }
  const cell = (isHidden: boolean, how: number) =>
    pick(
      [
        { 'title.fr': isHidden ? 'zqhcanarycell' : 'Autre' },
        { 'counts.posts': isHidden ? '7770777' : '41' },
        { territories: 'NC; PF' },
      ],
      how,
    ) as Readonly<Record<string, string>>
  const candidate = async ({ isHidden, at, how }: Act) => {
    const record = isHidden ? hiddenRecord(at, how, cap) : visibleRecord(at, how)
    const marking = isHidden ? pick(above, how) : record.marking
    const read = readDetection({ ...record, marking, partOf: undefined, id: `${isHidden ? 'h' : 'v'}c${at}` })
    if ('refusal' in read) throw new Error(`${read.refusal.path} ${faultText(read.refusal)}`)
    const pairs = isHidden ? 7_770_777 : 55
    const strength = { evidence: pairs + 60, threshold: 60, pushes: 3, isSourceKnown: true }
    const { detection } = read
    await services.candidates.save({ detection, members: [detection.id], strength }, services.clock())
    return detection.id
  }
  const decided = async (act: Act, state: 'signed' | 'refused') => {
    const id = await candidate(act)
    const sender = { name: 'this machine', byOperator: true }
    await decideCandidates({ ids: [id], state, by: 'Ana', sender }, services)
    for (const { name, from } of await services.batches.list())
      if (from?.kind === 'candidate' && !Object.values(batches).flat().includes(name))
        batches[act.isHidden ? 'hidden' : 'visible'].push(name)
  }
  const note = ({ isHidden, how }: Act): Note =>
    ({
      ...{ territory: 'NC', period: '2024-W20', author: 'Ana', role: 'analyst', language: 'fr', approves: false },
      ...{ writtenAt: services.clock().toISOString(), text: isHidden ? `zqhcanarynote ${how}` : `Note ${how}` },
      marking: isHidden ? pick(above, how) : pick(markings, how),
    }) as Note
  const perform: Readonly<Record<Kind, (act: Act) => Promise<unknown>>> = {
    send: ({ isHidden, at, how }) =>
      take(ndjson(isHidden ? hiddenRecord(at, how, cap) : visibleRecord(at, how)), isHidden),
    row: ({ isHidden, at }) => take(`id;Nb de messages\n${isHidden ? `h${at};7770777` : `v${at};55`}\n`, isHidden),
    correct: (act) => change(act, { does: 'correct', cells: cell(act.isHidden, act.how) }),
    lower: (act) => change(act, { does: 'correct', cells: { marking: pick(markings, act.how) ?? cap } }),
    raise: (act) => change(act, { does: 'correct', cells: { marking: 'RED', ...cell(act.isHidden, act.how) } }),
    withdraw: (act) => change(act, { does: 'withdraw' }),
    place: (act) => change(act, { does: 'place', territories: placesAt(act.how) as readonly TerritoryCode[] }),
    reply: (act) => {
      const text = { fr: act.isHidden ? 'zqhcanaryreply' : 'Non' }
      const reply = { by: 'BIG', text, date: '2024-06-01', source: { title: { fr: 'Site' } } }
      return change(act, { does: 'reply', reply: { ...reply, ...(act.how > 5 && { marking: 'TLP:RED' as const }) } })
    },
    undo: async ({ isHidden, at, how }) => {
      const name = pick(batches[isHidden ? 'hidden' : 'visible'].toReversed(), at + how)
      if (name !== undefined) await undoBatch(name, 'Ana', services, isHidden ? 'zqhcanarycell' : 'seen')
    },
    decide: async ({ isHidden, at, how }) => {
      const all = await Array.fromAsync(services.detections.contested())
      const own = all.filter(({ detection: { id } }) => /^(D3lta:|by hand:)?h/.test(id) === isHidden)
      const record = pick(own, at)
      if (!record) return
      // A second person who lowers it below the clearance makes it visible: that is no leak.
      const mayAccept = !isHidden || above.includes(record.detection.marking)
      const as = mayAccept ? pick(['revision', 'new', 'refused'] as const, how) : 'refused'
      if (as) await decideOne(record, { as, by: 'Bea', reason: isHidden ? 'zqhcanarycell' : 'seen' }, services)
    },
    sign: (act) => decided(act, 'signed'),
    refuse: (act) => decided(act, 'refused'),
    note: (act) => writeNoteBy(note(act), services),
    forget: ({ isHidden, at }) => {
      const own = hidden[at]?.canaries.find(({ field }) => field === 'accountRefs')
      return forgetAccount(isHidden ? (own?.word ?? 'zqhcanarycell') : 'nobody', { ...services, pseudonym })
    },
  }
  return {
    store,
    begin: async (isHidden) => {
      for (const at of [0, 1, 2]) {
        const rejects = isHidden
          ? await take(ndjson({ ...hiddenRecord(at, at, cap), territories: ['NC'], marking: pick(above, at) }), true)
          : await take(ndjson({ ...visibleRecord(at, at), marking: 'TLP:CLEAR' }), false)
        if (rejects[0]) throw new Error(`${rejects[0].path} ${rejects[0].message}`)
      }
    },
    perform: async (act) => {
      try {
        await perform[act.kind](act)
      } catch (error) {
        const isPlaced = error instanceof FaultError && error.fault.code === 'detection.placedAlready'
        if (!isPlaced && !refusals.has((error as Error).name)) throw error
      }
    },
  }
}

const refusals: ReadonlySet<string> = new Set([
  ...['NotActiveError', 'ChangedSinceError', 'ContestError', 'DecidedError', 'UndoError'],
  ...['CorrectionError', 'CorrectionWordError'],
])
