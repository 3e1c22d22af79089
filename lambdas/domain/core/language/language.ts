import IntlMessageFormat from 'intl-messageformat'
import english from '../../../../templates/messages/core.en.json' with { type: 'json' }
import french from '../../../../templates/messages/core.fr.json' with { type: 'json' }
import { bareNumber, isFloorOfNone, type PlainNumber, type Total, zero } from '../figures.ts'
import type { Observed } from '../time/observed.ts'
import { dayIn, lastDayOfMonth, offsetMinutes } from '../time/period.ts'
import type { Language } from './languages.ts'

export type CoreKey = keyof typeof english

/** `strong` marks key words, `lang` another language than the page's. */
export type Segment = { readonly text: string; readonly strong?: true; readonly lang?: string }

export type Values = Readonly<Record<string, string | PlainNumber>>

export type RichValues = Readonly<Record<string, string | PlainNumber | readonly Segment[]>>

export type Wording<Key extends string = CoreKey> = {
  readonly language: Language
  say(key: Key, values?: RichValues): string
  /** Returns `<b>` marks as segments. */
  formatRich(key: Key, values?: RichValues): readonly Segment[]
  number(value: PlainNumber): string
  percent(part: number, whole: number): string
  /** `au moins 5 332`, `n. c.` */
  total(total: Total): string
  /** `au moins 5 332 messages` */
  phrase(figure: PhraseFigure, total: Total & { readonly value: number }): string
  /** `13 – 19 mai 2024` */
  days(first: string, last: string, options?: { weekday?: boolean; year?: boolean; short?: boolean }): string
  /** `L`, `M`, … */
  weekdayLetter(day: string): string
  /** `mai 2024` */
  month(month: string): string
  /** Formats an observation in its source's precision. */
  observed(observed: Observed, zone: string): string
  /** `20 mai 2024, 06 h 30` */
  moment(instant: number, zone: string, options?: { year?: boolean }): string
  /** `UTC+11` */
  offset(instant: number, zone: string): string
  list(items: readonly string[]): string
  /** Inner marks become second-level ones. */
  quoted(text: string): string
}

type AccountsFigure = 'accounts' | 'coordinatedAccounts' | 'allCoordinated'
export type PhraseFigure = 'posts' | 'reposts' | AccountsFigure | 'videos' | 'views' | 'detections'

const catalogues: Record<Language, Record<CoreKey, string>> = { fr: french, en: english }
const locales: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }

const noBreak = '\u00a0'
const minus = '\u2212'

export const wordingWith = <More extends string>(
  more: Readonly<Record<Language, Readonly<Record<More, string>>>>,
): ((language: Language) => Wording<CoreKey | More>) => {
  const made = new Map<Language, Wording<CoreKey | More>>()
  return (language) => {
    const wording = made.get(language) ?? makeWording(language, more[language])
    made.set(language, wording)
    return wording
  }
}

/** Cached, since formatters are costly. */
export const coreWordingOf: (language: Language) => Wording = wordingWith({ fr: {}, en: {} })

const makeWording = <More extends string = never>(
  language: Language,
  more: Readonly<Record<More, string>>,
): Wording<CoreKey | More> => {
  const locale = locales[language]
  const { say, formatRich } = sayingIn<CoreKey | More>(locale, { ...catalogues[language], ...more })
  const numbers = new Intl.NumberFormat(locale)
  const percents = new Intl.NumberFormat(locale, { style: 'percent' })
  const lists = new Intl.ListFormat(locale)
  const total = (one: Total): string =>
    one.value === null
      ? say(one.qualifier === 'not watched' ? 'figure.unwatched' : 'figure.unknown')
      : say('figure', { qualifier: isFloorOfNone(one) ? 'incomplete' : camel(one.qualifier), value: bareNumber(one) })
  return {
    language,
    say,
    formatRich,
    number: (value) => numbers.format(value).replace('-', minus),
    percent: (part, whole) => percents.format(whole === 0 ? 0 : part / whole).replace(/\s/, '\u202f'),
    total,
    phrase: (figure, one) => {
      // French: *1 000 000 de messages*.
      const isMillions = language === 'fr' && one.value > 0 && one.value % 1_000_000 === 0
      const phraseFor = (known: Total) =>
        say(`phrase.${figure}`, { figure: `${total(known)}${isMillions ? ' de' : ''}`, value: bareNumber(one) })
      return isFloorOfNone(one) ? say('phrase.incomplete', { phrase: phraseFor(zero) }) : phraseFor(one)
    },
    ...datesIn(language, say),
    list: (items) => lists.format(items.map((item) => `${isolated(item)}`)),
    quoted: (text) =>
      say('quoted', {
        text:
          language === 'fr'
            ? text.replace(/«\s*/g, '“').replace(/\s*»/g, '”')
            : text.replaceAll('“', '‘').replaceAll('”', '’'),
      }),
  }
}

