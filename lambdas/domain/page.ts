/** What one language's page prints: every word and number of a report, ready to be looped over by a template. */
import type { Localised } from './detection.ts'
import { textIn } from './detection.ts'
import { capitalised, type Language, type Segment, sentence, type Values, type Wording, wordingOf } from './language.ts'
import { type Marking, markingSlug } from './marking.ts'
import { boundsIn } from './period.ts'
import type { Entry, Facts, Headline, HeadlineFigure, Source } from './report.ts'
import type { AddedFigure, DistinctFigure, Share, Total } from './tally.ts'
import { type Territory, territoryOf } from './territory.ts'

/** A text with its language where that is not the page's. */
export type Words = { readonly text: string; readonly lang?: string }

/** A label in the margin column with what stands beside it. */
export type Row = {
  readonly label: string
  readonly note?: string
  readonly paragraphs: readonly (readonly Segment[])[]
}

export type Bar = { readonly label: string; readonly value: number; readonly written: string }

export type FigureRow = {
  readonly name: string
  readonly note: string
  readonly qualifier: string
  readonly value: string
  /** The periods before and this one, oldest first; null where a figure was not given. */
  readonly history: readonly (number | null)[]
  readonly historyText: string
  readonly before: string
  readonly change: string
  readonly median: string
  readonly multiple: string
  readonly reading: { readonly sign: 'unusual' | 'usual' | 'untested'; readonly word: string }
}

export type ShareTable = {
  readonly title: string
  readonly note?: string
  readonly head: { readonly name: string; readonly detections: string; readonly posts: string }
  readonly rows: readonly {
    readonly name: string
    readonly detections: string
    readonly posts: string
    readonly share: number
  }[]
}

/** One line of a list of detections. */
export type Line = {
  readonly title: Words
  readonly under: string
  readonly when: string
  readonly platforms: string
  readonly posts: string
  readonly accounts: string
  readonly reposts: string
  readonly marking: Marking
}

export type LineTable = {
  readonly anchor: string
  readonly title: string
  readonly note: string
  readonly head: {
    readonly [column in 'title' | 'when' | 'platforms' | 'posts' | 'accounts' | 'reposts' | 'marking']: string
  }
  readonly rows: readonly Line[]
  readonly more: string
}

export type ManoeuvreCard = {
  readonly anchor: string
  readonly label: string
  readonly campaign: string
  readonly title: Words
  readonly when: string
  readonly meta: string
  readonly marking: Marking
  /** Actor, behaviour, content; the degree stands between these and the others. */
  readonly rows: readonly Row[]
  readonly rowsAfter: readonly Row[]
  readonly breakout: {
    readonly label: string
    readonly note: string
    readonly category: number
    readonly text: readonly Segment[]
    readonly evidence?: Words
  } | null
  readonly parts: LineTable | null
  readonly criteria: {
    readonly title: string
    readonly note: string
    readonly head: { readonly criterion: string; readonly state: string; readonly evidence: string }
    readonly rows: readonly {
      readonly criterion: string
      readonly sign: 'full' | 'half' | 'empty' | 'dashed'
      readonly state: string
      readonly evidence: Words | null
    }[]
  } | null
  readonly evidence: {
    readonly label: string
    readonly note: string
    readonly items: readonly {
      readonly number: number
      readonly text: Words
      readonly address?: string
      readonly archive?: string
    }[]
  } | null
}

export type Page = {
  readonly lang: Language
  readonly documentTitle: string
  readonly description: string
  readonly tagline: string
  readonly skip: string
  readonly marking: Marking
  readonly markingSlug: string
  readonly territory: string
  readonly territoryCode: string
  readonly kind: string
  readonly period: string
  /** Short line for the head of each sheet, and for its foot. */
  readonly running: { readonly head: string; readonly foot: string }
  readonly bounds: readonly { readonly label: string; readonly text: string }[]
  readonly essentials: {
    readonly title: string
    readonly note: string
    /** In a quiet period, the one statement; else null. */
    readonly statement: string | null
    readonly findings: readonly (readonly Segment[])[]
  }
  readonly figures: {
    readonly title: string
    readonly head: {
      readonly measure: string
      readonly now: string
      readonly history: string
      readonly before: string
      readonly median: string
      readonly reading: string
    }
    readonly rows: readonly FigureRow[]
    readonly note: readonly Segment[]
  }
  readonly contents: {
    readonly title: string
    readonly items: readonly { readonly anchor: string; readonly title: string }[]
  }
  readonly manoeuvres: {
    readonly title: string
    readonly cards: readonly ManoeuvreCard[]
    readonly rest: LineTable | null
  } | null
  readonly time: {
    readonly title: string
    readonly chart: {
      readonly title: string
      readonly note: string
      readonly text: string
      readonly bars: readonly Bar[]
    }
    readonly head: { readonly day: string; readonly posts: string; readonly detections: string }
    readonly rows: readonly { readonly day: string; readonly posts: string; readonly detections: string }[]
    readonly undated: string
    readonly tables: readonly ShareTable[]
  } | null
  readonly ongoing: LineTable | null
  readonly undatedHere: LineTable | null
  readonly sources: {
    readonly title: string
    readonly note: string
    readonly none: string
    readonly head: { readonly source: string; readonly last: string; readonly rhythm: string; readonly limits: string }
    readonly rows: readonly {
      readonly name: string
      readonly under: string
      readonly last: string
      readonly rhythm: string
      readonly limits: Words
    }[]
    readonly withheld: { readonly label: string; readonly value: string }
  }
  readonly closing: readonly Row[]
}

