import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Handlebars from 'handlebars'
import { type Caller, mayDo, type Scope, subjectsFor } from '../../../domain/access/caller.ts'
import { type Language, languages } from '../../../domain/core/language/languages.ts'
import { type Marking, markingSlug, strictest } from '../../../domain/core/marking.ts'
import { type Subject, subjectOf } from '../../../domain/core/place/territory.ts'
import { lacksYear, periodMeant } from '../../../domain/core/time/period.ts'
import type { Trend } from '../../../domain/page/first/trend.ts'
import type { AssessmentField } from '../../../domain/page/manoeuvre/assessment.ts'
import { type BarValue, clockOf } from '../../../domain/page/words/phrases.ts'
import type { WatchSign } from '../../../domain/page/words/watch.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import { partialsOfRoom, templateFolder } from '../../../templating/folder.ts'
import { labelKeysChecked } from '../../../templating/label-keys.ts'
import { narrowCells, withWholeWords } from '../../../templating/narrow-cells.ts'
import { strictTemplates } from '../../../templating/strict.ts'
import { type RoomKey, type RoomWording, roomWordingOf } from '../../shared/wording.ts'
import { type Labels, labelsOf } from './labels.ts'
import { refusalIn } from './refusal.ts'

export type Drawings = {
  /** @param accent index of the bar in the accent colour; the last by default */
  history(values: readonly BarValue[], text: string, accent?: number): string
  trend(trend: Trend): string
  strip(days: readonly WatchSign[], text: string): string
  mark(sign: WatchSign): string
  land(territory: string): string
  scale(scale: AssessmentField['scale']): string
}

export type SignInLinks = {
  signIn(page: string): string
  /** Takes a form with the session's token. */
  readonly signOut: string
}

export type Query = Readonly<Record<string, string | undefined>>

/** `isChosen` where the address names it. */
export type Clock = {
  readonly zone: string
  readonly town: Readonly<Record<Language, string>>
  readonly isChosen: boolean
}

/** Name of the person who acts on a machine without sign-in, kept between visits. */
export type RememberedName = { read(): string; keep(name: string): void }

/** One request of a page. */
export type Visit = {
  readonly caller: Caller
  readonly formToken: string
  /** Signed-in user and sign-out address; undefined where sign-in is not needed. */
  readonly session: { readonly name: string; readonly out: string } | undefined
  readonly names?: RememberedName | undefined
  readonly hasTokens?: boolean
  readonly words: RoomWording
  /** Undefined where the browser's language is used. */
  readonly chosen: Language | undefined
  readonly clock: Clock
  /** Builds an address that keeps the chosen language. */
  href(path: string, query?: Query): string
  inLanguage(language: Language): string
}

const templateNames = [
  'archive',
  'versions',
  'ask',
  'job',
  'mail',
  'letter',
  'candidate',
  'coverage',
  'detections',
  'detection',
  'week',
  'add',
  'look',
  'batch',
  'edit',
  'inbox',
  'reject',
  'history',
  'recipients',
  'recipient',
  'notes',
  'schedules',
  'sources',
  'tokens',
  'plates',
  'plate',
  'plate-upload',
  'stop',
] as const

export type RoomTemplate = (typeof templateNames)[number]

export type Frame = {
  readonly title: string
  readonly at?: RoomSection | 'add'
  readonly markings?: Iterable<Marking>
}

type RoomPages = {
  /**
   * @param isRefused the page starts with the reason
   * @param labels of the form that led here
   */
  page(
    template: RoomTemplate,
    visit: Visit,
    frame: Frame,
    value: Readonly<Record<string, unknown>>,
    isRefused: boolean,
    labels: Labels | undefined,
  ): string
}

type Section = {
  readonly place: 'week' | 'detections' | 'archive' | 'inbox' | 'settings'
  readonly path: string
  readonly takes: Scope
}

