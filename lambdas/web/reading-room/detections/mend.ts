/**
 * What a person would change of a detection: its fields as a form holds them, the effect from and to, and what another
 * did meanwhile.
 */

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
import { type Detection, effectDegrees } from '../../../domain/detection/detection.ts'
import { codesMeant } from '../../../domain/detection/gazetteer.ts'
import { figureCell, repliesField } from '../../../domain/detection/revisions/correction.ts'
import { explainWordingOf, type PlaceExplained, placeSentence } from '../../../domain/looking/explanation.ts'
import { periodLine, titleOf } from '../../../domain/page/words/phrases.ts'
import type { Explanation } from '../../../usecases/detections/explain-detection.ts'
import type { MendEffect } from '../../../usecases/ingest/mend/mend-effect.ts'
import { type RoomWording, roomWordingOf } from '../../shared/wording.ts'
import {
  type Choices,
  deed,
  effectHead,
  fasterParts,
  nothingSaid as nobodySaid,
  type WhoAndWhy,
  whoAndWhy,
} from '../frame/deeds.ts'
import { cellName, changedName, fieldText, figureText } from '../frame/field-text.ts'
import { aboutOf, homeAmong, whenOf } from '../frame/names.ts'
import { chipOf, choices, type Field, field, type Visit } from '../frame/pages.ts'
import { detectionHref } from '../frame/paths.ts'
import { reasonIn } from '../frame/told.ts'
import { replyFields, replyLabel } from './reply-form.ts'

export const mends = ['place', 'correct', 'withdraw', 'reply'] as const

export type MendName = (typeof mends)[number]

/** What a form said, and what is wrong in it, by field. */
export type Said = WhoAndWhy & {
  readonly territories: readonly string[]
  readonly cells: Readonly<Record<string, string>>
  /** Fields that were sent empty, which changes nothing. */
  readonly emptied?: readonly string[]
}

export const nothingSaid: Said = { ...nobodySaid, territories: [], cells: {} }

/** An instant by the clock of where it was seen, with that clock's distance from UTC: read again it is the same. */
const timeCell = (detection: Detection, end: 'from' | 'to'): string => {
  const { observed } = detection
  if (observed.precision !== 'instant') return observed[end]
  const local = Temporal.Instant.from(observed[end]).toZonedDateTimeISO(homeAmong(detection).zone)
  return local.toString({ timeZoneName: 'never' })
}

/**
 * The fields that the form offers, as the cells of a sheet would say them, figures in the reader's words;
 * `vigie correct` takes more.
 */
export const cellsOf = (detection: Detection, words?: RoomWording) => {
  const { title, territories, counts, campaign = '', observedEffect, marking, plates = [] } = detection
  const figure = (one: typeof counts.posts): string => (one && words ? figureText(one, words) : figureCell(one))
  return {
    ...Object.fromEntries(
      Object.entries({ fr: '', en: '', ...title }).map(([language, text]) => [
        language === 'und' ? 'title' : `title.${language}`,
        text,
      ]),
    ),
    'observed.from': timeCell(detection, 'from'),
    'observed.to': timeCell(detection, 'to'),
    territories: territories.map(({ code }) => code).join(', '),
    'counts.posts': figure(counts.posts),
    'counts.accounts': figure(counts.accounts),
    'counts.views': figure(counts.views),
    campaign,
    observedEffect: observedEffect?.degree ?? observedEffect?.state ?? '',
    plates: plates.join('; '),
    marking,
  }
}

/** What a cell of the form may say of what stands: it is drawn in one language, and may be sent in another. */
const saysWhatStands = (detection: Detection, name: string, text: string | undefined): boolean =>
  [undefined, ...languages.map(roomWordingOf)].some(
    (words) => (cellsOf(detection, words) as Readonly<Record<string, string>>)[name] === text,
  )

/**
 * Those that say otherwise than what stands; both ends of a time belong together, and one that is emptied is as one
 * that no sheet gives. Nothing is emptied here but the plates.
 */