/** A report with its pages: what is archived as `report.json`. */
export type Report = Facts & { readonly pages: { readonly [language in Language]: Page } }

/** So many manoeuvres are told in full; the next ones are lines in a table. */
const toldAtMost = 12

export const reportOf = (facts: Facts): Report => ({
  ...facts,
  pages: { fr: pageOf(facts, 'fr'), en: pageOf(facts, 'en') },
})

export const pageOf = (facts: Facts, language: Language): Page => {
  const words = wordingOf(language)
  const territory = territoryOf(facts.territory.code)
  const name = territory.name[language]
  const kind = words.say('report.title', { cadence: facts.period.cadence })
  const period = periodLine(facts, words)
  const told = facts.manoeuvres.slice(0, toldAtMost)
  const rest = facts.manoeuvres.slice(toldAtMost)
  const manoeuvres =
    told.length === 0
      ? null
      : {
          title: words.say('manoeuvres'),
          cards: told.map((entry, at) => cardOf(entry, at, facts, territory, words)),
          rest:
            rest.length === 0 && facts.unlisted.manoeuvres === 0
              ? null
              : lineTable('rest', words.say('manoeuvres.rest'), '', rest, territory, words, {
                  key: 'manoeuvres.more',
                  count: facts.unlisted.manoeuvres,
                }),
        }
  const time = facts.totals.detections === 0 ? null : timeOf(facts, territory, words)
  const listed = (entries: readonly Entry[], anchor: 'ongoing' | 'undatedHere') =>
    entries.length === 0
      ? null
      : lineTable(anchor, words.say(anchor), words.say(`${anchor}.note`), entries, territory, words, {
          key: 'list.more',
          count: facts.unlisted[anchor],
        })
  const ongoing = listed(facts.ongoing, 'ongoing')
  const undatedHere = listed(facts.undatedHere, 'undatedHere')
  const sections = [
    manoeuvres && { anchor: 'manoeuvres', title: manoeuvres.title },
    time && { anchor: 'time', title: time.title },
    ongoing && { anchor: 'ongoing', title: ongoing.title },
    undatedHere && { anchor: 'undatedHere', title: undatedHere.title },
    { anchor: 'sources', title: words.say('sources') },
  ]
  return {
    lang: language,
    documentTitle: words.say('report.documentTitle', { territory: name, kind, period: period, marking: facts.marking }),
    description: capitalised(words.say('report.description', { territory: name, kind, period })),
    tagline: words.say('brand.tagline'),
    skip: words.say('brand.skip'),
    marking: facts.marking,
    markingSlug: markingSlug(facts.marking),
    territory: name,
    territoryCode: territory.code,
    kind,
    period,
    running: {
      head: `Vigie · ${name} · ${words.days(facts.period.first, facts.period.last)}`,
      foot: words.say('page.version', { period: shortPeriod(facts, words), version: facts.version }),
    },
    bounds: boundsOf(facts, territory, words),
    essentials: essentialsOf(facts, territory, words),
    figures: figuresOf(facts, words),
    contents: { title: words.say('contents'), items: sections.flatMap((section) => section ?? []) },
    manoeuvres,
    time,
    ongoing,
    undatedHere,
    sources: sourcesOf(facts, territory, words),
    closing: closingOf(facts, words),
  }
}

const periodLine = ({ period }: Facts, words: Wording): string => {
  const days = words.days(period.first, period.last)
  switch (period.cadence) {
    case 'week':
      return words.say('period.week', { days, number: Number(period.id.slice(-2)) })
    case 'month':
      return words.month(period.id)
    case 'quarter':
      return words.say('period.quarter', { number: period.id.slice(-1), year: period.id.slice(0, 4) })
    case 'year':
      return period.id
    case 'range':
      return days
  }
}

const shortPeriod = ({ period }: Pick<Facts, 'period'>, words: Wording): string =>
  period.cadence === 'week'
    ? words.say('period.short.week', { number: Number(period.id.slice(-2)) })
    : capitalised(periodLine({ period } as Facts, words))

