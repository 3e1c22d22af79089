import { outcomeOf } from '../../aggregate/outcome.ts'
import type { Total } from '../../core/figures.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import { firstDayIn } from '../../core/time/observed.ts'
import { type SourceSaying, statesApart } from '../../dossier/claims.ts'
import type { DossierFacts } from '../../dossier/dossier.ts'
import type { AccountsNamed, OperationNamed } from '../../dossier/returning.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import {
  figureParts,
  figurePhrases,
  firstText,
  homeOf,
  whenSeen,
  nameText,
  shortened,
  titleOf,
  type Words,
  wordsOf,
} from './phrases.ts'
import { sourceName } from './watch.ts'

type DossierCell = {
  /** The column's label, for narrow screens. */
  readonly label: string
  readonly number: boolean
  readonly text: Words
  readonly under: readonly Words[]
  readonly isAddress: boolean
}

export type DossierTable = {
  readonly anchor: string
  /** Empty where the chapter's title is enough. */
  readonly title: string
  readonly note: string
  readonly kind: 'operations' | 'links' | 'actors' | 'sets' | 'accounts' | 'indicators' | 'saying'
  readonly head: readonly { readonly label: string; readonly number: boolean }[]
  readonly rows: readonly (readonly DossierCell[])[]
  readonly more: string
}

type Column<Row> = {
  readonly label: string
  readonly number?: boolean
  readonly isAddress?: boolean
  readonly of: (row: Row) => Words | string
  readonly under?: (row: Row) => readonly (Words | string)[]
}

const asWords = (text: Words | string): Words => (typeof text === 'string' ? { text } : text)

export const tableOf = <Row>(
  about: Pick<DossierTable, 'anchor' | 'kind'> & Partial<Pick<DossierTable, 'title' | 'note' | 'more'>>,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): DossierTable => ({
  title: '',
  note: '',
  more: '',
  ...about,
  head: columns.map(({ label, number = false }) => ({ label, number })),
  rows: rows.map((row) =>
    columns.map(({ label, number = false, isAddress = false, of, under = () => [] }) => ({
      label,
      number,
      isAddress,
      text: asWords(of(row)),
      under: under(row)
        .map(asWords)
        .filter(({ text }) => text !== ''),
    })),
  ),
})

/** The gravest operations are listed; `detections.csv` has all. */
const maxOperations = 30

const listedOperations = (facts: Facts, dossier: DossierFacts, territory: Subject): readonly Entry[] => {
  const byId = new Map(facts.manoeuvres.slice(0, maxOperations).map((entry) => [entry.id, entry]))
  const dayOf = (entry: Entry): string => firstDayIn(entry.observed, homeOf(entry, territory).zone)
  return dossier.operations
    .flatMap((id) => byId.get(id) ?? [])
    .map((entry) => ({ entry, day: dayOf(entry) }))
    .toSorted((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1))
    .map(({ entry }) => entry)
}

export const maxNameChars = 80

/** Rows of any other table; `report.json` has more. */
const maxRows = 40

export const moreText = (key: MessageKey, count: number, words: ReportWording): string =>
  count > 0 ? words.say(key, { count }) : ''

const maxCodes = 6

const territoriesOf = ({ territories }: Entry, words: ReportWording): string =>
  territories.length > maxCodes
    ? words.say('dossier.territories', { count: territories.length })
    : territories.map(({ code }) => code).join(', ')

const outcomeIn = (entry: Entry) => outcomeOf([entry, ...entry.parts])

const figureText = (total: Total, words: ReportWording): string => {
  const { qualifier, value } = figureParts(total, words)
  return [...(total.value === null || total.qualifier === 'exact' ? [] : [qualifier]), value]
    .join('\u00a0')
    .replaceAll(' ', '\u00a0')
}

/** Marks a figure that does not apply: an event in a hall has no posts. */
const dueText = ({ kind }: Entry, total: Total, words: ReportWording): string =>
  total.value === null && (kind === 'offline-event' || kind === 'infrastructure')
    ? words.say('dossier.notDue')
    : figureText(total, words)

const breakoutText = (category: number, words: ReportWording): string =>
  category === 0 ? words.say('figure.unknown') : words.number(category)