export const cellsChanged = (
  detection: Detection,
  written: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const stands: Readonly<Record<string, string>> = cellsOf(detection)
  const isSaid = (name: string) => (written[name] ?? '') !== '' || (name === 'plates' && written[name] === '')
  const isOther = (name: string) => isSaid(name) && !saysWhatStands(detection, name, written[name])
  const ends = ['observed.from', 'observed.to']
  const names = Object.keys(stands).filter(
    (name) => isOther(name) || (isSaid(name) && ends.includes(name) && ends.some(isOther)),
  )
  return Object.fromEntries(names.map((name) => [name, written[name] ?? '']))
}

/** A dash empties a cell, as in a sheet; a detection has a first date and a marking. */
const clears = '-'
const mayClear = (name: string): boolean => !['observed.from', 'plates', 'marking'].includes(name)

/** Those that were sent empty though something stands: it stays, and their writer is told so. */
export const cellsEmptied = (detection: Detection, written: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(cellsOf(detection)).flatMap(([name, stands]) =>
    stands !== '' && written[name] === '' && name !== 'plates' ? [name] : [],
  )

/** Those that say otherwise than what a form was drawn from: what its writer changed, whatever stands by now. */
export const cellsTyped = (
  drawnFrom: Detection,
  written: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  return Object.fromEntries(
    Object.entries(cellsChanged(drawnFrom, written)).filter(([name, text]) => !saysWhatStands(drawnFrom, name, text)),
  )
}

/** A cell as a person reads it; as it stands where it is no code that is known. */
const cellText = (name: string, text: string, words: RoomWording): string => {
  const effect = effectWords.find((one) => name === 'observedEffect' && one === text)
  if (effect) return words.say(`dossier.effect.${effect}`)
  if (text === clears) return '–'
  if (name === 'territories' && text !== '') {
    return harmless(words.list(text.split(/[;,\s]+/).map((code) => territoryName(code, words))))
  }
  return text === '' ? '–' : harmless(text)
}

const cellLabel = (name: string, words: RoomWording): string => replyLabel(name, words) ?? cellName(name, words)

/** As a sheet says them: text and source stay as they are. */
const effectWords = [...effectDegrees, 'observed', 'not assessed', 'none'] as const

const cellFields = (detection: Detection, { cells, wrong, emptied = [] }: Said, words: RoomWording): readonly Field[] =>
  Object.entries(cellsOf(detection, words)).map(([name, stands]) =>
    field(name, capitalised(cellLabel(name, words)), {
      wrong: wrong[name] ?? '',
      ...(name === 'marking'
        ? { choices: choices(markings, (one) => one, cells[name] ?? stands) }
        : name === 'observedEffect'
          ? { choices: effectChoices(stands, cells[name] ?? stands, words) }
          : name === 'plates'
            ? {
                lines: 3,
                value: cells[name] ?? stands,
                note: `${words.say('room.mend.plates.note')} ${mostNote(name, words)}`,
              }
            : {
                type: 'text' as const,
                value: cells[name] ?? stands,
                note: [
                  emptied.includes(name) ? emptiedText(name, words) : clearNote(name, stands, words),
                  zoneNote(detection, name, words),
                  mostNote(name, words),
                ]
                  .filter(Boolean)
                  .join(' '),
              }),
    }),
  )

/** An effect that is told can be taken back; where none is, there is nothing to take. */
const effectChoices = (stands: string, chosen: string, words: RoomWording) => {
  const told = (one: string) =>
    one === clears
      ? words.say('room.mend.effect.clear')
      : words.say(`dossier.effect.${one as (typeof effectWords)[number]}`)
  return stands === '' ? choices(effectWords, told, chosen, '–') : choices([...effectWords, clears], told, chosen)
}

const clearNote = (name: string, stands: string, words: RoomWording): string =>
  mayClear(name) && stands !== '' ? words.say('room.mend.clear') : ''

export const emptiedText = (name: string, words: RoomWording): string =>
  words.say(mayClear(name) ? 'room.mend.emptied' : 'room.mend.emptied.needed')

/** So many characters a cell may have: fifty hashes. */
export const maxCell = 4_000

/** The limit of a text; of a figure and a date its form says enough. */
const mostNote = (name: string, words: RoomWording): string =>
  /^(?:counts|observed)\./.test(name)
    ? ''
    : words.say('room.deed.most', { most: name === 'campaign' ? maxNameChars : maxCell })

/** Whose time an instant is told in. */
const zoneNote = (detection: Detection, name: string, words: RoomWording): string =>
  name.startsWith('observed.') ? capitalised(whenOf(detection, words).zone) : ''

const placeChoices = (visit: Visit, detection: Detection, { territories, wrong }: Said): Choices => {
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
 * What a form was drawn from, as far as the person may know it: the number that he is told, and the plates that he
 * sees, which no number counts. What changed above his clearance is no change here, and a form tells nothing of it.
 */
export const lockOf = (revision: number, { plates = [] }: Pick<Detection, 'plates'>): string =>
  plates.length === 0 ? String(revision) : `${revision}.${sha256(plates.join()).slice(0, 16)}`

/** `typed` is what its writer changed: all of it is told, also what the form no longer holds */
type Since = {
  /** Who wrote what stands, where that is known. */
  readonly by: string | undefined
  readonly before: Detection | undefined
  readonly typed: Said['cells']
}

type Shown = {
  readonly name: MendName
  readonly told: Explanation
  readonly detection: Detection
  /** As it is told to the person. */
  readonly revision: number
  /** Why nothing is left to do of it. */
  readonly over: 'nothing' | 'placed' | undefined
  readonly said: Said
  readonly effect?: MendEffect | undefined
  /** Nothing was written, and why. */
  readonly fault?: readonly Segment[] | undefined
  /** Since what the form was drawn from. */
  readonly since?: Since | undefined
}

export const mendValue = (visit: Visit, shown: Shown) => {
  const { words } = visit
  const { name, told, revision, said, effect, fault, since } = shown
  const { id } = told.detection
  return {
    name: titleOf(told.detection.title, words.language),
    id: harmless(id),
    chip: chipOf(told.detection.marking),
    state: words.say('room.mend.revision', { revision }),
    lead:
      shown.over === 'placed'
        ? words.say('room.mend.placed', { places: words.list(placedTexts(told, words)) })
        : words.say(shown.over ? 'room.mend.over' : `room.mend.${name}.lead`),
    back: { href: detectionHref(visit, id), label: words.say('room.mend.back') },
    fault: fault ?? [],
    faster: since ? fasterValue(visit, shown, since) : null,
    effect: effect ? effectValue(visit, shown, effect) : null,
    form: {
      title: words.say(effect && name !== 'withdraw' ? 'room.mend.otherwise' : 'room.mend.form'),
      // What is withdrawn has no choice but to be: its effect stands above the one button.
      deed: shown.over ? null : name === 'withdraw' ? withdrawDeed(visit, shown) : lookDeed(visit, shown),
    },
    text: name === 'withdraw' || said.reason !== '' ? '' : words.say('room.mend.first'),
  }
}

const actionOf = (visit: Visit, { name, told }: Shown): string =>
  visit.href(`/room/detections/${encodeURIComponent(told.detection.id)}/${name}`)

const withdrawDeed = (visit: Visit, shown: Shown) =>
  deed(visit, {
    action: actionOf(visit, shown),
    hidden: { revision: lockOf(shown.revision, shown.detection) },
    fields: whoAndWhy(visit, shown.said),
    buttons: [{ label: visit.words.say('room.mend.withdraw.button'), does: 'do', look: 'alert' }],
  })

const lookDeed = (visit: Visit, shown: Shown) => {
  const { name, detection, said, revision } = shown
  const isPlace = name === 'place'
  return deed(visit, {
    action: actionOf(visit, shown),
    hidden: { revision: lockOf(revision, detection) },
    choices: isPlace ? [placeChoices(visit, detection, said)] : [],
    fields: isPlace
      ? whoAndWhy(visit, said, 'room.deed.reason.optional.note')
      : [
          ...(name === 'reply'
            ? replyFields(visit, detection, said.cells, said.wrong)
            : cellFields(detection, said, visit.words)),
          ...whoAndWhy(visit, said),
        ],
    buttons: [{ label: visit.words.say('room.mend.look'), does: 'look', look: shown.effect ? 'second' : 'first' }],
  })
}

/** What would change, from and to, and the one button that does it. */
const effectValue = (visit: Visit, shown: Shown, effect: MendEffect) => {
  const { words } = visit
  const { name, said, revision, detection, told } = shown
  const wayBack = effect.waits ? 'lower' : name
  return {
    ...effectTable(told, effect, words),
    wayBack: words.say(
      wayBack === 'lower'
        ? 'room.lower.asked.wayBack'
        : wayBack === 'withdraw' || wayBack === 'reply'
          ? `room.mend.${wayBack}.wayBack`
          : 'room.mend.wayBack',
    ),
    deed:
      name === 'withdraw'
        ? null
        : deed(visit, {
            action: actionOf(visit, shown),
            hidden: {
              revision: lockOf(revision, detection),
              by: said.by,
              reason: said.reason,
              territories: said.territories,
              ...said.cells,
            },
            buttons: [{ label: words.say(effect.waits ? 'room.lower.ask' : `room.mend.${name}.button`), does: 'do' }],
          }),
  }
}

/** Fields from and to, where it counts, which editions show it, and what stays. */
export const effectTable = (
  { versions: known }: Pick<Explanation, 'versions'>,
  effect: MendEffect,
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

/** So many parts are named. */
const partsNamed = 10

const partsText = (parts: readonly string[], words: RoomWording): string => {
  const named = parts.slice(0, partsNamed).map(harmless)
  const more = parts.length - named.length
  return words.list([...named, ...(more > 0 ? [words.say('room.inbox.more', { count: more })] : [])])
}

/** Of each new version: those up to whose cap its marking fits. */
const editionsText = ({ marking }: Detection, words: RoomWording): string =>
  words.list(markings.filter((cap) => fitsUnder(marking, cap)))

const goneText = ({ reason }: Explanation, words: RoomWording): string =>
  [
    words.say('room.mend.line', {
      label: words.say('room.setting.state'),
      text: words.say('room.detection.withdrawn'),
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

/** What another wrote since, beside what this person wrote and what was not. */
const fasterValue = (visit: Visit, shown: Shown, { by, before, typed }: Since) => {
  const { told, detection, said, revision, name, over } = shown
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
      ...(told.status === 'withdrawn' ? [goneText(told, words)] : []),
      // Who placed it says where, by whom and how.
      ...(name === 'place' ? placedTexts(told, words) : []),
      ...names
        .filter((one) => was?.[one] !== is?.[one] && !(name === 'place' && one === 'territories'))
        .map((one) =>
          words.say('room.mend.line', { label: cellLabel(one, words), text: cellText(one, is?.[one] ?? '', words) }),
        ),
      ...repliesSince(before, detection, words),
    ],
    yours: [
      ...(name === 'place' && said.territories.length > 0
        ? [
            words.say('room.mend.line', {
              label: words.say('room.mend.places'),
              text: words.list(said.territories.map((code) => territoryName(code, words))),
            }),
          ]
        : []),
      ...Object.entries(typed).map(([one, text]) =>
        words.say('room.mend.line', { label: cellLabel(one, words), text: cellText(one, text, words) }),
      ),
      ...(said.reason === ''
        ? []
        : [words.say('room.mend.line', { label: words.say('room.deed.reason'), text: harmless(said.reason) })]),
    ],
  })
  // Without a form there is nothing to say again.
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