/** By place; a place opens at its first page that the caller may open. */
const sections = {
  week: { place: 'week', path: '/room', takes: 'reports:read' },
  coverage: { place: 'week', path: '/room/coverage', takes: 'watch:read' },
  history: { place: 'week', path: '/room/history', takes: 'detections:write' },
  detections: { place: 'detections', path: '/room/detections', takes: 'detections:read' },
  plates: { place: 'detections', path: '/room/plates', takes: 'detections:read' },
  archive: { place: 'archive', path: '/room/archive', takes: 'reports:read' },
  mail: { place: 'archive', path: '/room/mail', takes: 'reports:create' },
  ask: { place: 'archive', path: '/room/reports', takes: 'reports:create' },
  inbox: { place: 'inbox', path: '/room/inbox', takes: 'reports:read' },
  sources: { place: 'settings', path: '/room/sources', takes: 'watch:read' },
  recipients: { place: 'settings', path: '/room/recipients', takes: 'recipients:write' },
  schedules: { place: 'settings', path: '/room/schedules', takes: 'house:write' },
  tokens: { place: 'settings', path: '/room/tokens', takes: 'house:write' },
  feed: { place: 'settings', path: '/room/feed.atom', takes: 'reports:read' },
} as const satisfies Readonly<Record<string, Section>>

type RoomSection = keyof typeof sections

const navigation = ({ caller, words, href, inLanguage, hasTokens }: Visit, at: Frame['at']) => {
  const isOpen = (name: string, takes: Scope) => mayDo(caller, takes) && (name !== 'tokens' || hasTokens === true)
  const open = Object.entries<Section>(sections).filter(([name, { takes }]) => isOpen(name, takes))
  const link = (name: string, path: string, current: boolean | string) => ({
    href: href(path),
    label: words.say(`room.nav.${name}` as RoomKey),
    current,
    apart: name === 'ask',
    lang: '',
  })
  const places = Map.groupBy(open, ([, { place }]) => place)
  const here = at === undefined || at === 'add' ? undefined : sections[at].place
  const tabs = ((here && places.get(here)) ?? []).map(([name, { path }]) => link(name, path, name === at))
  const others = languages
    .filter((lang) => lang !== words.language)
    .map((lang) => ({
      ...link('feed', '', false),
      label: words.say(`room.language.${lang}`),
      href: inLanguage(lang),
      lang,
    }))
  return {
    places: [...places].flatMap(([place, [first]]) =>
      first ? link(place, first[1].path, place === here && (first[0] === at ? 'page' : 'true')) : [],
    ),
    tabsLabel: here ? words.say(`room.nav.${here}`) : '',
    tabs: here === 'settings' ? [...tabs, ...others] : tabs.length > 1 ? tabs : [],
    add: mayDo(caller, 'detections:write') ? link('add', '/room/add', at === 'add') : null,
  }
}

const { SafeString } = Handlebars

export const openRoomPages = (organisation: Organisation, styleSheet: string, drawings: Drawings): RoomPages => {
  const folder = join(templateFolder('pages'), 'pages')
  const helpers = {
    ...narrowCells,
    t: (key: RoomKey, { data }: { readonly data: { readonly root: Pick<RoomWording, 'say'> } }) => data.root.say(key),
    history: (values: readonly BarValue[], text: string, accent: unknown) =>
      new SafeString(drawings.history(values, text, typeof accent === 'number' ? accent : undefined)),
    trend: (trend: Trend) => new SafeString(drawings.trend(trend)),
    strip: (days: readonly WatchSign[], text: string) => new SafeString(drawings.strip(days, text)),
    mark: (sign: WatchSign) => new SafeString(drawings.mark(sign)),
    land: (territory: string) => new SafeString(drawings.land(territory)),
    assessmentScale: (scale: AssessmentField['scale']) => new SafeString(drawings.scale(scale)),
  }
  const templates = strictTemplates(helpers, {
    lazily: true,
    check: labelKeysChecked((key) => void roomWordingOf('en').say(key as RoomKey)),
  })
  const compile = (name: string) => {
    const file = join(folder, `${name}.hbs`)
    return templates.compile(file, readFileSync(file, 'utf8'))
  }
  for (const name of ['document', 'masthead', 'foot']) templates.partial(name, compile(name))
  for (const name of [
    'head',
    'foot',
    'field',
    'chip',
    'chosen',
    'picker',
    'week-row',
    'action-form',
    'note',
    'fault',
    'picture',
    'bounds',
  ])
    templates.partial(`room-${name}`, compile(`room/${name}`))
  for (const name of partialsOfRoom) {
    const file = join(folder, '..', 'partials', `${name}.hbs`)
    templates.partial(name, templates.compile(file, readFileSync(file, 'utf8')))
  }
  const pages = new Map(templateNames.map((name) => [name, compile(`room/${name}`)]))

  return {
    page: (template, visit, { title, at, markings }, value, isRefused, labels) => {
      const { words, href, session, formToken } = visit
      const shown = markings ? [...markings] : []
      const marking = shown.length > 0 ? strictest(shown) : ''
      const refusal = isRefused ? refusalIn(value, words) : null
      const common = {
        say: words.say,
        lang: words.language,
        title: words.say(refusal ? 'room.refusal.documentTitle' : 'room.documentTitle', { title }),
        refusal,
        labels: labelsOf(value, labels),
        heading: title,
        styleSheet,
        tagline: words.say('brand.tagline'),
        house: { organisation: organisation.organisation ?? '', logo: organisation.logo ?? '' },
        ask: organisation.contact ? { label: words.say('web.ask'), text: organisation.contact } : null,
        marking,
        markingSlug: marking && markingSlug(marking),
        nav: navigation(visit, at),
        seat: session
          ? {
              name: session.name,
              out: href(session.out),
              token: formToken,
            }
          : null,
        roles: rolesText(visit),
        // Forms carry the display options of the address.
        chosen: [
          ...(visit.chosen ? [{ name: 'lang', value: visit.chosen }] : []),
          ...(visit.clock.isChosen ? [{ name: 'zone', value: visit.clock.zone }] : []),
        ],
      }
      const both = Object.keys(value).find((name) => name in common)
      if (both !== undefined) throw new Error(`the page ${template} gives ${both}, which every page of the room has`)
      const text = pages.get(template)?.({ ...common, ...value })
      if (text === undefined) throw new Error(`the room has no page ${template}`)
      return withWholeWords(text, { wholeInstants: true })
    },
  }
}