export const operationsTable = (
  facts: Facts,
  dossier: DossierFacts,
  territory: Subject,
  words: ReportWording,
): DossierTable => {
  const operations = listedOperations(facts, dossier, territory)
  const count = facts.totals.manoeuvres - operations.length
  const others = (entry: Entry): number => {
    const ids = new Set([entry, ...entry.parts].map(({ id }) => id))
    return (dossier.others ?? []).reduce((sum, { whole, parts }) => sum + (ids.has(whole) ? parts : 0), 0)
  }
  return tableOf<Entry>(
    {
      anchor: 'dossier-operations',
      kind: 'operations',
      title: words.say('dossier.operations'),
      note: words.say('dossier.operations.note'),
      more: moreText('dossier.operations.more', count, words),
    },
    operations,
    [
      { label: words.say('list.when'), of: (entry) => whenSeen(entry, territory, words) },
      {
        label: words.say('dossier.where'),
        of: (entry) => territoriesOf(entry, words),
        under: ({ territories }) =>
          territories.every(({ method }) => method === 'group') ? [words.say('dossier.byGroup')] : [],
      },
      {
        label: words.say('dossier.what'),
        of: (entry) => titleOf(entry.title, words.language),
        under: (entry) => [
          [
            words.say(`kind.${entry.kind}`),
            ...(entry.parts.length > 0 ? [words.say('dossier.parts', { count: entry.parts.length })] : []),
            ...(others(entry) > 0 ? [words.say('dossier.parts.others', { count: others(entry) })] : []),
            entry.figuresMarking ?? entry.marking,
          ].join(' · '),
        ],
      },
      {
        label: words.say('measure.posts'),
        number: true,
        of: (entry) => dueText(entry, entry.figures.posts, words),
        under: (entry) => figurePhrases(entry, words, ['videos']),
      },
      { label: words.say('list.accounts'), number: true, of: (entry) => dueText(entry, entry.figures.accounts, words) },
      {
        label: words.say('dossier.breakout'),
        number: true,
        of: (entry) => breakoutText(outcomeIn(entry).breakout?.category ?? 0, words),
      },
      {
        label: words.say('manoeuvre.effect'),
        of: (entry) => {
          const { overallEffect, effects } = outcomeIn(entry)
          return words.say(
            `dossier.effect.${(overallEffect === 'observed' && effects[0]?.effect.degree) || overallEffect}`,
          )
        },
        under: (entry) => {
          const { breakout } = outcomeIn(entry)
          return breakout?.evidence ? [titleOf(breakout.evidence, words.language)] : []
        },
      },
    ],
  )
}

export const actorsTable = (dossier: DossierFacts, words: ReportWording): DossierTable =>
  tableOf({ anchor: 'dossier-actors-table', kind: 'actors', note: words.say('dossier.actors.note') }, dossier.actors, [
    {
      label: words.say('manoeuvre.actor'),
      of: ({ name }) => nameText(name, words),
      under: ({ kind }) => (kind === 'actor' ? [] : [words.say('dossier.modusOperandi')]),
    },
    {
      label: words.say('dossier.accordingTo'),
      of: ({ attributedBy }) => shortened(nameText(attributedBy, words), maxNameChars),
    },
    {
      label: words.say('manoeuvre.likelihood'),
      of: ({ likelihood }) => words.say(likelihood ? `likelihood.${likelihood}` : 'figure.unknown'),
    },
    {
      label: words.say('manoeuvre.confidence'),
      of: ({ confidence }) =>
        confidence ? words.say('confidence.level', { level: confidence }) : words.say('figure.unknown'),
    },
    { label: words.say('measure.detections'), number: true, of: ({ detections }) => words.number(detections) },
    { label: words.say('dossier.since'), of: (row) => firstText(row, words) },
    { label: words.say('list.marking'), of: ({ marking }) => marking },
  ])

const operationColumn = <Row>(
  operationOf: (row: Row) => OperationNamed,
  territory: Subject,
  words: ReportWording,
): Column<Row> => ({
  label: words.say('dossier.operation'),
  of: (row) => titleOf(operationOf(row).title, words.language),
  under: (row) => {
    const operation = operationOf(row)
    return [whenSeen(operation, territory, words)]
  },
})

export const setsTable = (dossier: DossierFacts, territory: Subject, words: ReportWording): DossierTable => {
  const rows = dossier.sets.flatMap((set) => set.operations.map((one, at) => ({ set, ...one, isFirst: at === 0 })))
  const all = dossier.sets.reduce((sum, { times }) => sum + times, 0)
  return tableOf<(typeof rows)[number]>(
    {
      anchor: 'dossier-sets',
      kind: 'sets',
      title: words.say('dossier.sets'),
      note: words.say('dossier.sets.note'),
      more: moreText('dossier.sets.more', all - Math.min(rows.length, maxRows), words),
    },
    rows.slice(0, maxRows),
    [
      {
        label: words.say('dossier.set'),
        of: ({ set }) => nameText(set.name ?? set.id, words),
        under: ({ marking }) => [marking],
      },
      operationColumn(({ operation }) => operation, territory, words),
      {
        label: words.say('list.accounts'),
        number: true,
        of: ({ part, size }) =>
          size
            ? words.say('dossier.ofSet', { part: figureText(part, words), size: figureText(size, words) })
            : figureText(part, words),
      },
      {
        label: words.say('dossier.return'),
        of: ({ isFirst }) => words.say(isFirst ? 'dossier.return.first' : 'dossier.return.again'),
      },
    ],
  )
}

