import type { Caller } from '../../../domain/access/caller.ts'
import { type Marking, markings } from '../../../domain/core/marking.ts'
import { isTerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { type Kind, kinds } from '../../../domain/detection/kinds.ts'
import type { Counts } from '../../../domain/looking/counts.ts'
import { hostOf, isSearchable } from '../../../domain/looking/filter.ts'
import { cursorTo } from '../../../domain/looking/place.ts'
import { titleOf } from '../../../domain/page/words/phrases.ts'
import { sourceName } from '../../../domain/page/words/watch.ts'
import type { SearchAnswer } from '../../../usecases/detections/search-detections.ts'
import type { Shown } from '../../../usecases/detections/view.ts'
import type { RoomKey, RoomWording } from '../../shared/wording.ts'
import { periodName, whenOf } from '../frame/names.ts'
import { chipOf, choices, type Field, field, type Visit } from '../frame/pages.ts'
import { detectionHref } from '../frame/paths.ts'

export const soughtNames = [
  'q',
  'territory',
  'period',
  'from',
  'to',
  'kind',
  'campaign',
  'detector',
  'marking',
] as const

export type SoughtName = (typeof soughtNames)[number]

export type Sought = { readonly [name in SoughtName]: string }

const searchNames = [...soughtNames, 'cursor'] as const

type Search = { readonly [name in (typeof searchNames)[number]]?: string }

export type FoundHere = Omit<SearchAnswer, 'by'> & {
  /** How the text was interpreted; undefined without a text. */
  readonly by?: SearchAnswer['by']
  readonly counts: Counts
  /** Markings of names listed in addition to those counted. */
  readonly named: readonly Marking[]
  readonly isFirst: boolean
  /** Cursor at which this page starts. */
  readonly cursor: string
}

/** Encodes a list page as one address parameter. */
export const searchWord = (search: Search): string =>
  new URLSearchParams(searchNames.flatMap((name) => (search[name] ? [[name, search[name]]] : []))).toString()

/** Decodes a word that may not come from {@link searchWord}. */
export const searchIn = (word: string): Search => {
  const params = new URLSearchParams(word.slice(0, 8_000))
  return Object.fromEntries(searchNames.flatMap((name) => (params.get(name) ? [[name, params.get(name)]] : [])))
}

export const detectionsValue = (
  visit: Visit,
  sought: Sought,
  wrong: Readonly<Partial<Record<SoughtName, string>>>,
  found: FoundHere | undefined,
) => {
  const { words, href } = visit
  const here = (changed: Partial<Sought> & { cursor?: string } = {}) =>
    href('/room/detections', { ...sought, ...changed })
  const list = searchWord({ ...sought, cursor: found?.cursor ?? '' })
  return {
    lead: words.say('room.detections.lead'),
    filters: {
      title: words.say('room.detections.search'),
      action: '/room/detections',
      text: textField(sought, wrong, words),
      fields: filterFields(visit, sought, wrong),
      // Keeps the criteria that only links set when the form is sent.
      kept: (['campaign', 'detector'] as const)
        .filter((name) => sought[name] !== '')
        .map((name) => ({ name, value: sought[name] })),
      button: words.say('room.detections.button'),
    },
    problem: Object.keys(wrong).length > 0 ? words.say('room.filter.wrong') : '',
    result: found
      ? {
          title: words.say('room.detections.found', { count: found.counts.detections }),
          parts: partsOf(visit, sought, found, here),
          note: words.say('room.detections.note'),
          head: {
            when: words.say('list.when'),
            places: words.say('room.detections.places'),
            title: words.say('list.title'),
            posts: words.say('measure.posts'),
            accounts: words.say('list.accounts'),
            marking: words.say('list.marking'),
          },
          rows: underWholes(found.detections).map((row) => rowOf(visit, row, list)),
          none: noneOf(visit, sought, found),
          facetsTitle: words.say('room.detections.facets'),
          facets: facetsOf(visit, sought, found.counts, here),
        }
      : null,
    pager: {
      label: words.say('room.pager'),
      first: !found || found.isFirst ? null : { href: here(), label: words.say('room.pager.first') },
      next: found?.next
        ? { href: here({ cursor: cursorTo(found.next) }), label: words.say('room.pager.next') }
        : found?.earlier
          ? { href: here({ to: found.earlier }), label: words.say('room.detections.earlier') }
          : null,
    },
  }
}

export const markingsFound = (found: FoundHere | undefined, { clearance }: Caller): readonly Marking[] => {
  if (!found) return []
  const counted = found.counts.markings.map(({ name }) => name)
  return [
    ...markings.filter((marking) => counted.includes(marking)),
    ...found.named,
    // A suggestion does not reveal which detection it comes from.
    ...(found.meant.length > 0 ? [clearance] : []),
  ]
}

const textField = (sought: Sought, wrong: Readonly<Partial<Record<SoughtName, string>>>, words: RoomWording): Field =>
  field('q', words.say('room.detections.q'), {
    type: 'text',
    value: sought.q,
    note: words.say('room.detections.q.note'),
    wrong: wrong.q ?? '',
  })

const filterFields = (
  { words, caller }: Visit,
  sought: Sought,
  wrong: Readonly<Partial<Record<SoughtName, string>>>,
): readonly Field[] => {
  const all = words.say('room.field.all')
  // The form sends a period as its first and last day.
  const period = sought.period === '' || wrong.period ? undefined : parsePeriod(sought.period)
  return [
    field('territory', words.say('room.field.territory'), {
      choices: choices(caller.territories, (code) => territoryName(code, words), sought.territory, all),
      wrong: wrong.territory ?? '',
    }),
    field('kind', words.say('room.detections.kind'), {
      choices: choices(kinds, (kind) => words.say(`kind.${kind}`), sought.kind, all),
      wrong: wrong.kind ?? '',
    }),
    field('marking', words.say('list.marking'), {
      choices: choices(markings, (marking) => marking, sought.marking, all),
      wrong: wrong.marking ?? '',
    }),
    field('from', words.say('room.detections.from'), {
      type: 'date',
      value: sought.from || (period?.first ?? ''),
      wrong: wrong.from ?? wrong.period ?? '',
    }),
    field('to', words.say('room.detections.to'), {
      type: 'date',
      value: sought.to || (period?.last ?? ''),
      wrong: wrong.to ?? '',
    }),
  ]
}

const territoryName = (code: string, words: RoomWording): string =>
  isTerritoryCode(code) ? territoryOf(code).name[words.language] : code

type Here = (changed?: Partial<Sought> & { cursor?: string }) => string

/** A domain is also searched in addresses. */
const soughtAs = ({ by }: FoundHere, text: string): 'key' | 'address' | 'words' =>
  by === 'key' ? 'key' : hostOf(text.trim()) === undefined ? 'words' : 'address'

const partsOf = ({ words }: Visit, sought: Sought, found: FoundHere, here: Here) => {
  const part = (key: RoomKey, text: string, without: Partial<Sought> | null) => {
    const label = words.say(key)
    const remove = words.say('room.detections.remove')
    return {
      label,
      text,
      remove: without
        ? { href: here(without), label: remove, about: words.say('room.detections.remove.of', { label, text }) }
        : null,
    }
  }
  const hasDays = [sought.period, sought.from, sought.to].some((one) => one !== '')
  const noDays = { period: '', from: '', to: '' }
  const named = sought.period === '' ? '' : periodName(parsePeriod(sought.period), words)
  const range = found.days && words.days(found.days.first, found.days.last)
  const days =
    range && found.by === 'words' && !hasDays
      ? words.say('room.detections.orTitle', { days: range })
      : (range ?? words.say('room.detections.anyTime'))
  return [
    ...(sought.q === ''
      ? []
      : [
          part(`room.detections.part.${soughtAs(found, sought.q)}`, words.quoted(sought.q), {
            q: '',
          }),
        ]),
    part('room.detections.part.days', named || days, hasDays ? noDays : null),
    ...(sought.territory === ''
      ? []
      : [part('room.field.territory', territoryName(sought.territory, words), { territory: '' })]),
    ...(sought.kind === '' ? [] : [part('room.detections.kind', kindName(sought.kind, words), { kind: '' })]),
    ...(sought.campaign === '' ? [] : [part('room.detections.campaign', sought.campaign, { campaign: '' })]),
    ...(sought.detector === ''
      ? []
      : [part('room.detections.detector', sourceName(sought.detector, words), { detector: '' })]),
    ...(sought.marking === '' ? [] : [part('list.marking', sought.marking, { marking: '' })]),
  ]
}

const kindName = (kind: string, words: RoomWording): string =>
  kinds.some((one) => one === kind) ? words.say(`kind.${kind as Kind}`) : kind

const namesInFacet = 12

const facetsOf = ({ words }: Visit, sought: Sought, counts: Counts, here: Here) => {
  const facet = (
    name: SoughtName,
    key: RoomKey,
    all: Counts['kinds'],
    labelOf: (name: string) => string,
    open = false,
  ) => {
    const items = all.map((one) => ({
      label: labelOf(one.name),
      count: words.number(one.detections),
      current: sought[name].toLowerCase() === one.name.toLowerCase(),
      href: here({ [name]: one.name }),
    }))
    const shown = items.length > namesInFacet + 1 ? namesInFacet : items.length
    const others = items.slice(shown)
    return {
      title: words.say(key),
      open,
      items: items.slice(0, shown),
      others,
      more: others.length > 0 ? words.say('room.detections.more', { count: others.length }) : '',
    }
  }
  return [
    facet('territory', 'room.field.territory', counts.territories, (code) => territoryName(code, words), true),
    facet('kind', 'room.detections.kind', counts.kinds, (kind) => kindName(kind, words), true),
    facet('campaign', 'room.detections.campaign', counts.campaigns, (name) => name),
    facet('detector', 'room.detections.detector', counts.detectors, (name) => sourceName(name, words)),
    facet('marking', 'list.marking', counts.markings, (marking) => marking),
  ].filter(({ items }) => items.length > 0)
}

const noneOf = ({ words, href }: Visit, sought: Sought, { meant, isFirst, days }: FoundHere) => ({
  text: words.say(
    !isFirst
      ? 'room.detections.none.more'
      : sought.q !== '' && !isSearchable(sought.q)
        ? 'room.detections.none.words'
        : days
          ? 'room.detections.none.days'
          : 'room.detections.none',
  ),
  meantLabel: meant.length > 0 ? words.say('room.detections.meant') : '',
  meant: meant.map((name) => ({ label: name, href: href('/room/detections', { ...sought, q: name }) })),
})

type Row = { readonly shown: Shown; readonly isPart: boolean }

/** Moves a part right below its whole if both are on the page. */
const underWholes = (found: readonly Shown[]): readonly Row[] => {
  const ids = new Set(found.map(({ id }) => id))
  const partsOfWhole = Map.groupBy(found, ({ partOf }) => (partOf !== undefined && ids.has(partOf) ? partOf : ''))
  const rows: Row[] = []
  const done = new Set<string>()
  const add = (shown: Shown, isPart: boolean): void => {
    if (done.has(shown.id)) return
    done.add(shown.id)
    rows.push({ shown, isPart })
    for (const part of partsOfWhole.get(shown.id) ?? []) add(part, true)
  }
  for (const top of partsOfWhole.get('') ?? []) add(top, false)
  for (const one of found) add(one, false)
  return rows
}

const rowOf = (visit: Visit, { shown, isPart }: Row, list: string) => {
  const { words } = visit
  const { id, title, kind, detector, campaign, territories, figures, marking, partOf } = shown
  return {
    isPart,
    href: detectionHref(visit, id, { list }),
    title: titleOf(title, words.language),
    under: [
      words.say(`kind.${kind}`),
      sourceName(detector, words),
      ...(campaign === undefined ? [] : [campaign]),
      id,
    ].join(' · '),
    partOf: partOf === undefined ? '' : words.say('room.detections.partOf', { id: partOf }),
    when: whenOf(shown, words),
    places:
      territories.length === 0
        ? words.say('room.detections.unplaced')
        : words.list(territories.map(({ code }) => territoryName(code, words))),
    posts: words.total(figures.posts),
    accounts: words.total(figures.accounts),
    chip: chipOf(marking),
  }
}
