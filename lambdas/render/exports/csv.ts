/** `detections.csv`: one row for each detection of the period within the cap. */

import type { DetectionAsOf } from '../../domain/aggregate/tally.ts'
import { type IdTable, idTable, wholeColumn } from '../../domain/core/columns.ts'
import { type AddedFigure, type DistinctFigure, figureNames } from '../../domain/core/figures.ts'
import { fitsUnder, strictest } from '../../domain/core/marking.ts'
import { placing } from '../../domain/core/place/subject.ts'
import { subjectOf } from '../../domain/core/place/territory.ts'
import { harmless } from '../../domain/core/text/harmless.ts'
import { nameIn, textIn } from '../../domain/core/text/localised.ts'
import type { LocalInterval } from '../../domain/core/time/observed.ts'
import { bases } from '../../domain/detection/attribution-schema.ts'
import type { Localised, Name } from '../../domain/detection/detection.ts'
import { techniqueName } from '../../domain/detection/frameworks/disarm-built-in.ts'
import { revisionInEdition } from '../../domain/detection/revisions/edition-overrides.ts'
import { type Entry, entryOf } from '../../domain/report/facts.ts'
import type { Edition } from '../../domain/report/manifest.ts'
import { spilledLines } from './spilled-lines.ts'

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Append new columns at the end. Documented in docs/reports.md. */
export const csvColumns = [
  'id',
  'revision',
  'part_of',
  'standing',
  'kind',
  'title_fr',
  'title_en',
  'first_observed',
  'last_observed',
  'precision',
  'platforms',
  ...figureNames.flatMap((figure) => [snake(figure), `${snake(figure)}_qualifier`]),
  'campaign',
  'actor',
  'attributed_by',
  'actor_likelihood',
  'actor_confidence',
  'techniques',
  'hashtags',
  'languages',
  'territory_method',
  'territory_via',
  'marking',
  'reliability',
  'credibility',
  'confidence',
  'breakout',
  'detector',
  'evidence',
  'indicators',
  'modus_operandi',
  'territories',
  'attribution_bases',
  'attribution_links',
  'summary_fr',
  'summary_en',
  'narratives',
  'observed_effect',
  'criteria',
  'event_place',
  'event_participants',
  'interval_minutes',
  'posts_by_interval',
  'supposed_origin',
  'impersonates',
  'technique_names',
] as const

export type CsvTable = {
  /** Skips a detection outside the period or above the cap. */
  add(current: DetectionAsOf, interval?: LocalInterval): void
  /** Sorted by first observation and id. */
  pieces(): Iterable<string>
  /** Releases temporary storage; call `pieces` first. */
  close(): void
}

/**
 * Builds the CSV of one edition (RFC 4180). It has a byte-order mark, because spreadsheets otherwise assume an old code
 * page and turn Nouméa into NoumÃ©a.
 * @param ids shared with other counters of the same detections
 */
export const csvTable = ({ territory, period, cap }: Edition, ids: IdTable = idTable()): CsvTable => {
  const { zone, members } = subjectOf(territory)
  const placeOf = placing({ period, zone, members })
  const lines = spilledLines()
  const lineNumbers = wholeColumn()
  const partOf = new Map<number, string>()
  let taken = 0
  return {
    add: (current, own) => {
      const { detection } = current
      const place = placeOf(detection, own)
      const number = ids.number(detection.id)
      lineNumbers.set(number, 0)
      if (!place || place.fit === 'outside' || !fitsUnder(detection.marking, cap)) return
      const { interval, fit } = place
      const placing = detection.territories.find(({ code }) => members.includes(code))
      const rest = line(cells(entryOf(current, cap), fit, placing))
      taken += 1
      lineNumbers.set(number, taken)
      if (detection.partOf !== undefined) partOf.set(taken, detection.partOf)
      lines.add({
        at: interval.first.from,
        id: detection.id,
        text: `${taken} ${revisionInEdition(current, cap)} ${rest}`,
      })
    },
    pieces: function* () {
      const isHere = (id: string): boolean => lineNumbers.get(ids.find(id) ?? ids.size) > 0
      let piece = `\uFEFF${line(csvColumns)}\r\n`
      for (const { id, text } of lines.sorted()) {
        const [, which, revision = '', rest = ''] = /^(\d+) (\d+) (.*)$/s.exec(text) ?? []
        if (lineNumbers.get(ids.find(id) ?? ids.size) !== Number(which)) continue
        const whole = partOf.get(Number(which)) ?? ''
        // A whole that this edition must not show is not named either.
        piece += `${line([id, revision, isHere(whole) ? whole : ''])},${rest}\r\n`
        if (piece.length < pieceLength) continue
        yield piece
        piece = ''
      }
      yield piece
    },
    close: lines.close,
  }
}

/** In UTF-16 code units; one row may exceed it. */
const pieceLength = 2 ** 16