const boundsOf = (facts: Facts, territory: Territory, words: Wording) => {
  const { first, last, hours } = facts.period
  const { zone } = territory
  const { from, to } = boundsIn({ first, last }, zone)
  const town = territory.town[words.language]
  const day = (one: string) => words.days(one, one, { weekday: true, year: false })
  const offsets = [words.offset(from, zone), words.offset(to - 1, zone)] as const
  const offset =
    offsets[0] === offsets[1] ? offsets[0] : words.say('bounds.offsets', { first: offsets[0], second: offsets[1] })
  const asOf = Date.parse(facts.asOf)
  const version = words.say('bounds.versionText', {
    version: facts.version,
    local: words.moment(asOf, zone),
    town,
    utc: words.moment(asOf, 'UTC'),
  })
  return [
    {
      label: words.say('bounds.local'),
      text: words.say('bounds.localText', { from: day(first), to: day(last), town, offset }),
    },
    {
      label: words.say('bounds.utc'),
      text: words.say('bounds.utcText', { from: words.moment(from, 'UTC'), to: words.moment(to, 'UTC'), hours }),
    },
    {
      label: words.say('bounds.version'),
      text: facts.reconstructed ? `${version} · ${words.say('bounds.reconstructed')}` : version,
    },
    ...(territory.otherClocks
      ? [{ label: words.say('bounds.clocks'), text: territory.otherClocks[words.language] }]
      : []),
  ]
}

const essentialsOf = (facts: Facts, territory: Territory, words: Wording): Page['essentials'] => {
  const { cadence } = facts.period
  const within = words.say('period.within', { cadence })
  const withheld =
    facts.withheld === 0 ? [] : [plain(words.say('quiet.withheld', { count: facts.withheld, cap: facts.cap }))]
  const heading = { title: words.say('essentials'), note: words.say('essentials.note') }
  if (facts.quiet) {
    const findings = [
      plain(words.say('quiet.watch', { sources: facts.sources.length })),
      plain(words.say('quiet.proof')),
      ...withheld,
    ]
    return { ...heading, statement: words.say('quiet.statement', { within }), findings }
  }
  return {
    ...heading,
    statement: null,
    findings: [...findingsOf(facts, territory, words, within), ...withheld].map(sentence),
  }
}

/** Three to five sentences by weight: the whole, its heaviest manoeuvres, who took part, what came of it, what goes on. */
const findingsOf = (
  facts: Facts,
  territory: Territory,
  words: Wording,
  within: string,
): readonly (readonly Segment[])[] => {
  const findings: (readonly Segment[])[] = []
  const { posts, detections } = facts.totals
  const inSentence = territory.inSentence[words.language]
  if (detections === 0) findings.push(words.tell('finding.none', { within }))
  else if (posts.value) {
    const phrase = words.phrase('posts', posts)
    const against = againstThePast(facts, words)
    findings.push(words.tell('finding.posts', { phrase, value: posts.value, territory: inSentence, against }))
  } else {
    const phrase = words.phrase('detections', { value: detections, qualifier: 'exact' })
    findings.push(words.tell('finding.detections', { phrase, value: detections, territory: inSentence }))
  }
  const heaviest = facts.manoeuvres.slice(0, 2)
  for (const entry of heaviest) findings.push(manoeuvreFinding(entry, territory, words))
  const clustered = facts.manoeuvres.find(({ accountSet, figures }) => accountSet && figures.coordinatedAccounts.value)
  if (clustered?.accountSet && clustered.figures.coordinatedAccounts.value) {
    findings.push(
      words.tell('finding.cluster', {
        ...clusterValues(clustered, words),
        title: words.quoted(textIn(clustered.title, words.language).text),
      }),
    )
  }
  const effects = facts.manoeuvres.flatMap(({ observedEffect }) => observedEffect ?? [])
  const [effect] = effects
  if (effect && effects.every(({ state }) => state === 'none') && effects.length === facts.manoeuvres.length) {
    const source = effect.source ? words.say('finding.noEffectSource', { source: effect.source }) : ''
    findings.push(words.tell('finding.noEffect', { source }))
  }
  if (facts.ongoing.length > 0) {
    const count = facts.ongoing.length + facts.unlisted.ongoing
    findings.push(words.tell('finding.ongoing', { count, within }))
  }
  if (facts.undatedHere.length > 0) {
    const count = facts.undatedHere.length + facts.unlisted.undatedHere
    findings.push(words.tell('finding.undatedHere', { count }))
  }
  return findings.slice(0, 5)
}