const sayingIn = <Key extends string>(
  locale: string,
  messages: Readonly<Record<Key, string>>,
): Pick<Wording<Key>, 'say' | 'formatRich'> => {
  const formats = new Map<string, IntlMessageFormat>()
  const format = (key: Key): IntlMessageFormat => {
    const known = formats.get(key)
    if (known) return known
    const made = new IntlMessageFormat(messages[key], locale)
    formats.set(key, made)
    return made
  }
  const formatRich = (key: Key, values: RichValues = {}): readonly Segment[] => {
    const strong = (chunks: readonly unknown[]): Segment | readonly Segment[] => {
      const runs = chunks.flat()
      if (!runs.some(isSegment)) return { text: runs.join(''), strong: true }
      return runs.map((run) => (isSegment(run) ? { ...run, strong: true } : { text: String(run), strong: true }))
    }
    const formatted = format(key).format<Segment | readonly Segment[]>({
      ...isolatedIn(values),
      b: (chunks) => strong(chunks),
    })
    const segments = stoppedOnce(
      merged([formatted].flat(3).map((part) => (isSegment(part) ? part : { text: String(part) }))),
    )
    return locale.startsWith('fr') ? elided(segments) : segments
  }
  const say = (key: Key, values: RichValues = {}): string =>
    formatRich(key, values)
      .map(({ text }) => text)
      .join('')
  return { say, formatRich }
}

/** Drops a second stop: *n. c.* and a quotation with a stop need none. */
const stoppedOnce = (segments: readonly Segment[]): readonly Segment[] => {
  let before = ''
  return segments.map((segment) => {
    const own = /(?:n\.\s?c\.|[.!?…]\s?[»”])$/u.test(before) ? segment.text.replace(/^\.(?!\.)/, '') : segment.text
    const text = own.replaceAll(/(n\.\s?c\.|[.!?…]\s?[»”])\.(?!\.)/gu, '$1')
    before = text || before
    return { ...segment, text }
  })
}

/** Before these beginnings of figures, French *de* becomes *d’*. */
const elidedBefore = '(?:au moins|environ|une?|aucune?)(?![\\p{L}-])'
const elidable = '(?<![\\p{L}’])([DdNn]|[Qq]u|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)e '
const elidedWithin = new RegExp(`${elidable}(?=${elidedBefore})`, 'gu')
const elidedAtEnd = new RegExp(`${elidable}$`, 'u')
const elidedAtStart = new RegExp(`^${elidedBefore}`, 'u')

const elided = (segments: readonly Segment[]): readonly Segment[] =>
  segments.map((segment, at) => {
    const text = segment.text.replaceAll(elidedWithin, '$1’')
    return {
      ...segment,
      text: elidedAtStart.test(segments[at + 1]?.text ?? '') ? text.replace(elidedAtEnd, '$1’') : text,
    }
  })

type Dates = Pick<Wording, 'days' | 'weekdayLetter' | 'month' | 'moment' | 'offset' | 'observed'>