export const accountsTable = (
  { accounts, known }: DossierFacts,
  territory: Subject,
  words: ReportWording,
): DossierTable => {
  const number = (value: number | null) => (value === null ? words.say('figure.unknown') : words.number(value))
  const rows = accounts.listed.slice(-maxRows)
  return tableOf<AccountsNamed>(
    {
      anchor: 'dossier-references',
      kind: 'accounts',
      title: words.say('dossier.references'),
      note: words.say('dossier.references.note'),
      more: moreText('dossier.references.more', known.named - rows.length, words),
    },
    rows,
    [
      operationColumn(({ operation }) => operation, territory, words),
      { label: words.say('dossier.named'), number: true, of: ({ named }) => number(named) },
      { label: words.say('dossier.returned'), number: true, of: ({ returned }) => number(returned) },
      {
        label: words.say('dossier.newcomers'),
        number: true,
        of: ({ named, returned }) => number(named === null || returned === null ? null : named - returned),
      },
      { label: words.say('list.marking'), of: ({ marking }) => marking },
    ],
  )
}

export const indicatorsTable = ({ indicators }: DossierFacts, words: ReportWording): DossierTable =>
  tableOf(
    {
      anchor: 'dossier-indicators-table',
      kind: 'indicators',
      note: words.say('dossier.indicators.note'),
      more: moreText('dossier.indicators.more', indicators.listed.length - maxRows + indicators.more, words),
    },
    indicators.listed.slice(0, maxRows),
    [
      {
        label: words.say('dossier.indicator'),
        isAddress: true,
        of: ({ value }) => value,
        under: ({ note }) => (note ? [titleOf(note, words.language)] : []),
      },
      { label: words.say('dossier.type'), of: ({ type }) => words.say('dossier.indicatorType', { type }) },
      { label: words.say('measure.detections'), number: true, of: ({ detections }) => words.number(detections) },
      { label: words.say('dossier.since'), of: (row) => firstText(row, words) },
      { label: words.say('list.marking'), of: ({ marking }) => marking },
    ],
  )

export const sayingTable = ({ saying }: DossierFacts, words: ReportWording): DossierTable =>
  tableOf<SourceSaying>(
    { anchor: 'dossier-saying-table', kind: 'saying', note: words.say('dossier.saying.note') },
    saying.slice(0, maxRows),
    [
      {
        label: words.say('sources.source'),
        of: ({ source }) => sourceName(source, words),
        under: ({ marking }) => [marking],
      },
      {
        label: words.say('measure.detections'),
        number: true,
        of: ({ detections }) => words.number(detections),
        under: (row) => [
          words.say('dossier.sinceWhen', { when: firstText(row, words), precision: row.first.precision }),
        ],
      },
      {
        label: words.say('manoeuvre.effect'),
        of: ({ effect }) => effectCounts(effect, words),
        under: ({ texts }) =>
          texts.map(({ text, source }) => {
            const { text: originalText, ...lang } = wordsOf(text, words.language)
            const quoted = titleOf({ und: originalText }, words.language).text
            return {
              ...lang,
              text: source
                ? words.say('dossier.saying.text', { source, text: words.quoted(quoted) })
                : words.quoted(quoted),
            }
          }),
      },
      {
        label: words.say('dossier.breakout'),
        number: true,
        of: ({ breakout }) => breakoutText(breakout, words),
      },
      {
        label: words.say('dossier.rating'),
        of: ({ ratings }) => (ratings.length > 0 ? ratings.join(', ') : words.say('figure.unknown')),
        under: ({ statements }) =>
          statements.map(({ of, confidence }) =>
            words.say('dossier.saying.statement', {
              of: titleOf(of, words.language).text,
              confidence: confidenceText(confidence, words),
            }),
          ),
      },
    ],
  )

const effectCounts = (effect: SourceSaying['effect'], words: ReportWording): string => {
  const counts = statesApart(effect)
  return (['observed', 'none', 'not assessed', 'not given'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => words.say(`dossier.saying.effect.${state}`, { count: counts[state] }))
    .join(' · ')
}

/** A platform's default is no assessment. */
const confidenceText = (
  { level, score, platformDefault }: SourceSaying['statements'][number]['confidence'],
  words: ReportWording,
): string => {
  if (platformDefault) return words.say('figure.unknown')
  if (level) return words.say('confidence.level', { level })
  return score === undefined ? words.say('figure.unknown') : words.say('confidence.score', { score, source: '' })
}