const againstThePast = (facts: Facts, words: Wording): string => {
  const headline = facts.headlines.find(({ figure }) => figure === 'posts')
  const before = headline?.comparison.before.at(-1)
  if (!headline || !before || before.value === null) return ''
  const { cadence } = facts.period
  const values: Values = {
    before: words.total(before),
    previous: words.say('period.previous', { cadence }),
    eight: words.say('period.eight', { cadence }),
  }
  if (headline.comparison.before.every(({ value }) => value === 0)) return words.say('finding.afterSilence', values)
  return headline.comparison.median === undefined
    ? words.say('finding.against', values)
    : words.say('finding.againstMedian', { ...values, median: words.number(headline.comparison.median) })
}

const manoeuvreFinding = (entry: Entry, territory: Territory, words: Wording): readonly Segment[] => {
  const title = words.quoted(textIn(entry.title, words.language).text)
  const when = words.observed(entry.observed, territory.zone)
  if (entry.kind === 'offline-event' && entry.event) {
    return words.tell('finding.event', { title, when, place: textIn(entry.event.place, words.language).text })
  }
  const platforms = entry.platforms.length === 0 ? '' : `, ${words.list(entry.platforms)}`
  const figures = figurePhrases(entry, words, ['posts', 'videos', 'accounts', 'coordinatedAccounts'])
  return figures.length === 0
    ? words.tell('finding.manoeuvreBare', { title, when, platforms })
    : words.tell('finding.manoeuvre', { title, when, platforms, figures: words.list(figures) })
}

const figurePhrases = (
  entry: Entry,
  words: Wording,
  figures: readonly (AddedFigure | DistinctFigure)[],
): readonly string[] =>
  figures.flatMap((figure) => {
    const total = entry.figures[figure]
    return isKnown(total) && total.value > 0 ? words.phrase(figure, total) : []
  })

const clusterValues = (entry: Entry, words: Wording): Values => {
  const { accountSet, figures } = entry
  const part = figures.coordinatedAccounts
  return {
    part: words.total(part),
    size: words.total(accountSet?.size ?? notGiven),
    name: words.quoted(accountSet?.name ?? ''),
    share: words.percent(part.value ?? 0, accountSet?.size.value ?? 0),
  }
}

const figuresOf = (facts: Facts, words: Wording): Page['figures'] => {
  const { period } = facts
  const weeks = period.cadence === 'week'
  const short = (id: string): string => (weeks ? `${words.language === 'fr' ? 'S' : 'W'}${id.slice(-2)}` : id)
  const [oldest, newest] = [facts.before[0]?.period ?? '', facts.before.at(-1)?.period ?? '']
  const ofPeriod = (id: string): string =>
    weeks
      ? words.say('period.short.week', { number: Number(id.slice(-2)) })
      : words.say('period.short.previous', { cadence: period.cadence })
  return {
    title: words.say('figures'),
    head: {
      measure: words.say('figures.measure'),
      now: weeks ? shortPeriod(facts, words) : words.say('period.short.this', { cadence: period.cadence }),
      history: weeks
        ? words.say('figures.range', { from: short(oldest), to: short(period.id) })
        : words.say('figures.history', { cadence: period.cadence }),
      before: ofPeriod(newest),
      median: weeks
        ? words.say('figures.medianOf', { from: short(oldest), to: short(newest) })
        : words.say('figures.median'),
      reading: words.say('figures.reading'),
    },
    rows: facts.headlines.map((headline) => figureRow(headline, facts, words)),
    note: words.tell('figures.note'),
  }
}

const figureRow = ({ figure, total, comparison }: Headline, facts: Facts, words: Wording): FigureRow => {
  const past = comparison.before.at(-1)
  const known = comparison.before.flatMap(({ value }) => value ?? [])
  const { median } = comparison
  const multiple =
    total.value === null || median === undefined
      ? ''
      : median > 0 && total.value >= 2 * median
        ? words.say('figures.times', { times: words.number(Math.round(total.value / median)) })
        : difference(total.value - median, words)
  const sign = comparison.reading === 'not tested' ? 'untested' : comparison.reading
  return {
    name: words.say(`measure.${figure}`),
    note: measureNote(figure, total, facts, words),
    qualifier: words.say('qualifier', { qualifier: total.qualifier === 'at least' ? 'atLeast' : total.qualifier }),
    value: total.value === null ? words.say('figure.unknown') : words.number(total.value),
    history: [...comparison.before, total].map(({ value }) => value),
    historyText: words.say('figures.bars', {
      min: known.length === 0 ? 0 : Math.min(...known),
      max: known.length === 0 ? 0 : Math.max(...known),
      now: total.value === null ? words.say('figures.barsUnknown') : words.number(total.value),
    }),
    before: past ? words.total(past) : words.say('figure.unknown'),
    change: comparison.change === undefined ? '' : difference(comparison.change, words),
    median: median === undefined ? words.say('figure.unknown') : words.number(median),
    multiple,
    reading: { sign, word: words.say(`reading.${sign}`) },
  }
}

