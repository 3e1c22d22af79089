import { Temporal } from 'temporal-polyfill'
import { capitalised } from '../../../domain/core/language/language.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import { languages } from '../../../domain/core/language/languages.ts'
import { fitsUnder, markings } from '../../../domain/core/marking.ts'
import { territories as everyTerritory, territoryOf } from '../../../domain/core/place/territory.ts'
import { isSameJson, sha256 } from '../../../domain/core/text/canonical.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { maxNameChars } from '../../../domain/core/text/printable.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { breakoutBases, type Detection, effectDegrees, type Localised } from '../../../domain/detection/detection.ts'
import { maxStatementChars } from '../../../domain/detection/fields.ts'
import { codesMeant } from '../../../domain/detection/gazetteer.ts'
import { figureCell, repliesField } from '../../../domain/detection/revisions/correction.ts'
import { explainWordingOf, type PlaceExplained, placeSentence } from '../../../domain/looking/explanation.ts'
import { periodLine, titleOf } from '../../../domain/page/words/phrases.ts'
import type { Explanation } from '../../../usecases/detections/explain-detection.ts'
import type { EditEffect } from '../../../usecases/ingest/edit/edit-effect.ts'
import { type RoomKey, type RoomWording, roomWordingOf } from '../../shared/wording.ts'
import {
  type Choices,
  actionForm,
  effectHead,
  fasterParts,
  emptyWhoAndWhy,
  type WhoAndWhy,
  whoAndWhy,
} from '../frame/action-form.ts'
import { reasonIn } from '../frame/fault-text.ts'
import { cellName, changedName, fieldText, figureText } from '../frame/field-text.ts'
import { aboutOf, homeAmong, whenOf } from '../frame/names.ts'
import { chipOf, choices, type Field, field, type Visit } from '../frame/pages.ts'
import { detectionHref } from '../frame/paths.ts'
import { replyFields, replyLabel } from './reply-form.ts'

export const editNames = ['place', 'correct', 'withdraw', 'restore', 'reply'] as const

export type EditName = (typeof editNames)[number]

export type EditFormInput = WhoAndWhy & {
  readonly territories: readonly string[]
  readonly cells: Readonly<Record<string, string>>
  readonly emptied?: readonly string[]
}

export const emptyInput: EditFormInput = { ...emptyWhoAndWhy, territories: [], cells: {} }

/** Local time with its UTC offset, which parses back to the same instant. */
const timeCell = (detection: Detection, end: 'from' | 'to'): string => {
  const { observed } = detection
  if (observed.precision !== 'instant') return observed[end]
  const local = Temporal.Instant.from(observed[end]).toZonedDateTimeISO(homeAmong(detection).zone)
  return local.toString({ timeZoneName: 'never' })
}

/** Returns the editable fields as sheet cells; `vigie correct` takes more. */
export const cellsOf = (detection: Detection, words?: RoomWording) => {
  const { title, claim, established, territories, counts, campaign = '', marking, plates = [] } = detection
  const { observedEffect, breakout } = detection
  const figure = (one: typeof counts.posts): string => (one && words ? figureText(one, words) : figureCell(one))
  return {
    ...textCells('title', title),
    ...textCells('claim', claim?.text),
    'claim.source': claim?.source ?? '',
    ...textCells('established', established?.text),
    'established.source': established?.source ?? '',
    'observed.from': timeCell(detection, 'from'),
    'observed.to': timeCell(detection, 'to'),
    territories: territories.map(({ code }) => code).join(', '),
    'counts.posts': figure(counts.posts),
    'counts.accounts': figure(counts.accounts),
    'counts.views': figure(counts.views),
    campaign,
    observedEffect: observedEffect?.degree ?? observedEffect?.state ?? '',
    'observedEffect.confirmed': observedEffect?.confirmed?.by ?? '',
    breakout: String(breakout?.category ?? ''),
    'breakout.basis': breakout?.basis ?? '',
    'breakout.confirmed': breakout?.confirmed?.by ?? '',
    plates: plates.join('; '),
    marking,
  }
}

const textCells = (field: string, texts: Localised | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ fr: '', en: '', ...texts }).map(([language, text]) => [
      language === 'und' ? field : `${field}.${language}`,
      text,
    ]),
  )