const datesIn = (language: Language, say: Wording['say']): Dates => {
  const formats = new Map<string, Intl.DateTimeFormat>()
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
    const key = JSON.stringify(options)
    const known = formats.get(key) ?? new Intl.DateTimeFormat(locales[language], { timeZone: 'UTC', ...options })
    formats.set(key, known)
    return known
  }
  const dayOf = (written: string): string => (language === 'fr' && written === '1' ? '1er' : written)
  const days: Dates['days'] = (first, last, { weekday = false, year = true, short = false } = {}) => {
    const parts = format({
      day: 'numeric',
      month: short ? 'short' : 'long',
      ...(year && { year: 'numeric' }),
      ...(weekday && { weekday: 'long' }),
    }).formatRangeToParts(utc(first), utc(last))
    return spaced(parts.map(({ type, value }) => (type === 'day' ? dayOf(value) : value)).join(''), language)
  }
  const month: Dates['month'] = (text) =>
    format({ month: 'long', year: 'numeric' })
      .format(utc(`${text}-01`))
      .replace(' ', noBreak)
  const clock = (instant: number, timeZone: string): string => {
    const part = partsOf(format({ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), instant)
    return say('clock', { hour: part('hour'), minute: part('minute') })
  }
  const moment: Dates['moment'] = (instant, timeZone, { year = true } = {}) => {
    const part = partsOf(format({ timeZone, day: 'numeric', month: 'long', year: 'numeric' }), instant)
    const date = [dayOf(part('day')), part('month'), ...(year ? [part('year')] : [])].join(noBreak)
    return `${date}, ${clock(instant, timeZone)}`
  }
  const span = (start: number, end: number, zone: string): string => {
    const [first, last] = [moment(start, zone), moment(end, zone)]
    if (first === last) return first
    return `${first}${noBreak}– ${dayIn(start, zone) === dayIn(end, zone) ? clock(end, zone) : last}`
  }
  return {
    days,
    month,
    moment,
    weekdayLetter: (day) => format({ weekday: 'narrow' }).format(utc(day)),
    offset: (instant, zone) => {
      const minutes = offsetMinutes(instant, zone)
      const rest = Math.abs(minutes) % 60
      return say('offset', {
        sign: minutes < 0 ? minus : '+',
        hours: Math.floor(Math.abs(minutes) / 60),
        minutes: rest === 0 ? '0' : String(rest).padStart(2, '0'),
      })
    },
    observed: ({ from, to, precision, label }, zone) => {
      // A label in another language may be unreadable; dates are not.
      const worded = label?.[language] ?? label?.und
      if (worded !== undefined) return worded
      if (precision === 'day') return days(from, to)
      if (precision === 'instant') return span(Date.parse(from), Date.parse(to), zone)
      if (from === to) return month(from)
      const months = format({ month: 'long', year: 'numeric' })
      return spaced(months.formatRange(utc(`${from}-01`), utc(lastDayOfMonth(to))), language)
    },
  }
}

const partsOf = (format: Intl.DateTimeFormat, instant: number) => {
  const parts = format.formatToParts(instant)
  return (wanted: Intl.DateTimeFormatPartTypes): string => parts.find(({ type }) => type === wanted)?.value ?? ''
}

export const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1)

export const sentence = (segments: readonly Segment[]): readonly Segment[] => {
  const [first, ...rest] = segments.filter(({ text }) => text !== '')
  return first ? [{ ...first, text: capitalised(first.text) }, ...rest] : []
}

const spaced = (range: string, language: Language): string =>
  range
    .replace(/\s*–\s*/u, language === 'fr' || /(\p{L}|\d{4})\s*–/u.test(range) ? `${noBreak}– ` : '–')
    .replace(/(\d|1er) (?=\p{L})/gu, `$1${noBreak}`)
    .replace(/(\p{L}) (?=\d{4})/gu, `$1${noBreak}`)

const merged = (segments: readonly Segment[]): readonly Segment[] => {
  const isPlain = ({ strong, lang }: Segment) => !strong && lang === undefined
  const runs: Segment[] = []
  for (const next of segments) {
    const last = runs.at(-1)
    if (last && isPlain(last) && isPlain(next)) runs[runs.length - 1] = { text: last.text + next.text }
    else runs.push(next)
  }
  return runs
}

const isSegment = (part: unknown): part is Segment => typeof part === 'object' && part !== null && 'text' in part

/** Right-to-left words must not reorder the sentence. */
const isolated = (value: string | number): string | number =>
  typeof value === 'string' && /[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}]/u.test(value)
    ? `\u2068${value}\u2069`
    : value

const isolatedIn = (values: RichValues): RichValues =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.map((run) => ({ ...run, text: `${isolated(run.text)}` })) : isolated(value),
    ]),
  )

const camel = (qualifier: string): string => qualifier.replace(/ (.)/g, (_, letter: string) => letter.toUpperCase())

const utc = (day: string): Date => new Date(`${day}T00:00:00Z`)