const measureNote = (figure: HeadlineFigure, total: Total, facts: Facts, words: Wording): string => {
  switch (figure) {
    case 'detections':
      return words.say('measure.detections.note', { count: facts.totals.manoeuvres })
    case 'accounts':
      return words.say('measure.accounts.note', { exact: total.qualifier === 'exact' ? 'yes' : 'no' })
    case 'posts':
    case 'coordinatedAccounts':
    case 'videos':
      return words.say(`measure.${figure}.note`)
    default:
      return ''
  }
}

const difference = (change: number, words: Wording): string =>
  change === 0
    ? words.say('figures.equal')
    : `${change > 0 ? '+' : ''}${words.number(change)}`.replace(/^([+−])/, '$1\u202f')

const cardOf = (entry: Entry, at: number, facts: Facts, territory: Territory, words: Wording): ManoeuvreCard => {
  const { language } = words
  const total = facts.manoeuvres.length + facts.unlisted.manoeuvres
  return {
    anchor: `m${at + 1}`,
    label: words.say('manoeuvre.label', { number: at + 1, total }),
    campaign: entry.campaign ?? '',
    title: wordsOf(entry.title, language),
    when: words.observed(entry.observed, territory.zone),
    meta: metaOf(entry, territory, words),
    marking: entry.marking,
    rows: [actorRow(entry, words), behaviourRow(entry, territory, words), contentRow(entry, words)].flatMap(
      (row) => row ?? [],
    ),
    rowsAfter: [effectRow(entry, words), assessmentRow(entry, words), techniquesRow(entry, words)].flatMap(
      (row) => row ?? [],
    ),
    breakout: entry.breakout
      ? {
          label: words.say('manoeuvre.degree'),
          note: words.say('manoeuvre.degreeNote'),
          category: entry.breakout.category,
          text: words.tell('manoeuvre.breakout', {
            category: entry.breakout.category,
            meaning: words.say(`breakout.${entry.breakout.category as 1 | 2 | 3 | 4 | 5 | 6}`),
          }),
          ...(entry.breakout.evidence && { evidence: wordsOf(entry.breakout.evidence, language) }),
        }
      : null,
    parts:
      entry.parts.length === 0
        ? null
        : lineTable(
            `m${at + 1}-parts`,
            words.say('manoeuvre.parts'),
            words.say('manoeuvre.partsNote'),
            entry.parts,
            territory,
            words,
            {
              key: 'manoeuvre.partsMore',
              count: 0,
            },
          ),
    criteria: criteriaOf(entry, words),
    evidence:
      entry.evidence.length === 0
        ? null
        : {
            label: words.say('manoeuvre.evidence'),
            note: words.say('manoeuvre.evidenceNote'),
            items: entry.evidence.map(({ label, address, archive }, index) => ({
              number: index + 1,
              text: wordsOf(label, language),
              ...(address !== undefined && { address }),
              ...(archive !== undefined && { archive }),
            })),
          },
  }
}

const metaOf = (entry: Entry, territory: Territory, words: Wording): string => {
  const placing = entry.territories.find(({ code }) => code === territory.code)
  const placed = placing && placing.method !== 'explicit'
  return [
    ...(entry.observed.precision === 'instant'
      ? [words.say('manoeuvre.time', { zone: words.say('zone.of', { town: territory.town[words.language] }) })]
      : []),
    ...(entry.platforms.length > 0 ? [words.list(entry.platforms)] : []),
    words.say(`kind.${entry.kind}`),
    ...(placed ? [words.say(`places.${placing.method}`, { via: words.quoted(placing.via ?? '') })] : []),
    ...(entry.observed.statedByHand ? [words.say('time.statedByHand')] : []),
    entry.id,
    words.say('manoeuvre.meta.revision', { revision: entry.revision }),
    entry.detector,
    ...(entry.markingSource === 'container' || entry.markingSource === 'default'
      ? [words.say(`marking.${entry.markingSource}`)]
      : []),
  ].join(' · ')
}

const actorRow = ({ actor }: Entry, words: Wording): Row => ({
  label: words.say('manoeuvre.actor'),
  paragraphs: [
    actor
      ? plain(
          `${words.say('manoeuvre.attribution', { source: actor.attributedBy, actor: actor.name })} ${words.say('manoeuvre.attributionNote')}`,
        )
      : plain(words.say('manoeuvre.attributionNone')),
  ],
})