/** On a local machine without sign-in, the user has all roles. */
const rolesText = ({ words, caller: { roles = [], clearance }, session, formToken }: Visit): string => {
  if (formToken === '' || roles.length === 0) return ''
  const held = words.list(roles.map((role) => words.say(`room.role.${role}`)))
  return words.say(session ? 'room.roles' : 'room.roles.here', { roles: held, clearance })
}

/** A local machine has no sign-in and no schedules. */
export const isThisMachine = ({ session }: Pick<Visit, 'session'>): boolean => session === undefined

/** With a label, the first choice means none. */
export const choices = <Value extends string>(
  values: readonly Value[],
  labelOf: (value: Value) => string,
  chosen: string,
  none?: string,
) => [
  ...(none === undefined ? [] : [{ value: '', label: none, selected: chosen === '' }]),
  ...values.map((value) => ({ value, label: labelOf(value), selected: value === chosen })),
]

export type Field = {
  readonly name: string
  readonly label: string
  readonly hint: string
  /** Always shown below the field. */
  readonly note: string
  readonly wrong: string
  readonly type: 'text' | 'date' | ''
  readonly value: string
  /** Number of lines; 0 for a single-line input. */
  readonly lines: number
  readonly choices: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[]
}

export const field = (name: string, label: string, more: Partial<Field>): Field => ({
  name,
  label,
  ...{ hint: '', note: '', wrong: '', type: '', value: '', lines: 0, choices: [] },
  ...more,
})

export const periodFault = (typed: string, words: RoomWording, fault: RoomKey = 'room.ask.period.wrong'): string => {
  const meant = periodMeant(typed)
  if (meant !== undefined) {
    const key = meant.includes('Q') ? 'room.period.meant.quarter' : 'room.period.meant'
    return `${words.say(fault)} ${words.say(key, { period: meant })}`
  }
  return lacksYear(typed) ? `${words.say(fault)} ${words.say('room.period.year')}` : words.say(fault)
}

export const reportFields = (
  { words, caller }: Visit,
  asked: { readonly territory: string; readonly period: string; readonly wrong: readonly string[] },
  note = '',
): readonly Field[] => [
  field('territory', words.say('room.field.territory'), {
    choices: choices(subjectsFor(caller), (code) => subjectOf(code).name[words.language], asked.territory),
    wrong: asked.wrong.includes('territory') ? words.say('room.field.wrong') : '',
  }),
  field('period', words.say('room.field.period'), {
    type: 'text',
    value: asked.period,
    note,
    wrong: asked.wrong.includes('period') ? periodFault(asked.period, words) : '',
  }),
]

export const timeIn = (
  instant: number,
  { zone, town }: Pick<Subject, 'zone' | 'town'>,
  words: RoomWording,
  { year = true }: { readonly year?: boolean } = {},
): string =>
  words.say('moment.inTown', {
    moment: words.moment(instant, zone, { year }),
    town: clockOf({ town }, words),
  })

export const chipOf = (marking: Marking) => ({ marking, slug: markingSlug(marking) })