/** A form may be drawn in one language and sent in another. */
const isCurrentText = (detection: Detection, name: string, text: string | undefined): boolean =>
  [undefined, ...languages.map(roomWordingOf)].some(
    (words) => (cellsOf(detection, words) as Readonly<Record<string, string>>)[name] === text,
  )

/**
 * Returns the cells that differ from the current values. Both ends of a time go together. An emptied cell counts as
 * absent, except for evidence images.
 */
export const cellsChanged = (
  detection: Detection,
  written: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const currentCells: Readonly<Record<string, string>> = cellsOf(detection)
  const isFilled = (name: string) => (written[name] ?? '') !== '' || (name === 'plates' && written[name] === '')
  const isOther = (name: string) => isFilled(name) && !isCurrentText(detection, name, written[name])
  const ends = ['observed.from', 'observed.to']
  const names = Object.keys(currentCells).filter(
    (name) => isOther(name) || (isFilled(name) && ends.includes(name) && ends.some(isOther)),
  )
  return Object.fromEntries(names.map((name) => [name, written[name] ?? '']))
}

/** A dash empties a cell, as in a sheet. */
const clears = '-'
const mayClear = (name: string): boolean => !['observed.from', 'plates', 'marking'].includes(name)

/** Filled cells that were sent empty: they stay unchanged. */
export const cellsEmptied = (detection: Detection, written: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(cellsOf(detection)).flatMap(([name, current]) =>
    current !== '' && written[name] === '' && name !== 'plates' ? [name] : [],
  )

/** Returns the cells that the analyst changed, whatever the current values. */
export const cellsTyped = (
  drawnFrom: Detection,
  written: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  return Object.fromEntries(
    Object.entries(cellsChanged(drawnFrom, written)).filter(([name, text]) => !isCurrentText(drawnFrom, name, text)),
  )
}

const cellText = (name: string, text: string, words: RoomWording): string => {
  const label = selects[name]?.labels(words)[text]
  if (label !== undefined) return label
  if (text === clears) return '–'
  if (name === 'territories' && text !== '') {
    return harmless(words.list(text.split(/[;,\s]+/).map((code) => territoryName(code, words))))
  }
  return text === '' ? '–' : harmless(text)
}

const cellLabel = (name: string, words: RoomWording): string => replyLabel(name, words) ?? cellName(name, words)

/** Sheet codes; the effect's text and source stay unchanged. */
const effectWords = [...effectDegrees, 'observed', 'not assessed', 'none'] as const

type Select = { readonly labels: (words: RoomWording) => Readonly<Record<string, string>>; readonly clear: RoomKey }

const selects: Readonly<Record<string, Select>> = {
  observedEffect: {
    labels: ({ say }) => Object.fromEntries(effectWords.map((one) => [one, say(`dossier.effect.${one}`)])),
    clear: 'room.mend.effect.clear',
  },
  'breakout.basis': {
    labels: ({ say }) => Object.fromEntries(breakoutBases.map((one) => [one, say(`room.basis.${one}`)])),
    clear: 'room.mend.basis.clear',
  },
}

const cellFields = (
  detection: Detection,
  { cells, wrong, emptied = [] }: EditFormInput,
  words: RoomWording,
): readonly Field[] =>
  Object.entries(cellsOf(detection, words)).map(([name, current]) =>
    field(name, capitalised(cellLabel(name, words)), {
      wrong: wrong[name] ?? '',
      ...(name === 'marking'
        ? { choices: choices(markings, (one) => one, cells[name] ?? current) }
        : selects[name]
          ? { choices: selectChoices(selects[name], current, cells[name] ?? current, words) }
          : name === 'plates'
            ? {
                lines: 3,
                value: cells[name] ?? current,
                note: `${words.say('room.mend.plates.note')} ${mostNote(name, words)}`,
              }
            : {
                type: 'text' as const,
                value: cells[name] ?? current,
                note: [
                  emptied.includes(name) ? emptiedText(name, words) : clearNote(name, current, words),
                  zoneNote(detection, name, words),
                  mostNote(name, words),
                ]
                  .filter(Boolean)
                  .join(' '),
              }),
    }),
  )

const selectChoices = ({ labels, clear }: Select, current: string, chosen: string, words: RoomWording) => {
  const labelOf: Readonly<Record<string, string>> = {
    ...labels(words),
    ...(current !== '' && { [clears]: words.say(clear) }),
  }
  return choices(Object.keys(labelOf), (one) => labelOf[one] ?? one, chosen, ...(current === '' ? ['–'] : []))
}

const clearNote = (name: string, current: string, words: RoomWording): string =>
  mayClear(name) && current !== '' ? words.say('room.mend.clear') : ''

export const emptiedText = (name: string, words: RoomWording): string =>
  words.say(mayClear(name) ? 'room.mend.emptied' : 'room.mend.emptied.needed')

/** Fits fifty hashes. */
export const maxCell = 4_000

/** Figures and dates need no note: their form is enough. */
const mostNote = (name: string, words: RoomWording): string =>
  /^(?:counts|observed)\.|^breakout$/.test(name) ? '' : words.say('room.deed.most', { most: mostChars(name) })

const mostChars = (name: string): number => {
  if (/^campaign$|\.(?:source|confirmed)$/.test(name)) return maxNameChars
  return /^(?:claim|established)\b/.test(name) ? maxStatementChars : maxCell
}

const zoneNote = (detection: Detection, name: string, words: RoomWording): string =>
  name.startsWith('observed.') ? capitalised(whenOf(detection, words).zone) : ''

const placeChoices = (visit: Visit, detection: Detection, { territories, wrong }: EditFormInput): Choices => {
  const { words, caller } = visit
  const meant = codesMeant(detection.reported?.territories ?? [])
  const own = everyTerritory.filter(({ code }) => caller.territories.includes(code))
  const inOrder = [
    ...own.filter(({ code }) => meant.includes(code)),
    ...own.filter(({ code }) => !meant.includes(code)),
  ]
  return {
    name: 'territories',
    legend: words.say('room.mend.places'),
    wrong: wrong.territories ?? '',
    items: inOrder.map(({ code, name }) => ({
      value: code,
      label: name[words.language],
      note: meant.includes(code) ? words.say('room.mend.meant') : '',
      checked: territories.includes(code),
    })),
  }
}

/**
 * The lock of a form: revision number and evidence images (no number counts them), as visible to the analyst. Changes
 * above their clearance do not show in it.
 */
export const lockOf = (revision: number, { plates = [] }: Pick<Detection, 'plates'>): string =>
  plates.length === 0 ? String(revision) : `${revision}.${sha256(plates.join()).slice(0, 16)}`

type Since = {
  readonly by: string | undefined
  readonly before: Detection | undefined
  readonly typed: EditFormInput['cells']
}

/** Acts that need no input: their effect is shown at once. */
const isPlain = (name: EditName): boolean => name === 'withdraw' || name === 'restore'

type Shown = {
  readonly name: EditName
  /** The revision to restore. */
  readonly to: string
  readonly explanation: Explanation
  readonly detection: Detection
  readonly revision: number
  readonly over: 'nothing' | 'placed' | undefined
  readonly input: EditFormInput
  readonly effect?: EditEffect | undefined
  readonly fault?: readonly Segment[] | undefined
  /** The concurrent edit since the form was drawn. */
  readonly since?: Since | undefined
}

export const editValue = (visit: Visit, shown: Shown) => {
  const { words } = visit
  const { name, explanation, revision, input, effect, fault, since } = shown
  const { id } = explanation.detection
  return {
    name: titleOf(explanation.detection.title, words.language),
    id: harmless(id),
    chip: chipOf(explanation.detection.marking),
    state: words.say('room.mend.revision', { revision }),
    lead:
      shown.over === 'placed'
        ? words.say('room.mend.placed', { places: words.list(placedTexts(explanation, words)) })
        : words.say(shown.over ? 'room.mend.over' : `room.mend.${name}.lead`),
    back: { href: detectionHref(visit, id), label: words.say('room.mend.back') },
    fault: fault ?? [],
    faster: since ? fasterValue(visit, shown, since) : null,
    effect: effect ? effectValue(visit, shown, effect) : null,
    form: {
      title: words.say(effect && !isPlain(name) ? 'room.mend.otherwise' : 'room.mend.form'),
      actionForm: shown.over ? null : isPlain(name) ? plainForm(visit, shown) : previewForm(visit, shown),
    },
    text: isPlain(name) || input.reason !== '' ? '' : words.say('room.mend.first'),
  }
}

const actionOf = (visit: Visit, { name, explanation, to }: Shown): string =>
  visit.href(`/room/detections/${encodeURIComponent(explanation.detection.id)}/${name}`, { to })

const plainForm = (visit: Visit, shown: Shown) =>
  actionForm(visit, {
    action: actionOf(visit, shown),
    hidden: { revision: lockOf(shown.revision, shown.detection) },
    fields: whoAndWhy(visit, shown.input),
    buttons: [{ label: visit.words.say(`room.mend.${shown.name}.button`), does: 'do', look: lookOf(shown) }],
  })

const lookOf = ({ name }: Shown) => (name === 'withdraw' ? 'alert' : 'first')

const previewForm = (visit: Visit, shown: Shown) => {
  const { name, detection, input, revision } = shown
  const isPlace = name === 'place'
  return actionForm(visit, {
    action: actionOf(visit, shown),
    hidden: { revision: lockOf(revision, detection) },
    choices: isPlace ? [placeChoices(visit, detection, input)] : [],
    fields: isPlace
      ? whoAndWhy(visit, input, 'room.deed.reason.optional.note')
      : [
          ...(name === 'reply'
            ? replyFields(visit, detection, input.cells, input.wrong)
            : cellFields(detection, input, visit.words)),
          ...whoAndWhy(visit, input),
        ],
    buttons: [{ label: visit.words.say('room.mend.look'), does: 'look', look: shown.effect ? 'second' : 'first' }],
  })
}

const effectValue = (visit: Visit, shown: Shown, effect: EditEffect) => {
  const { words } = visit
  const { name, input, revision, detection, explanation } = shown
  const wayBack = effect.waits ? 'lower' : name
  return {
    ...effectTable(explanation, effect, words),
    wayBack: words.say(
      wayBack === 'lower'
        ? 'room.lower.asked.wayBack'
        : wayBack === 'withdraw' || wayBack === 'reply'
          ? `room.mend.${wayBack}.wayBack`
          : 'room.mend.wayBack',
    ),
    actionForm: isPlain(name)
      ? null
      : actionForm(visit, {
          action: actionOf(visit, shown),
          hidden: {
            revision: lockOf(revision, detection),
            by: input.by,
            reason: input.reason,
            territories: input.territories,
            ...input.cells,
          },
          buttons: [{ label: words.say(effect.waits ? 'room.lower.ask' : `room.mend.${name}.button`), does: 'do' }],
        }),
  }
}

export const effectTable = (
  { versions: known }: Pick<Explanation, 'versions'>,
  effect: EditEffect,
  words: RoomWording,
) => {
  const { before, after, changed, places, parts = [] } = effect
  const rows = changed.map((one) => ({
    label: changedName(one, words),
    before: fieldText(before, one, words),
    after: after ? fieldText(after, one, words) : '–',
  }))
  const counts = {
    label: words.say('room.mend.counts'),
    before: periodsText(places.before, words),
    after: periodsText(places.after, words),
  }
  const shown = {
    label: words.say('room.lower.editions'),
    before: editionsText(before, words),
    after: after ? editionsText(after, words) : '–',
  }
  const versions = known.filter(({ recalled }) => !recalled)
  return {
    ...effectHead(words),
    rows: [
      ...rows,
      ...(counts.before === counts.after ? [] : [counts]),
      ...(parts.length === 0
        ? []
        : [
            {
              label: words.say('room.mend.parts'),
              before: words.say('room.mend.parts.before'),
              after: words.say('room.mend.parts.after', { count: parts.length, which: partsText(parts, words) }),
            },
          ]),
      ...(after && after.marking !== before.marking ? [shown] : []),
    ],
    stays: words.say('room.mend.versions', { count: versions.length }),
    versions: versions.map((version) => {
      const about = aboutOf({ ...version, period: parsePeriod(version.period) }, words)
      return [
        words.say('room.coverage.of', { territory: about.name, period: about.period }),
        words.say('room.edition', { cap: version.cap }),
        words.say('room.version', { version: version.version }),
      ].join(' · ')
    }),
  }
}

const partsNamed = 10

const partsText = (parts: readonly string[], words: RoomWording): string => {
  const named = parts.slice(0, partsNamed).map(harmless)
  const more = parts.length - named.length
  return words.list([...named, ...(more > 0 ? [words.say('room.inbox.more', { count: more })] : [])])
}

/** Caps of the new versions under which its marking fits. */
const editionsText = ({ marking }: Detection, words: RoomWording): string =>
  words.list(markings.filter((cap) => fitsUnder(marking, cap)))

const goneText = ({ reason }: Explanation, words: RoomWording): string =>
  [
    words.say('room.mend.line', {
      label: words.say('room.setting.state'),
      text: words.say('room.did.withdrawn'),
    }),
    ...(reason === undefined ? [] : [words.say('room.detection.reason', { reason: reasonIn(words, reason).text })]),
  ].join('. ')

const placedTexts = ({ places }: Explanation, words: RoomWording): readonly string[] =>
  places.map((place) =>
    words.say('room.mend.line', {
      label: territoryName(place.code, words),
      text: harmless(placeSentence(place, explainWordingOf(words.language))),
    }),
  )

const territoryName = (code: string, words: RoomWording): string =>
  everyTerritory.find((one) => one.code === code)?.name[words.language] ?? code

const fasterValue = (visit: Visit, shown: Shown, { by, before, typed }: Since) => {
  const { explanation, detection, input, revision, name, over } = shown
  const { words } = visit
  const names = before ? Object.keys(cellsOf(detection)) : []
  const [was, is]: readonly Readonly<Record<string, string>>[] = [
    before ? cellsOf(before, words) : {},
    cellsOf(detection, words),
  ]
  const title =
    by === undefined
      ? words.say('room.mend.faster', { revision })
      : words.say('room.mend.faster.named', { revision, by: harmless(by) })
  const parts = fasterParts(words, title, {
    theirs: [
      ...(explanation.status === 'withdrawn' ? [goneText(explanation, words)] : []),
      ...(name === 'place' ? placedTexts(explanation, words) : []),
      ...names
        .filter((one) => was?.[one] !== is?.[one] && !(name === 'place' && one === 'territories'))
        .map((one) =>
          words.say('room.mend.line', { label: cellLabel(one, words), text: cellText(one, is?.[one] ?? '', words) }),
        ),
      ...repliesSince(before, detection, words),
    ],
    yours: [
      ...(name === 'place' && input.territories.length > 0
        ? [
            words.say('room.mend.line', {
              label: words.say('room.mend.places'),
              text: words.list(input.territories.map((code) => territoryName(code, words))),
            }),
          ]
        : []),
      ...Object.entries(typed).map(([one, text]) =>
        words.say('room.mend.line', { label: cellLabel(one, words), text: cellText(one, text, words) }),
      ),
      ...(input.reason === ''
        ? []
        : [words.say('room.mend.line', { label: words.say('room.deed.reason'), text: harmless(input.reason) })]),
    ],
  })
  if (!over) return parts
  const elsewhere = {
    href: actionOf(visit, { ...shown, name: 'correct' }),
    label: words.say('room.mend.placed.correct'),
  }
  return { ...parts, text: words.say('room.mend.faster.over'), link: over === 'placed' ? elsewhere : null }
}

const repliesSince = (before: Detection | undefined, now: Detection, words: RoomWording): readonly string[] => {
  if (!before || isSameJson(before.actor?.replies ?? [], now.actor?.replies ?? [])) return []
  return [
    words.say('room.mend.line', {
      label: changedName(repliesField, words),
      text: fieldText(now, repliesField, words),
    }),
  ]
}

export const periodsText = (places: readonly PlaceExplained[], words: RoomWording): string =>
  places.length === 0
    ? words.say('room.mend.nowhere')
    : words.list(
        places.map(({ code, week, month }) =>
          words.say('room.coverage.of', {
            territory: territoryOf(code).name[words.language],
            period: periodLine({ period: parsePeriod(week ?? month) }, words),
          }),
        ),
      )