const cells = (
  entry: Entry,
  status: string,
  placing: { readonly method: string; readonly via?: string | undefined } | undefined,
): readonly string[] => [
  status,
  entry.kind,
  wordsIn(entry.title, 'fr'),
  wordsIn(entry.title, 'en'),
  entry.observed.from,
  entry.observed.to,
  entry.observed.precision,
  listed(entry.platforms),
  ...figureNames.flatMap((figure) => figureCells(entry, figure)),
  entry.campaign ?? '',
  nameOf(entry.actor?.name),
  nameOf(entry.actor?.attributedBy),
  entry.actor?.likelihood ?? '',
  entry.actor?.confidence ?? '',
  listed(entry.techniques.map(({ id }) => id)),
  listed(entry.hashtags),
  listed(entry.languages),
  placing?.method ?? '',
  placing?.via ?? '',
  strictest([entry.marking, ...(entry.actor?.links ?? []).flatMap(({ marking }) => marking ?? [])]),
  entry.reliability ?? '',
  entry.credibility === undefined ? '' : String(entry.credibility),
  confidence(entry),
  entry.breakout === undefined ? '' : String(entry.breakout.category),
  entry.detector,
  listed(
    entry.evidence.map(({ label, address, archive }) =>
      [
        harmless(wordsIn(label, 'en')) === address ? '' : wordsIn(label, 'en'),
        address,
        archive && `archive: ${archive}`,
      ]
        .filter(Boolean)
        .join(' '),
    ),
  ),
  listed(entry.indicators.map(({ type, value }) => `${type}: ${value}`)),
  nameOf(entry.modusOperandi?.name),
  listed(entry.territories.map(({ code }) => code)),
  ...chainCells(entry),
  ...textCells(entry),
  ...rhythmCells(entry),
  listed((entry.impersonates ?? []).map(identityCell)),
  listed(entry.techniques.map(techniqueName)),
]

/** At most some 30,000 characters, which fits a cell. */
const rhythmCells = ({ byInterval = [], supposedOrigin: origin }: Entry): readonly string[] => [
  byInterval[0] ? String(byInterval[0].minutes) : '',
  byInterval
    .toSorted((one, other) => (one.from < other.from ? -1 : 1))
    .map(({ from, posts }) => `${from.slice(0, 16)}Z ${signs[posts.qualifier]}${posts.value}`)
    .join(' | '),
  origin ? `${origin.zone} (hypothesis of ${nameOf(origin.by)})` : '',
]

const signs = { exact: '', 'at least': '≥', about: '~' } as const

const chainCells = ({ actor }: Entry): readonly string[] => {
  const links = actor?.links ?? []
  return [
    listed(bases.filter((basis) => links.some((one) => one.basis === basis))),
    listed(
      links.map(({ from, to, relation, basis, fact, attributedBy }) => {
        const ends = `${nameOf(from.name)} ${relation} ${nameOf(to.name)}`
        return `${ends} (${basis ?? 'basis n/a'}, ${nameOf(attributedBy)}): ${wordsIn(fact, 'en')}`
      }),
    ),
  ]
}

/** Examples: `organization: Le Monde`, `individual: minister`, `individual`. */
const identityCell = ({ class: kind, name, role }: NonNullable<Entry['impersonates']>[number]): string => {
  const label = name === undefined ? role && wordsIn(role, 'en') : nameOf(name)
  return label ? `${kind}: ${label}` : kind
}

const textCells = ({ summary, narratives, observedEffect, criteria, event }: Entry): readonly string[] => [
  summary === undefined ? '' : wordsIn(summary, 'fr'),
  summary === undefined ? '' : wordsIn(summary, 'en'),
  listed(narratives.map((one) => wordsIn(one, 'en'))),
  effectCell(observedEffect),
  listed(
    criteria.map(({ criterion, state, evidence }) =>
      [`${criterion}: ${state}`, evidence && wordsIn(evidence, 'en')].filter(Boolean).join(', '),
    ),
  ),
  event?.place === undefined ? '' : wordsIn(event.place, 'en'),
  listed((event?.participants ?? []).map((one) => wordsIn(one, 'en'))),
]

/** In the form that ingestion reads; empty if no source states one. */
const effectCell = (effect: Entry['observedEffect']): string => {
  if (!effect) return ''
  const { state, degree, text, source } = effect
  const word = degree ?? state
  const described = text === undefined ? word : `${word}: ${wordsIn(text, 'en')}`
  return source === undefined ? described : `${described} (${source})`
}

/** A figure that no source gives is an empty cell, never 0. */
const figureCells = ({ figures }: Entry, figure: AddedFigure | DistinctFigure): readonly string[] => {
  const { value, qualifier } = figures[figure]
  return [value === null ? '' : String(value), qualifier]
}

const confidence = ({ confidence: given }: Entry): string => {
  // The confidence of one statement is not that of the detection.
  if (!given || given.of) return ''
  const rating = [given.level, given.score === undefined ? '' : `${given.score}/100`].filter(Boolean).join(' ')
  return given.platformDefault ? `${rating} (platform default)` : rating
}

const nameOf = (name: Name | undefined): string => (name === undefined ? '' : nameIn(name, 'en').text)

const wordsIn = (texts: Localised, language: string): string => textIn(texts, language).text

const listed = (values: readonly string[]): string => values.join(' | ')

const line = (values: readonly string[]): string => values.map(cell).join(',')

/** Cells that cannot contain an address, a formula or a CSV sign. */
const plainCell = /^(?:\w[\w -]*)?$/

const cell = (value: string): string => {
  if (plainCell.test(value)) return value
  const text = asText(harmless(value))
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * Prevents spreadsheets from reading text as a formula. Puts an apostrophe at the start of a cell that begins with
 * `= + - @` (and their other forms), tab or carriage return, blanks aside. Also after a semicolon, tab or line end inside one, where a spreadsheet
 * with another separator starts a cell.
 */
export const asText = (cell: string): string =>
  // The lookbehind is slow on long text, and few texts need it.
  /(?:^|[;\t\r\n])"*\p{Zs}*[=+\-@\t\r＝＋－＠−]/u.test(cell)
    ? cell.replace(/(?<=(?:^|[;\t\r\n])"*)(?=\p{Zs}*[=+\-@\t\r＝＋－＠−])/gu, "'")
    : cell