const behaviourRow = (entry: Entry, territory: Territory, words: Wording): Row | undefined => {
  const phrases = figurePhrases(entry, words, [
    'posts',
    'reposts',
    'videos',
    'views',
    'accounts',
    'coordinatedAccounts',
  ])
  if (entry.kind === 'offline-event' && phrases.length === 0) return undefined
  const paragraphs = [
    phrases.length === 0
      ? plain(words.say('manoeuvre.behaviourNone'))
      : sentence(words.tell('manoeuvre.behaviourText', { figures: words.list(phrases) })),
  ]
  const part = entry.figures.coordinatedAccounts
  if (entry.accountSet && part.value) {
    const window = words.observed(entry.observed, territory.zone)
    paragraphs.push(sentence(words.tell('manoeuvre.cluster', { ...clusterValues(entry, words), window })))
    const largest = [...entry.parts].sort(
      (a, b) => (b.figures.accounts.value ?? 0) - (a.figures.accounts.value ?? 0),
    )[0]
    if (largest?.figures.accounts.value) {
      paragraphs.push(
        plain(
          words.say('manoeuvre.clusterOf', {
            part: words.number(part.value),
            window,
            share: words.percent(part.value, largest.figures.accounts.value),
            participants: words.number(largest.figures.accounts.value),
            otherWindow: words.observed(largest.observed, territory.zone),
            title: words.quoted(textIn(largest.title, words.language).text),
          }),
        ),
      )
    }
  }
  return { label: words.say('manoeuvre.behaviour'), paragraphs }
}

const contentRow = (entry: Entry, words: Wording): Row | undefined => {
  const { language } = words
  const texts = (all: readonly Localised[]) => words.list(all.map((one) => textIn(one, language).text))
  const sentenceOf = (label: string, value: string) => (value ? [words.say('fieldSentence', { label, value })] : [])
  const event = entry.event
    ? [
        ...sentenceOf(words.say('manoeuvre.place'), textIn(entry.event.place, language).text),
        ...sentenceOf(words.say('manoeuvre.participants'), texts(entry.event.participants)),
      ].join(' ')
    : ''
  const paragraphs = [
    entry.summary ? plain(textIn(entry.summary, language).text) : [],
    plain(event),
    entry.narratives.length > 0
      ? plain(words.say('manoeuvre.narratives', { count: entry.narratives.length, list: texts(entry.narratives) }))
      : [],
    entry.hashtags.length > 0
      ? plain(
          words.say('manoeuvre.hashtags', {
            count: entry.hashtags.length,
            list: words.list(entry.hashtags.map(hashtag)),
          }),
        )
      : [],
  ].filter((paragraph) => paragraph.length > 0)
  return paragraphs.length === 0 ? undefined : { label: words.say('manoeuvre.content'), paragraphs }
}

const effectRow = ({ observedEffect }: Entry, words: Wording): Row | undefined => {
  if (!observedEffect) return undefined
  const source = observedEffect.source ? words.say('effect.source', { source: observedEffect.source }) : ''
  return {
    label: words.say('manoeuvre.effect'),
    paragraphs: [
      [
        ...words.tell(`effect.${observedEffect.state}`, { source }),
        ...(observedEffect.text ? plain(` ${textIn(observedEffect.text, words.language).text}`) : []),
      ],
    ],
  }
}

/** Likelihood and confidence are two axes: two paragraphs, never one sentence. */
const assessmentRow = (entry: Entry, words: Wording): Row | undefined => {
  const { actor, confidence } = entry
  const paragraphs: (readonly Segment[])[] = []
  const field = (label: string, value: string) => {
    if (value) paragraphs.push(words.tell('field', { label, value }))
  }
  if (actor?.likelihood) {
    const [low, high] = bands[actor.likelihood]
    const word = words.say(`likelihood.${actor.likelihood}`)
    field(words.say('manoeuvre.likelihood'), words.say('manoeuvre.likelihood.range', { word, low, high }))
  }
  if (actor?.confidence) {
    field(words.say('manoeuvre.analyticConfidence'), words.say('confidence.level', { level: actor.confidence }))
  }
  field(words.say('manoeuvre.confidence'), confidenceText(confidence, words))
  field(words.say('manoeuvre.admiralty'), admiralty(entry, words))
  return paragraphs.length === 0 ? undefined : { label: words.say('manoeuvre.assessment'), paragraphs }
}

/** ICD 203's bands, in percent. */
const bands = {
  'almost no chance': [1, 5],
  'very unlikely': [5, 20],
  unlikely: [20, 45],
  'roughly even': [45, 55],
  likely: [55, 80],
  'very likely': [80, 95],
  'almost certain': [95, 99],
} as const

const confidenceText = (confidence: Entry['confidence'], words: Wording): string => {
  if (!confidence) return ''
  const source = confidence.source ? words.say('confidence.source', { source: confidence.source }) : ''
  return [
    ...(confidence.level ? [words.say('confidence.level', { level: confidence.level })] : []),
    ...(confidence.score === undefined ? [] : [words.say('confidence.score', { score: confidence.score, source })]),
    ...(confidence.platformDefault ? [words.say('confidence.default')] : []),
  ].join(', ')
}

const admiralty = ({ reliability, credibility }: Entry, words: Wording): string => {
  if (reliability && credibility) return words.say('admiralty', { reliability, credibility })
  if (reliability) return words.say('admiralty.reliability', { reliability })
  return credibility ? words.say('admiralty.credibility', { credibility }) : ''
}

