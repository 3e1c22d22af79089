import type { Caller } from '../../../domain/access/caller.ts'
import { isOperator, mayDo } from '../../../domain/access/caller.ts'
import { quotedIn } from '../../../domain/core/fault.ts'
import { type Marking, strictest, usualCap } from '../../../domain/core/marking.ts'
import { type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { codesMeant, territoriesMeant } from '../../../domain/detection/gazetteer.ts'
import type { Doubt } from '../../../domain/detection/names/doubts.ts'
import { explainWordingOf, placeSentence, placesExplained } from '../../../domain/looking/explanation.ts'
import { clockOf, periodLine, titleOf } from '../../../domain/page/words/phrases.ts'
import type { SeenRecord } from '../../../usecases/ingest/check-detections.ts'
import { type Look, maxLookBytes, maxLookRecords, type Seen } from '../../../usecases/ingest/look-at-file.ts'
import type { Recalled } from '../../../usecases/ingest/remembered-mappings.ts'
import { type Batch, isIdle, type UndoneBatch, undoDays, undoneAs } from '../../../usecases/ingest/undo-batch.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { byField, actionForm, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { doubtWords, faultIn, faultWords } from '../frame/fault-text.ts'
import { changeLines, effectLine, faultPath, figureText } from '../frame/field-text.ts'
import { fileWords, senderWords, whenOf } from '../frame/names.ts'
import { chipOf, choices, type Field, field, periodFault, timeIn, type Visit } from '../frame/pages.ts'
import { clocks } from '../frame/showing.ts'
import { aimedPrefix, columnsOf, gridRow, gridValue, unreadRows, withLabels } from './grid.ts'

const batchesOnPage = 25
const recordsOnPage = 100
const askedOnPage = 250
const touchesShown = 12

const dayMs = 86_400_000

export type StatedWords = { readonly territory: string; readonly observed: string; readonly wrong: readonly string[] }

export const nothingStated: StatedWords = { territory: '', observed: '', wrong: [] }

const statedFields = ({ words, caller }: Visit, { territory, observed, wrong }: StatedWords): readonly Field[] => [
  field('territory', words.say('room.field.territory'), {
    choices: choices(
      caller.territories,
      (code) => territoryOf(code).name[words.language],
      territory,
      words.say('room.add.stated.none'),
    ),
    wrong: wrong.includes('territory') ? words.say('room.field.wrong') : '',
  }),
  field('observed', words.say('room.add.observed'), {
    type: 'text',
    value: observed,
    note: words.say('room.add.observed.note'),
    wrong: wrong.includes('observed') ? periodFault(observed, words, 'room.add.observed.wrong') : '',
  }),
]

const readingFields = (
  { words }: Visit,
  look: Look,
  { table: { sheets }, fault, notes, midnight }: Seen,
): readonly Field[] => {
  const asksZone =
    look.zone !== undefined ||
    look.columns !== undefined ||
    isUnknown(fault) ||
    notes.some(({ what }) => what.code === 'csv.noOffset')
  return [
    ...(sheets.length > 1
      ? [
          field('sheet', words.say('room.look.sheet'), {
            choices: choices(sheets, harmless, look.sheet ?? '', words.say('room.look.sheet.first')),
          }),
        ]
      : []),
    ...(asksZone
      ? [
          field('zone', words.say('room.look.zone'), {
            choices: choices(zones, (zone) => zoneName(zone, words), look.zone ?? '', words.say('room.look.zone.none')),
          }),
        ]
      : []),
    ...(midnight
      ? [
          field('midnight', words.say('room.look.midnight'), {
            choices: choices(['day', 'instant'], (one) => words.say(`room.look.midnight.${one}`), midnight),
          }),
        ]
      : []),
  ]
}

/** For times without an offset: UTC, then the territories' zones and Paris. */
export const zones: readonly string[] = ['UTC', ...clocks.map(({ zone }) => zone)]

const zoneName = (zone: string, words: RoomWording): string => {
  const clock = clocks.find((one) => one.zone === zone)
  return clock === undefined ? zone : words.say('manoeuvre.time', { zone: clockOf(clock, words) })
}

/** A table without known columns: the form asks for their meaning. */
const isUnknown = (fault: Seen['fault']): boolean =>
  typeof fault === 'object' && (fault.code === 'file.noFormat' || fault.code === 'file.noFormatNoCells')

/** Columns are proposed, and none is accepted yet. */
export const asksColumns = ({ fault, table: { columns } }: Pick<Seen, 'fault' | 'table'>): boolean =>
  isUnknown(fault) && columns.length > 0

/** A sheet without a table (usually notes) in a workbook with others. */
const isOtherSheet = ({ fault, table: { sheets, columns } }: Pick<Seen, 'fault' | 'table'>): boolean =>
  isUnknown(fault) && columns.length === 0 && sheets.length > 1

/** Where the form can fix an oddity, the text refers to the form rather than a command. */
const noteWords = ({ what: note, count }: Seen['notes'][number], words: RoomWording) => {
  if (note.code === 'csv.noOffset') {
    return { text: words.say('room.look.zone.note', { column: harmless(quotedIn(note, 'column')) }), lang: '' }
  }
  const sheet = quotedIn(note, 'sheet')
  if (sheet !== '') return { text: words.say('room.look.sheet.note', { sheet: harmless(sheet) }), lang: '' }
  const { text, lang } = faultIn(words, '', note)
  return { text: count > 1 ? `${count} × ${text}` : text, lang }
}

/** In MiB. */
const most = maxLookBytes / 1024 ** 2

export const addValue = (
  visit: Visit,
  { stated, wrongFile }: { readonly stated: StatedWords; readonly wrongFile?: 'none' | 'empty' | 'large' | undefined },
  looks: readonly Look[],
  batches: readonly Batch[],
  {
    now,
    all,
    waiting,
  }: {
    readonly now: Date
    readonly all: boolean
    readonly waiting: ReadonlyMap<string, number>
  },
) => {
  const { words, href, formToken } = visit
  const fields = statedFields(visit, stated)
  const wrong = wrongFile ? words.say(`room.add.file.${wrongFile}`, { most }) : ''
  const faults = [
    ...(wrong ? [{ href: '#file', label: words.say('room.add.file') }] : []),
    ...fields.flatMap((one) => (one.wrong ? [{ href: `#${one.name}`, label: one.label }] : [])),
  ]
  // A detector run without findings is also a batch.
  const shown = all ? batches : batches.filter(hasRecords).slice(0, batchesOnPage)
  return {
    upload: {
      ...{ action: href('/room/add'), token: formToken, faults },
      problem: faults.length > 0 ? words.say('room.deed.wrong', { count: faults.length }) : '',
      file: {
        label: words.say('room.add.file'),
        note: words.say('room.add.file.note', { most, records: maxLookRecords }),
        wrong,
      },
      stated: {
        open: stated.wrong.length > 0 || stated.territory !== '' || stated.observed !== '',
        fields,
      },
    },
    looks: looks.map(({ id, file, until }) => ({
      href: href(`/room/add/${id}`),
      file: harmless(file),
      until: words.say('room.add.look.until', { until: timeIn(Date.parse(until), visit.clock, words) }),
    })),
    batches: {
      note: words.say('room.batches.note', { days: undoDays }),
      rows: shown.map((batch) => batchRow(visit, batch, now, waiting.get(batch.name) ?? 0)),
      more:
        shown.length < batches.length
          ? { href: href('/room/add', { all: '1' }), label: words.say('room.look.more', { count: batches.length }) }
          : null,
    },
  }
}

/** Others than operators see the counts that they saw before storing. */
const countsFor = (batch: Batch): Readonly<Record<string, number>> | undefined => batch.seenBefore ?? batch.counts

const storedIn = ({ accepted = 0, revised = 0, unplaced = 0 }: Readonly<Record<string, number>>): number =>
  accepted + revised + unplaced

/** Records not stored as sent, whatever their later outcome. */
const heldIn = ({ contested = 0, rejected = 0 }: Readonly<Record<string, number>>): number => contested + rejected

const hasRecords = (batch: Batch): boolean => {
  const counts = countsFor(batch)
  return !counts || storedIn(counts) + heldIn(counts) > 0
}

const batchRow = (visit: Visit, batch: Batch, now: Date, waiting: number) => {
  const { words, href } = visit
  const counts = countsFor(batch)
  return {
    href: href(`/room/batches/${batch.name}`),
    at: timeIn(Date.parse(batch.storedAt), visit.clock, words),
    file: fileWords(batch, words),
    by: senderWords(batch.by ?? batch.sender, words),
    stored: counts ? words.number(storedIn(counts)) : words.say('room.batches.cutOff'),
    waits: words.number(waiting),
    undo: undoState(visit, batch, now).text,
  }
}

type UndoState = { readonly is: 'open' | 'part' | 'undone' | 'over' | 'busy'; readonly text: string }

const undoState = ({ words, clock }: Visit, batch: Batch, now: Date): UndoState => {
  const { undoneAt, undoneBy = '', storedAt, left, undoingUntil } = batch
  if (undoneAt !== undefined) {
    const at = timeIn(Date.parse(undoneAt), clock, words)
    return { is: 'undone', text: words.say('room.batch.undone', { at, by: senderWords(undoneBy, words) }) }
  }
  if (undoingUntil !== undefined && Date.parse(undoingUntil) > now.getTime()) {
    return { is: 'busy', text: words.say('room.batch.busy') }
  }
  const end = Date.parse(storedAt) + undoDays * dayMs
  if (end < now.getTime()) return { is: 'over', text: words.say('room.batch.over', { days: undoDays }) }
  if (left !== undefined) {
    const key = undoneAs(batch) === 'nothing undone' ? 'room.batch.nothing' : 'room.batch.part'
    return { is: 'part', text: words.say(key, { count: left }) }
  }
  return { is: 'open', text: words.say('room.batch.until', { until: timeIn(end, clock, words) }) }
}

type Figure = { readonly label: string; readonly count: string; readonly alert: boolean }

const outcomes = ['accepted', 'revised', 'duplicates', 'runs', 'unplaced', 'contested', 'rejected'] as const
const needsLook: ReadonlySet<string> = new Set(['unplaced', 'contested', 'rejected'])

const outcomeFigures = (
  counts: Readonly<Record<string, number>>,
  words: RoomWording,
  of: 'look' | 'batch',
): readonly Figure[] =>
  outcomes.flatMap((name) => {
    const count = counts[name] ?? 0
    if (count === 0 && name !== 'accepted') return []
    return [
      {
        label: words.say(`room.outcome.${of}.${name}`, { count }),
        count: words.number(count),
        alert: needsLook.has(name),
      },
    ]
  })

export const lookValue = (
  visit: Visit,
  look: Look,
  seen: Seen,
  {
    problem,
    who,
    stated,
    recalled,
    ...shown
  }: {
    readonly all: boolean
    /** Line of the row that is open for changes. */
    readonly open: number | undefined
    readonly recalled: Recalled | undefined
    readonly problem: string
    readonly who: Pick<WhoAndWhy, 'by' | 'wrong'>
    readonly stated: StatedWords
  },
) => {
  const { words, href, clock } = visit
  const { counts, records, fault, waits } = seen
  const until = timeIn(Date.parse(look.until), clock, words)
  const stores = storedIn(counts) + counts.runs
  // Pending records are kept once and closed ones do not return.
  const keeps = waits.fresh + waits.elsewhere
  const action = href(`/room/add/${look.id}`, shown.all ? { all: '1' } : {})
  const countIt = { label: words.say('room.look.again'), does: 'again', look: 'second' } as const
  const dropIt = { label: words.say('room.look.drop'), does: 'drop', look: 'alert' } as const
  // With nothing left to store, the file goes only to the inbox.
  const storeIt = {
    label: stores > 0 ? words.say('room.look.store', { count: stores }) : words.say('room.look.keep', { count: keeps }),
    does: 'store',
  }
  const isReady = fault === undefined && stores + keeps > 0
  const asks = asksColumns(seen)
  // The form states how the times of csv.midnightUtc are read.
  const shownNotes = seen.notes.filter(({ what }) => what.code !== 'csv.midnightUtc')
  const { objects = [], notes = [] } = Object.groupBy(shownNotes, ({ what: { code } }) =>
    /^(?:stix|misp)\.(?:kept|left)$/.test(code) ? 'objects' : 'notes',
  )
  const sumOf = (...codes: readonly string[]) =>
    objects.reduce((sum, { what, count }) => sum + (codes.includes(what.code) ? count : 0), 0)
  return {
    lead: words.say('room.look.lead', { count: counts.read, until }),
    fault: fault === undefined ? null : faultValue(fault, seen, words),
    asksColumns: asks,
    becomes: outcomeFigures(counts, words, 'look'),
    touches: touchesValue(records, words),
    notes: notes.map((note) => noteWords(note, words)),
    objects: {
      title: words.say('room.look.objects', { read: sumOf('stix.kept'), left: sumOf('stix.left', 'misp.left') }),
      rows: objects.map((note) => noteWords(note, words)),
    },
    wide: wideDoubts(records, words),
    records: recordsValue(visit, look, seen, shown),
    grid: gridValue(visit, look, seen, recalled),
    act: {
      title: words.say(isReady && stores > 0 ? 'room.look.act' : asks ? 'room.look.again' : 'room.look.nothing'),
      text: isReady
        ? effectText(seen, words)
        : fault
          ? words.say(asks || isOtherSheet(seen) ? 'room.look.columns' : 'room.look.mend')
          : counts.read === 0
            ? words.say('room.look.empty')
            : [
                ...waitsTexts(waits, words),
                words.say(counts.contested + counts.rejected > 0 ? 'room.look.nothingNew' : 'room.look.allThere'),
              ].join(' '),
      actionForm: actionForm(visit, {
        ...{ action, id: 'look', problem },
        fields: [
          ...readingFields(visit, look, seen),
          ...statedFields(visit, stated),
          ...(isReady ? byField(visit, who.by, who.wrong.by) : []),
        ],
        hidden: { seal: seen.seal },
        buttons: isReady ? [storeIt, countIt, dropIt] : [countIt, dropIt],
        note: words.say('room.look.again.note'),
      }),
    },
  }
}

const faultValue = (fault: NonNullable<Seen['fault']>, seen: Seen, words: RoomWording) =>
  typeof fault === 'string'
    ? {
        text: words.say(fault === 'accounts' ? 'room.look.fault.accounts' : 'room.look.fault.many', {
          most: maxLookRecords,
        }),
        lang: '',
      }
    : asksColumns(seen)
      ? { text: words.say('room.look.fault.columns'), lang: '' }
      : isOtherSheet(seen)
        ? { text: words.say('room.look.fault.sheet'), lang: '' }
        : faultWords(words, fault)

const waitsTexts = (waits: Seen['waits'], words: RoomWording): readonly string[] =>
  (['fresh', 'already', 'closed', 'elsewhere'] as const).flatMap((name) =>
    waits[name] > 0 ? [words.say(`room.look.effect.${name}`, { count: waits[name] })] : [],
  )

const effectText = (seen: Seen, words: RoomWording): string => {
  const { counts, waits } = seen
  return [
    ...waitsTexts(waits, words),
    words.say('room.look.effect.duplicates', { count: counts.duplicates }),
    words.say('room.look.effect.reports'),
    words.say('room.look.effect.undo', { days: undoDays }),
  ]
    .filter(Boolean)
    .join(' ')
}

/** By week, or by month where no day is known. */
const touchesValue = (records: readonly SeenRecord[], words: RoomWording) => {
  const counts = new Map<string, { readonly code: TerritoryCode; readonly period: string; count: number }>()
  const stored = records.filter(({ outcome }) => outcome === 'accepted' || outcome === 'revised')
  // The later of two lines with one id is stored.
  for (const { detection } of new Map(stored.map((one) => [one.id, one])).values()) {
    for (const { code, week, month } of detection ? placesExplained(detection) : []) {
      const period = week ?? month
      const known = counts.get(`${code} ${period}`) ?? { code, period, count: 0 }
      known.count += 1
      counts.set(`${code} ${period}`, known)
    }
  }
  const rows = [...counts.values()].sort((a, b) => b.count - a.count || (a.period < b.period ? -1 : 1))
  const more = rows.length - touchesShown
  return {
    rows: rows.slice(0, touchesShown).map(({ code, period, count }) => ({
      territory: territoryOf(code).name[words.language],
      period: periodLine({ period: parsePeriod(period) }, words),
      count: words.say('room.look.detections', { count }),
    })),
    more: more > 0 ? words.say('room.look.touches.more', { count: more }) : '',
  }
}

const urgency = ['rejected', 'contested', 'unplaced', 'doubt', 'revised', 'accepted', 'run', 'duplicate'] as const

const urgencyOf = (record: SeenRecord): number =>
  urgency.indexOf(record.outcome === 'accepted' && ownDoubts(record).length > 0 ? 'doubt' : record.outcome)

const recordsValue = (
  visit: Visit,
  look: Look,
  seen: Seen,
  { all, open }: { readonly all: boolean; readonly open: number | undefined },
) => {
  const { words, href } = visit
  const { records, table } = seen
  const inOrder = [...records].sort((a, b) => urgencyOf(a) - urgencyOf(b))
  const shown = inOrder.filter(({ line }, at) => all || at < recordsOnPage || (open !== undefined && line === open))
  const columns = columnsOf(look, seen)
  const inCells = new Set<Doubt['kind']>(columns.length > 0 ? ['cell'] : [])
  if (columns.some(({ name }) => name === 'territories')) inCells.add('misspelt')
  const asked = new Set(shown.filter((record) => isAsked(record, look)).slice(0, askedOnPage))
  return {
    rows: (records.length === 0 ? unreadRows(seen) : shown).map((record) => ({
      ...recordRow(record, visit, inCells),
      ...(table.columns.length > 0 && gridRow(visit, seen, { record, columns, open, asks: asked.has(record) })),
      ask: asked.has(record) ? askWhere(visit, record, look) : null,
    })),
    more:
      shown.length < inOrder.length
        ? {
            href: href(`/room/add/${look.id}`, { all: '1' }),
            label: words.say('room.look.more', { count: inOrder.length }),
          }
        : null,
  }
}

const isWide = ({ kind }: Doubt): boolean => kind === 'no marking' || kind === 'stated'

const wideDoubts = (records: readonly SeenRecord[], words: RoomWording): readonly string[] => {
  const all = records.flatMap(({ outcome, doubts }) => (outcome === 'duplicate' ? [] : doubts.filter(isWide)))
  const marked = all.find((doubt) => doubt.kind === 'no marking')
  const count = (kind: Doubt['kind']) => all.filter((doubt) => doubt.kind === kind).length
  return [
    ...(marked ? [words.say('room.doubt.marking', { count: count('no marking'), marking: marked.marking })] : []),
    ...(count('stated') > 0 ? [words.say('room.doubt.stated', { count: count('stated') })] : []),
  ]
}

const ownDoubts = ({ outcome, doubts }: SeenRecord): readonly Doubt[] =>
  outcome === 'duplicate' ? [] : doubts.filter((doubt) => !isWide(doubt))

/** Asks about unplaced records, and again where it was answered. */
const isAsked = ({ id, key, outcome }: SeenRecord, { aimed }: Look): boolean =>
  id !== null && (outcome === 'unplaced' || aimed?.[key] !== undefined)

const askWhere = ({ words, caller }: Visit, { id, key, detection }: SeenRecord, { aimed }: Look) => {
  const isOwn = (code: TerritoryCode): boolean => caller.territories.includes(code)
  // Uses everything the record states, not only the misspelt word.
  const written = detection?.reported?.territories ?? []
  const region =
    written.length === 1 ? written.flatMap(territoriesMeant).find(({ codes }) => codes.length > 1) : undefined
  const meant = (region?.codes ?? codesMeant(written)).filter(isOwn)
  const together = meant.length > 1 ? meant : []
  const codes = [...meant, ...caller.territories.filter((code) => !meant.includes(code))].filter(
    (code) => !together.includes(code),
  )
  const name = (code: TerritoryCode) => territoryOf(code).name[words.language]
  const answered = aimed?.[key] ?? []
  return {
    name: `${aimedPrefix}${key}`,
    label: words.say(together.length > 0 ? 'room.look.aimed.other' : 'room.look.aimed', {
      record: harmless(detection ? titleOf(detection.title, words.language).text : (id ?? '')),
    }),
    region:
      together.length > 0
        ? {
            legend: words.say('room.look.aimed.region', {
              region: region?.name[words.language] ?? words.list(written.map((word) => words.quoted(harmless(word)))),
            }),
            items: together.map((code) => ({ value: code, label: name(code), checked: answered.includes(code) })),
          }
        : null,
    choices: choices(
      codes,
      name,
      answered.find((code) => !together.includes(code)) ?? '',
      words.say(together.length > 0 ? 'room.look.aimed.none' : 'room.look.aimed.leave'),
    ),
  }
}

/** @param inCells doubts that cells show */
const recordRow = (record: SeenRecord, { words, caller }: Visit, inCells: ReadonlySet<Doubt['kind']>) => {
  const { line, id, outcome, path, reason, context, detection, marking, again, change } = record
  const posts = detection?.counts.posts
  const why =
    reason === null ? null : faultIn(words, faultPath({ path: path ?? '', context }, words), withLabels(reason, words))
  const doubtTexts = [
    ...(again ? [doubtWords(words, { kind: 'cell', fault: again })] : []),
    ...ownDoubts(record).flatMap((doubt) => (inCells.has(doubt.kind) ? [] : [doubtWords(words, doubt)])),
  ]
  const changes = change ? changeLines(change, words) : []
  return {
    title: detection ? titleOf(detection.title, words.language) : null,
    line: line === null ? '' : words.say('room.look.line', { line }),
    id: id === null ? '' : harmless(id),
    becomes: words.say(`room.becomes.${outcome}`),
    alert: outcome === 'rejected' || outcome === 'contested' || outcome === 'unplaced',
    chip: marking ? chipOf(marking) : null,
    aimed: (detection ? placesExplained(detection, { knowsAll: isOperator(caller) }) : []).map((place) => ({
      place: territoryOf(place.code).name[words.language],
      how: placeSentence(place, explainWordingOf(words.language)),
    })),
    when: detection ? whenOf(detection, words) : { text: '–', zone: '' },
    posts: posts ? figureText(posts, words) : '–',
    effect: detection ? effectLine(detection, words) : '',
    why,
    changes,
    doubts: doubtTexts,
    none: why === null && doubtTexts.length + changes.length === 0,
  }
}

export const lookMarkings = (seen: Seen, { clearance }: Caller): readonly Marking[] => [
  ...seen.records.flatMap(({ marking }) => marking ?? []),
  // The marking of an unreadable record is unknown.
  ...((seen.table.columns.length > 0 && seen.fault !== undefined) || seen.records.some(({ marking }) => !marking)
    ? [strictest([usualCap, clearance])]
    : []),
]

export const batchMarking = ({ marking }: Batch, { clearance }: Caller): Marking => marking ?? clearance

export const batchValue = (
  visit: Visit,
  batch: Batch,
  effect: UndoneBatch | undefined,
  { now, problem, who }: { readonly now: Date; readonly problem: string; readonly who: WhoAndWhy },
) => {
  const { words, href, caller } = visit
  const { name, by: person, sender, storedAt } = batch
  const counts = countsFor(batch)
  const state = undoState(visit, batch, now)
  const isInTime = state.is === 'open' || state.is === 'part'
  const nothingLeft = effect !== undefined && isIdle(effect)
  const mayUndo = isInTime && !nothingLeft
  return {
    name,
    alert: state.is === 'undone' || state.is === 'part',
    state:
      isInTime && nothingLeft && effect.isDone
        ? words.say('room.batch.idle')
        : state.is === 'open'
          ? words.say('room.batch.open', { until: state.text })
          : state.text,
    about: words.say('room.batch.about', {
      at: timeIn(Date.parse(storedAt), visit.clock, words),
      by: senderWords(person ?? sender, words),
    }),
    back: { href: href('/room/add'), label: words.say('room.batch.back') },
    links: [
      // The search finds the batch's name only until it is undone or the time is over.
      ...(isInTime || state.is === 'busy'
        ? [{ href: href('/room/detections', { q: name }), label: words.say('room.batch.detections') }]
        : []),
      { href: href('/room/inbox'), label: words.say('room.nav.inbox') },
      ...(mayDo(caller, 'reports:create') ? [{ href: href('/room/reports'), label: words.say('room.nav.ask') }] : []),
    ],
    did: {
      none: counts ? '' : words.say('room.batch.cutOff'),
      figures: counts ? outcomeFigures(counts, words, 'batch') : [],
    },
    undo: {
      text: isInTime ? words.say(mayUndo ? 'room.batch.undo.text' : 'room.batch.undo.idle') : state.text,
      effects: isInTime ? undoEffects(effect, words) : [],
      actionForm: mayUndo
        ? actionForm(visit, {
            action: href(`/room/batches/${name}`),
            problem,
            fields: whoAndWhy(visit, who, 'room.batch.reason.note'),
            buttons: [{ label: words.say('room.batch.undo.button'), does: 'undo', look: 'alert' }],
          })
        : null,
    },
  }
}

const namedAtMost = 20

const undoEffects = (effect: UndoneBatch | undefined, words: RoomWording): readonly string[] => {
  if (!effect) return []
  const { withdrawn, unplaced, restored, rejects, contested, reopened, runs, inputs, gone, parts } = effect
  const { left, waits, laterBatches, accepted, sets } = effect
  const some = (
    key: 'withdrawn' | 'restored' | 'gone' | 'dropped' | 'reopened' | 'runs' | 'inputs' | 'sets',
    count: number,
  ) => (count > 0 ? [words.say(`room.batch.undo.${key}`, { count })] : [])
  const which = (key: 'parts' | 'left' | 'waits' | 'accepted' | 'repaired', ids: readonly string[]) => {
    const more = ids.length - namedAtMost
    const rest = more > 0 ? [words.say('room.inbox.more', { count: more })] : []
    const named = [ids.slice(0, namedAtMost).join(', '), ...rest].join(' ')
    return ids.length > 0 ? [words.say(`room.batch.undo.${key}`, { count: ids.length, which: named })] : []
  }
  return [
    ...some('withdrawn', withdrawn - unplaced),
    ...some('restored', restored),
    ...which('parts', parts),
    ...some('dropped', rejects + contested + unplaced),
    ...some('reopened', reopened),
    ...some('runs', runs),
    ...some('inputs', inputs),
    ...some('gone', gone),
    ...which('left', left),
    ...which('waits', waits),
    ...which(
      'accepted',
      accepted.map(({ id }) => id),
    ),
    ...which('repaired', effect.repaired),
    ...some('sets', sets.length),
    ...laterBatches.map((later) => words.say('room.batch.undo.later', { later })),
  ]
}
