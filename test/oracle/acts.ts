/** Random sequences of actions, of which some are beyond what a reader may know: above the clearance, or elsewhere. */
import fc from 'fast-check'
import { everything } from '../../lambdas/domain/access/caller.ts'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { FaultError } from '../../lambdas/domain/core/fault.ts'
import { fitsUnder, type Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { readDetection } from '../../lambdas/domain/detection/detection.ts'
import { flashCode } from '../../lambdas/domain/flash/flash.ts'
import type { Edition } from '../../lambdas/domain/report/manifest.ts'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { once, readRecords } from '../../lambdas/intake/formats.ts'
import type { VersionEntry } from '../../lambdas/store/reports/reports.ts'
import { recallVersion } from '../../lambdas/usecases/delivery/recall-version.ts'
import { decideCandidate } from '../../lambdas/usecases/detect/decide-candidates.ts'
import { type Desk, deskOn } from '../../lambdas/usecases/ingest/desk.ts'
import { type DetectionEdit, editDetection } from '../../lambdas/usecases/ingest/edit/edit-detection.ts'
import { decideContested } from '../../lambdas/usecases/ingest/edit/waiting-records.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../lambdas/usecases/ingest/undo-batch.ts'
import { addPlate } from '../../lambdas/usecases/plates/add-plate.ts'
import { forgetPlate } from '../../lambdas/usecases/plates/forget-plate.ts'
import { approveSeen } from '../../lambdas/usecases/reports/flash/approve-flash.ts'
import type { VersionOfNote } from '../../lambdas/usecases/reports/flash/list-flash.ts'
import { refuseSeen } from '../../lambdas/usecases/reports/flash/refuse-flash.ts'
import { draftFacts } from '../../lambdas/usecases/reports/generate-report.ts'
import { writeNoteBy } from '../../lambdas/usecases/reports/notes/write-note.ts'
import { setSchedule } from '../../lambdas/usecases/reports/schedules/set-schedule.ts'
import { forgetAccount } from '../../lambdas/usecases/retention/forget-account.ts'
import { ndjson } from '../support/cli.ts'
import { asItIs, pictureNumber, saidOf } from '../support/plates.ts'
import { type Planted, planted } from './canaries.ts'
import { markings } from './counting.ts'
import type { Store } from './product.ts'

const kinds = [
  ...['send', 'correct', 'lower', 'raise', 'undo', 'withdraw', 'place', 'decide', 'sign', 'refuse'],
  ...['note', 'reply', 'row', 'forget', 'recall', 'hold', 'flash', 'pause', 'image', 'unimage'],
] as const
type Kind = (typeof kinds)[number]

export type Act = {
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
export const alsoHidden = ['zqhcanarysource', 'zqhcanarycell', 'zqhcanaryreply', 'zqhcanarynote', '7770777']

const placesAt = (how: number): readonly string[] => pick([['NC'], ['NC', 'PF'], ['PF'], []], how) ?? []

const visibleRecord = (at: number, how: number, { territory }: Limit) => ({
  ...{ id: `v${at}`, detector: pick(['D3lta', 'D3lta', 'Other'], how), kind: 'copy-paste', campaign: 'Shared' },
  title: { fr: `Vu ${how}`, en: `Seen ${how}` },
  ...{ territories: territory ? [territory] : placesAt(how), observed: { from: '2024-05-15' }, hashtags: ['#shared'] },
  ...{ counts: { posts: 10 + how, accounts: 3 }, actor: { name: 'Actor', attributedBy: 'Unit' } },
  partOf: pick([undefined, 'h0', 'v0'], how) === `v${at}` ? undefined : pick([undefined, 'h0', 'v0'], how),
  marking: pick(markings, how),
})

/** What a reader may know: up to a marking, and of all territories or one. */
export type Limit = { readonly cap: Marking; readonly territory?: TerritoryCode }

/** Where the reader of a territory may not look. */
const elsewhere: TerritoryCode = 'WF'

const hiddenRecord = (at: number, how: number, { cap, territory }: Limit) => ({
  ...hidden[at]?.record,
  ...{
    territories: territory ? [elsewhere] : placesAt(how),
    hashtags: ['#shared'],
    partOf: pick([undefined, 'v0', 'h1', 'v1'], how),
  },
  ...(territory && { detector: pick(['D3lta', 'Other', { name: 'zqhcanarysource', territories: [elsewhere] }], how) }),
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

export const worldOn = (store: Store, limit: Limit): World => {
  const { services, table } = store
  const { cap } = limit
  const batches = { hidden: [] as string[], visible: [] as string[] }
  const own = limit.territory ? markings : markings.filter((one) => !fitsUnder(one as Marking, cap))
  const above = own as readonly Marking[]
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
        { territories: !limit.territory ? 'NC; PF' : isHidden ? elsewhere : limit.territory },
      ],
      how,
    ) as Readonly<Record<string, string>>
  const placesOf = ({ isHidden, how }: Act) =>
    (limit.territory ? [isHidden ? elsewhere : limit.territory] : placesAt(how)) as readonly TerritoryCode[]
  const candidate = async ({ isHidden, at, how }: Act) => {
    const record = isHidden ? hiddenRecord(at, how, limit) : visibleRecord(at, how, limit)
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
    await decideCandidate(await services.candidates.get(id), { state, by: 'Ana', sender }, services)
    for (const { name, from } of await services.batches.list())
      if (from?.kind === 'candidate' && !Object.values(batches).flat().includes(name))
        batches[act.isHidden ? 'hidden' : 'visible'].push(name)
  }
  const placeOf = ({ isHidden }: Pick<Act, 'isHidden'>): TerritoryCode =>
    isHidden && limit.territory ? elsewhere : 'NC'
  /** Of another week than the reports that are compared. */
  const editionOf = ({ isHidden, how }: Act): Edition => ({
    ...{ territory: placeOf({ isHidden }), period: parsePeriod('2024-W10') },
    cap: pick(isHidden ? above : (['TLP:CLEAR'] as const), how) ?? 'TLP:RED',
  })
  const claim = async (edition: Edition, state: 'published' | 'held', more: object = {}): Promise<number> => {
    const version = (await services.reports.versions(edition)).length + 1
    const asOf = services.clock().toISOString()
    const { totals } = await draftFacts({ ...edition, territory: 'NC' }, services)
    const made = { manifestSha256: '', marking: edition.cap, totals, ...more }
    await services.reports.claim({
      ...{ ...edition, period: edition.period.id, version, state, asOf, reconstructed: false },
      ...{ owner: '', leaseUntil: '', snapshotSha256: '', publishedAt: asOf, [state]: made },
      ...(state === 'held' && { reason: edition.cap === 'TLP:CLEAR' ? 'held' : 'zqhcanarycell' }),
    } as VersionEntry)
    return version
  }
  const image = ({ isHidden, at }: Act) => pictureNumber(isHidden ? at : 100 + at)
  const note = ({ isHidden, how }: Act): Note =>
    ({
      ...{
        territory: placeOf({ isHidden }),
        period: '2024-W20',
        author: 'Ana',
        role: 'analyst',
        language: 'fr',
        approves: false,
      },
      ...{ writtenAt: services.clock().toISOString(), text: isHidden ? `zqhcanarynote ${how}` : `Note ${how}` },
      marking: isHidden ? pick(above, how) : pick(markings, how),
    }) as Note
  const perform: Readonly<Record<Kind, (act: Act) => Promise<unknown>>> = {
    send: ({ isHidden, at, how }) =>
      take(ndjson(isHidden ? hiddenRecord(at, how, limit) : visibleRecord(at, how, limit)), isHidden),
    row: ({ isHidden, at }) => take(`id;Nb de messages\n${isHidden ? `h${at};7770777` : `v${at};55`}\n`, isHidden),
    correct: (act) => change(act, { does: 'correct', cells: cell(act.isHidden, act.how) }),
    lower: (act) => change(act, { does: 'correct', cells: { marking: pick(markings, act.how) ?? cap } }),
    raise: (act) => change(act, { does: 'correct', cells: { marking: 'RED', ...cell(act.isHidden, act.how) } }),
    withdraw: (act) => change(act, { does: 'withdraw' }),
    place: (act) => change(act, { does: 'place', territories: placesOf(act) }),
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
      if (as) await decideContested(record, { as, by: 'Bea', reason: isHidden ? 'zqhcanarycell' : 'seen' }, services)
    },
    sign: (act) => decided(act, 'signed'),
    refuse: (act) => decided(act, 'refused'),
    note: (act) => writeNoteBy(note(act), services),
    recall: async (act) => {
      const edition = editionOf(act)
      const version = await claim(edition, 'published')
      const reason = act.isHidden ? 'zqhcanarycell' : 'wrong'
      await recallVersion({ edition, version, by: 'Ana', reason }, services)
    },
    hold: (act) => claim(editionOf(act), 'held'),
    flash: async (act) => {
      const { isHidden, at, how } = act
      const id = `${isHidden ? 'h' : 'v'}${at}`
      const flash = { ids: [id], until: '2024-06-01T00:00:00.000Z' }
      const edition = { ...editionOf(act), territory: flashCode([id], [placeOf(act)]) } as Edition
      const version = await claim(edition, 'published', { flash })
      const entry = (await services.reports.versions(edition)).find((one) => one.version === version) as VersionOfNote
      const reason = isHidden ? 'zqhcanarycell' : 'seen'
      if (how % 3 === 0) await approveSeen(entry, { by: 'Ana', reason }, services)
      if (how % 3 === 1) await refuseSeen(entry, { by: 'Ana', reason }, services)
    },
    pause: async ({ isHidden, how }) => {
      if (isHidden && !limit.territory) return
      const schedule = await services.schedules.get({ subject: placeOf({ isHidden }), cadence: 'week' })
      const reason = isHidden ? 'zqhcanarycell' : 'seen'
      await setSchedule(schedule, { is: how % 2 ? 'paused' : 'made', by: 'Ana', reason }, services)
    },
    image: (act) => {
      if (act.isHidden && limit.territory) return Promise.resolve()
      const caption = { fr: 'Image', en: act.isHidden ? 'zqhcanarycell' : 'Image' }
      const details = saidOf({ caption, marking: (act.isHidden ? pick(above, act.how) : undefined) ?? 'TLP:CLEAR' })
      return addPlate({ file: image(act), masks: [], details, by: 'Ana' }, asItIs, services)
    },
    unimage: async (act) => {
      const [plate] = await services.plates.named([sha256(image(act))])
      if (plate) await forgetPlate(plate, { by: 'Ana', reason: act.isHidden ? 'zqhcanarycell' : 'seen' }, services)
    },
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
          ? await take(
              ndjson({
                ...hiddenRecord(at, at, limit),
                ...(!limit.territory && { territories: ['NC'] }),
                marking: pick(above, at),
              }),
              true,
            )
          : await take(ndjson({ ...visibleRecord(at, at, limit), marking: 'TLP:CLEAR' }), false)
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