const techniquesRow = ({ techniques }: Entry, words: Wording): Row | undefined =>
  techniques.length === 0
    ? undefined
    : {
        label: words.say('manoeuvre.techniques'),
        note: words.say('manoeuvre.techniquesNote'),
        paragraphs: [plain(techniques.map(({ id, name }) => (name ? `${id}\u00a0${name}` : id)).join(' · '))],
      }

const criteriaOf = (entry: Entry, words: Wording): ManoeuvreCard['criteria'] =>
  entry.criteria.length === 0
    ? null
    : {
        title: words.say('criteria'),
        note: words.say('criteria.note'),
        head: {
          criterion: words.say('criteria.criterion'),
          state: words.say('criteria.state'),
          evidence: words.say('criteria.evidence'),
        },
        rows: entry.criteria.map(({ criterion, state, evidence }) => ({
          criterion: words.say(`criterion.${criterion}`),
          sign: stateSigns[state],
          state: words.say(`state.${state}`),
          evidence: evidence ? wordsOf(evidence, words.language) : null,
        })),
      }

const stateSigns = { supported: 'full', partial: 'half', 'not supported': 'empty', 'not assessed': 'dashed' } as const

const timeOf = (facts: Facts, territory: Territory, words: Wording): Page['time'] => {
  const { period, days, totals, undated } = facts
  const byMonth = days.length > 31
  const counts = byMonth ? monthsOf(days) : days
  const label = (date: string): string =>
    byMonth ? words.month(date) : words.days(date, date, { weekday: period.cadence === 'week', year: false })
  const peak = counts.reduce((highest, day) => (day.posts > highest.posts ? day : highest), { date: '', posts: 0 })
  const { from } = boundsIn(period, territory.zone)
  const peaks = counts.filter(({ posts }) => posts === peak.posts).length
  const title =
    peak.posts > 0 && peaks === 1 && totals.posts.value
      ? capitalised(
          words.say('time.title', {
            day: label(peak.date),
            figure: words.percent(peak.posts, totals.posts.value),
            total: words.number(totals.posts.value),
          }),
        )
      : words.say(byMonth ? 'time.titleMonths' : 'time.titleFlat')
  const bars = counts.map(({ date, posts }) => ({ label: label(date), value: posts, written: words.number(posts) }))
  return {
    title: words.say('time'),
    chart: {
      title,
      note: words.say(byMonth ? 'time.months' : 'time.days', {
        measure: words.say('time.posts'),
        town: territory.town[words.language],
        offset: words.offset(from, territory.zone),
      }),
      text: words.say(byMonth ? 'time.barsMonths' : 'time.bars', {
        from: bars[0]?.label ?? '',
        to: bars.at(-1)?.label ?? '',
        list: bars.map(({ written }) => written).join(', '),
      }),
      bars,
    },
    head: {
      day: words.say(byMonth ? 'time.month' : 'time.day'),
      posts: words.say('time.posts'),
      detections: words.say('time.detections'),
    },
    rows: counts.map(({ date, posts, detections }) => ({
      day: capitalised(label(date)),
      posts: words.number(posts),
      detections: words.number(detections),
    })),
    undated:
      undated.detections + undated.posts === 0
        ? ''
        : words.say('time.undated', {
            detections: words.phrase('detections', { value: undated.detections, qualifier: 'exact' }),
            posts: words.phrase('posts', { value: undated.posts, qualifier: 'exact' }),
          }),
    tables: [
      shareTable(words.say('platforms'), facts.platforms, words),
      shareTable(
        words.say('kinds'),
        facts.kinds.map((share) => ({ ...share, name: words.say(`kind.${share.name}` as 'kind.other') })),
        words,
      ),
      shareTable(
        words.say('hashtags'),
        facts.hashtags.slice(0, 15).map((share) => ({ ...share, name: hashtag(share.name) })),
        words,
        words.say('hashtags.note'),
      ),
      shareTable(
        words.say('languages'),
        facts.languages.map((share) => ({ ...share, name: languageName(share.name, words) })),
        words,
      ),
    ].filter(({ rows }) => rows.length > 0),
  }
}

const monthsOf = (days: Facts['days']): Facts['days'] => {
  const months = new Map<string, { date: string; detections: number; posts: number }>()
  for (const { date, detections, posts } of days) {
    const month = months.get(date.slice(0, 7)) ?? { date: date.slice(0, 7), detections: 0, posts: 0 }
    month.detections += detections
    month.posts += posts
    months.set(month.date, month)
  }
  return [...months.values()]
}

const shareTable = (title: string, shares: readonly Share[], words: Wording, note?: string): ShareTable => {
  const highest = shares.reduce((most, { posts }) => Math.max(most, posts.value ?? 0), 0)
  return {
    title,
    ...(note !== undefined && { note }),
    head: { name: title, detections: words.say('share.detections'), posts: words.say('share.posts') },
    rows: shares.map(({ name, detections, posts }) => ({
      name,
      detections: words.number(detections),
      posts: words.total(posts),
      share: highest === 0 ? 0 : (posts.value ?? 0) / highest,
    })),
  }
}

const lineTable = (
  anchor: string,
  title: string,
  note: string,
  entries: readonly Entry[],
  territory: Territory,
  words: Wording,
  more: { key: 'list.more' | 'manoeuvres.more' | 'manoeuvre.partsMore'; count: number },
): LineTable => ({
  anchor,
  title,
  note,
  head: {
    title: words.say('list.title'),
    when: words.say('list.when'),
    platforms: words.say('list.platforms'),
    posts: words.say('list.posts'),
    accounts: words.say('list.accounts'),
    reposts: words.say('list.reposts'),
    marking: words.say('list.marking'),
  },
  rows: entries.map((entry) => ({
    title: wordsOf(entry.title, words.language),
    under: [words.say(`kind.${entry.kind}`), more.key === 'manoeuvre.partsMore' ? '' : (entry.campaign ?? ''), entry.id]
      .filter(Boolean)
      .join(' · '),
    when: words.observed(entry.observed, territory.zone),
    platforms: entry.platforms.length > 0 ? words.list(entry.platforms) : '–',
    posts: words.total(entry.figures.posts),
    accounts: words.total(entry.figures.accounts),
    reposts: words.total(entry.figures.reposts),
    marking: entry.marking,
  })),
  more: more.count === 0 ? '' : words.say(more.key, { count: more.count }),
})

const sourcesOf = (facts: Facts, territory: Territory, words: Wording): Page['sources'] => ({
  title: words.say('sources'),
  note: words.say('sources.note'),
  none: facts.sources.length === 0 ? words.say('sources.none') : '',
  head: {
    source: words.say('sources.source'),
    last: words.say('sources.last'),
    rhythm: words.say('sources.rhythm'),
    limits: words.say('sources.limits'),
  },
  rows: facts.sources.map((source) => ({
    name: source.name,
    under: sourceUnder(source, words),
    last: source.lastInput ? words.moment(Date.parse(source.lastInput), territory.zone) : words.say('sources.never'),
    rhythm: source.expectedRhythm ? duration(source.expectedRhythm, words) : words.say('sources.unstatedRhythm'),
    limits: source.knownError ? wordsOf(source.knownError, words.language) : { text: words.say('sources.unstated') },
  })),
  withheld: { label: words.say('sources.withheld'), value: words.number(facts.withheld) },
})

const sourceUnder = (source: Source, words: Wording): string =>
  [
    ...(source.byHand ? [words.say('sources.byHand')] : []),
    ...(source.version ? [source.version] : []),
    ...Object.entries(source.thresholds ?? {}).map(
      ([name, value]) => `${name}\u00a0${typeof value === 'number' ? words.number(value) : value}`,
    ),
  ].join(' · ')

const closingOf = (facts: Facts, words: Wording): readonly Row[] => {
  const hash = words.say('version.fingerprint', { hash: facts.snapshotSha256.slice(0, 16) })
  const version = words.say('version.text', { version: facts.version, cap: facts.cap, hash })
  return [
    { label: words.say('method'), paragraphs: [plain(words.say('method.text'))] },
    {
      label: words.say('version'),
      paragraphs: [plain(facts.reconstructed ? `${version} ${words.say('version.reconstructed')}` : version)],
    },
  ]
}

const duration = (iso: string, words: Wording): string => {
  const [, days, hours, minutes] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(iso) ?? []
  const units = [
    [days, 'day'],
    [hours, 'hour'],
    [minutes, 'minute'],
  ] as const
  const written = units.flatMap(([count, unit]) =>
    count
      ? new Intl.NumberFormat(words.language, { style: 'unit', unit, unitDisplay: 'long' }).format(Number(count))
      : [],
  )
  return written.length > 0 ? words.list(written) : iso
}

const languageName = (tag: string, words: Wording): string =>
  new Intl.DisplayNames(words.language, { type: 'language', fallback: 'code' }).of(tag) ?? tag

const hashtag = (tag: string): string => (tag.startsWith('#') ? tag : `#${tag}`)

const wordsOf = (texts: Localised, language: Language): Words => {
  const found = textIn(texts, language)
  return found.language === language || found.language === 'und'
    ? { text: found.text }
    : { text: found.text, lang: found.language }
}

const plain = (text: string): readonly Segment[] => (text ? [{ text }] : [])

const notGiven: Total = { value: null, qualifier: 'not given' }

const isKnown = (total: Total): total is Total & { readonly value: number } => total.value !== null
