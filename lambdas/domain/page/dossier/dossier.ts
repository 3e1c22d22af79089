import { effectWord } from '../../aggregate/counting/effects.ts'
import { bareNumber } from '../../core/figures.ts'
import { capitalised, type Segment, sentence } from '../../core/language/language.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import { maximum } from '../../core/lists.ts'
import { type Subject, territoryOf } from '../../core/place/territory.ts'
import { statesApart } from '../../dossier/claims.ts'
import type { DossierFacts, StepFacts } from '../../dossier/dossier.ts'
import type { Facts } from '../../report/facts.ts'
import { reachedApart } from '../front/front.ts'
import { shareTables } from '../front/time.ts'
import type { Unknown } from '../front/unknown.ts'
import { type ChainDrawing, chainDrawing, chainExtent, dossierLinks, replyRow } from '../manoeuvre/attribution.ts'
import type { ShareTable } from '../manoeuvre/lists.ts'
import {
  accountsTable,
  actorsTable,
  type DossierTable,
  indicatorsTable,
  operationsTable,
  sayingTable,
  setsTable,
} from '../words/dossier-tables.ts'
import { named, nameText, plain, type Row, shortened, titleOf, withheldFindings } from '../words/phrases.ts'

export type DossierSection = NonNullable<ReturnType<typeof dossierSection>>

export const dossierSection = (facts: Facts, territory: Subject, words: ReportWording) => {
  const { dossier } = facts
  if (!dossier) return null
  return {
    name: shortened(dossier.name),
    kind: words.say('dossier.kind'),
    key: keyRows(facts, dossier, territory, words),
    operations: operationsTable(facts, dossier, territory, words),
    unknown: { items: unknownOf(facts, dossier, words) },
    chapters: chaptersOf(facts, dossier, territory, words),
  }
}

export const dossierBounds = (facts: Facts, dossier: DossierFacts, words: ReportWording) => {
  const others = [...dossier.reported, ...dossier.storedAs.map(({ name }) => name)]
  const names = [...new Map(others.map((name) => [name.toLowerCase(), name])).values()]
  const asOf = Date.parse(facts.asOf)
  return [
    ...(names.length > 0
      ? [
          {
            label: words.say('dossier.names'),
            text: words.list(names.slice(0, maxNames).map((one) => words.quoted(one))),
          },
        ]
      : []),
    {
      label: words.say('dossier.extent'),
      text: words.say('dossier.extentText', {
        operations: facts.totals.manoeuvres,
        territories: dossier.territories.filter(({ detections }) => detections > 0).length,
        groups: dossier.territories.filter(({ groupOnly }) => groupOnly).length,
      }),
    },
    {
      label: words.say('bounds.version'),
      text: words.say('bounds.versionText', {
        version: facts.version,
        local: words.moment(asOf, 'Europe/Paris'),
        town: 'Paris',
        utc: words.moment(asOf, 'UTC', { year: false }),
      }),
    },
    { label: words.say('dossier.code'), text: facts.territory.code },
  ]
}

const maxNames = 8

/** `juillet 2023 – 19 mai 2024`: starts with a month where only the month is known. */
export const dossierPeriod = (
  { period }: Facts,
  { since, territories }: DossierFacts,
  words: ReportWording,
): string => {
  const month = since.slice(0, 7)
  const isMonth = territories.some(({ first }) => first?.precision === 'month' && first.from === month)
  const from = isMonth ? words.month(month) : words.days(since, since)
  return words.say('dossier.period', { from, to: words.days(period.last, period.last) })
}

const keyRows = (facts: Facts, dossier: DossierFacts, territory: Subject, words: ReportWording): readonly Row[] => {
  // Detections known by month count once that month is over.
  if (facts.totals.detections === 0) {
    const count = undatedIn(facts)
    return [{ label: words.say('dossier.size'), paragraphs: [words.formatRich('dossier.size.undated', { count })] }]
  }
  const { effects, breakouts } = reachedApart(facts, territory, words)
  return [
    { label: words.say('manoeuvre.effect'), paragraphs: [...effects, ...effectRows(dossier, words)] },
    { label: words.say('annex.breakout'), paragraphs: [...breakouts, breakoutRow(dossier, words)] },
    { label: words.say('dossier.attribution'), paragraphs: [attributionRow(dossier, words)] },
    { label: words.say('dossier.size'), paragraphs: sizeRows(facts, dossier, words) },
  ]
}

const effectRows = (
  { saying, operations, known: { effect } }: DossierFacts,
  words: ReportWording,
): Row['paragraphs'] => {
  const { 'not assessed': open, 'not given': silent } = statesApart(effect)
  const effectSummary = words.formatRich('dossier.effects', {
    all: operations.length,
    observed: effect.observed,
    none: effect.none,
    ...{ open, silent },
    known: effect.observed + effect.none > 0 ? 'yes' : open === 0 ? 'silent' : silent === 0 ? 'no' : 'mixed',
    both: effect.observed > 0 && effect.none > 0 ? 'yes' : 'no',
  })
  const [quoted] = saying.flatMap(({ texts }) => texts)
  const text = quoted && titleOf(quoted.text, words.language)
  return [
    effectSummary,
    ...(text
      ? [
          words.formatRich('dossier.effects.said', {
            source: quoted.source ?? '',
            isNamed: quoted.source ? 'yes' : 'no',
            text: [{ ...text, text: words.quoted(text.text) }],
          }),
        ]
      : []),
  ]
}

const breakoutRow = ({ saying, operations, known }: DossierFacts, words: ReportWording): readonly Segment[] => {
  const widest = maximum(
    saying.map(({ breakout }) => breakout),
    0,
  )
  const meaning = widest > 0 ? words.say(`breakout.${widest as 1}`) : ''
  return words.formatRich(widest > 0 ? 'dossier.widest' : 'dossier.unrated', {
    category: widest,
    meaning,
    rated: known.rated,
    all: operations.length,
    events: known.offline,
  })
}

const maxActorsNamed = 3

const attributionRow = ({ actors, chain }: DossierFacts, words: ReportWording): readonly Segment[] => {
  const links = actors
    .filter(({ kind }) => kind === 'actor')
    .toSorted((a, b) => b.detections - a.detections)
    .slice(0, maxActorsNamed)
  if (links.length === 0) return words.formatRich('dossier.attribution.none')
  const extent = chainExtent(chain, chain.more, words)
  return [
    ...links.flatMap(({ name, attributedBy, detections }, at) => [
      ...plain(at === 0 ? '' : ' '),
      ...words.formatRich('dossier.attribution.said', {
        source: nameText(attributedBy, words),
        name: named(name, words),
        count: detections,
      }),
    ]),
    ...plain(extent && ` ${extent}`),
  ]
}

const sizeRows = (facts: Facts, dossier: DossierFacts, words: ReportWording): Row['paragraphs'] => {
  const { posts } = facts.totals
  // If not all are listed, the sum is marked as a floor.
  const listed = facts.unlisted.manoeuvres === 0 ? facts.manoeuvres : []
  const without = listed.filter(
    ({ figures, kind }) => figures.posts.value === null && kind !== 'offline-event' && kind !== 'infrastructure',
  ).length
  const sizeSummary =
    posts.value === null
      ? words.formatRich('dossier.size.none', { operations: facts.totals.manoeuvres })
      : words.formatRich('dossier.size.posts', {
          posts: words.phrase('posts', posts),
          value: bareNumber(posts),
          operations: facts.totals.manoeuvres,
          without,
        })
  const others = (dossier.others ?? []).reduce((sum, { parts }) => sum + parts, 0)
  const elsewhere = others === 0 ? [] : [plain(words.say('dossier.others', { count: others }))]
  return [sizeSummary, ...elsewhere, ...returnOf(dossier, words)].map(sentence)
}

const maxSetsNamed = 2

export const returnOf = (
  { sets, accounts }: Pick<DossierFacts, 'sets' | 'accounts'>,
  words: ReportWording,
): Row['paragraphs'] =>
  sets
    .filter(({ times }) => times > 1)
    .toSorted((a, b) => b.times - a.times)
    .slice(0, maxSetsNamed)
    .flatMap((set) => {
      const last = set.operations.at(-1)
      if (!last?.size || last.part.value === null) return []
      const row = accounts.listed.find(({ operation }) => operation.id === last.operation.id)
      const returned = row?.returned ?? null
      return [
        words.formatRich('dossier.size.returned', {
          part: words.total(last.part),
          value: bareNumber(last.part),
          size: words.total(last.size),
          name: named(set.name ?? set.id, words, words.quoted),
          operations: set.times,
          // Unlisted operations may have returning accounts.
          known: returned !== null ? 'yes' : row || accounts.more === 0 ? 'no' : 'unlisted',
          named: row?.named ?? 0,
          returned: returned ?? 0,
        }),
      ]
    })

const undatedIn = ({ undatedHere, unlisted }: Facts): number => undatedHere.length + unlisted.undatedHere

/** Never empty: the last line is a limit of every dossier. */
const unknownOf = (facts: Facts, dossier: DossierFacts, words: ReportWording): Unknown['items'] => {
  const blind = dossier.steps.filter(({ isWhole }) => !isWhole).length
  const groups = dossier.territories.filter(({ groupOnly }) => groupOnly)
  const unnamed = dossier.operations.length - dossier.known.named
  const lineIfAny = (key: MessageKey, count: number, values: Readonly<Record<string, string | number>> = {}) =>
    count === 0 ? [] : [plain(words.say(key, { count, ...values }))]
  return [
    ...lineIfAny('dossier.unknown.watch', blind, { all: dossier.steps.length, unit: dossier.unit }),
    ...lineIfAny('dossier.unknown.groups', groups.length, {
      list: words.list(groups.map((row) => territoryOf(row.territory).name[words.language])),
    }),
    ...lineIfAny('dossier.unknown.accounts', unnamed, { all: dossier.operations.length }),
    ...lineIfAny('finding.undatedHere', undatedIn(facts)),
    ...(dossier.more ? [plain(words.say('dossier.unknown.more'))] : []),
    ...withheldFindings(facts, words),
    plain(words.say('dossier.unknown.named')),
  ]
}

type ChapterParts = {
  readonly tables: readonly DossierTable[]
  readonly chain: ChainDrawing | null
  /** Replies of the named parties, below the tables. */
  readonly reply: Row | null
  readonly map: ReturnType<typeof mapOf> | null
  readonly shares: readonly ShareTable[]
}

const noParts: ChapterParts = { tables: [], chain: null, reply: null, map: null, shares: [] }

type ChapterName = 'actors' | 'accounts' | 'steps' | 'narratives' | 'indicators' | 'saying'

const chapterIn = (words: ReportWording) => (name: ChapterName, given: Partial<ChapterParts>) => {
  const parts = { ...noParts, ...given }
  const tables = parts.tables.filter(({ rows }) => rows.length > 0)
  const isEmpty = tables.length === 0 && parts.map === null && parts.shares.length === 0
  return {
    anchor: `dossier-${name}`,
    title: words.say(`dossier.${name}`),
    /** Shown instead of empty lists; else empty. */
    none: isEmpty ? words.say(`dossier.${name}.none`) : '',
    ...parts,
    tables,
  }
}

const chaptersOf = (facts: Facts, dossier: DossierFacts, territory: Subject, words: ReportWording) => {
  const { chain } = dossier
  const chapter = chapterIn(words)
  return [
    chapter('actors', {
      chain: chainDrawing(chain, chain.more, words),
      tables: [dossierLinks(chain, chain.more, words), actorsTable(dossier, words)],
      reply: dossier.actors.some(({ kind }) => kind === 'actor') ? replyRow(chain, facts.asOf, words) : null,
    }),
    chapter('accounts', {
      tables: [setsTable(dossier, territory, words), accountsTable(dossier, territory, words)],
    }),
    chapter('steps', { map: mapOf(dossier, words) }),
    chapter('narratives', { shares: shareTables(facts, words) }),
    chapter('indicators', { tables: [indicatorsTable(dossier, words)] }),
    chapter('saying', { tables: [sayingTable(dossier, words)] }),
  ]
}

const stepName = ({ name }: Pick<StepFacts, 'name'>, words: ReportWording): string => {
  if (/^\d{4}-\d{2}$/.test(name)) return capitalised(words.month(name))
  const [, year = '', number = ''] = /^(\d{4})-Q(\d)$/.exec(name) ?? []
  return number ? words.say('dossier.quarter', { number, year }) : name
}

const mapOf = (dossier: DossierFacts, words: ReportWording) => {
  const { steps, territories } = dossier
  const names = territories.map(({ territory }) => territoryOf(territory).name[words.language])
  return {
    note: words.say('dossier.steps.note', { unit: dossier.unit }),
    step: words.say('dossier.step', { unit: dossier.unit }),
    codes: territories.map(({ territory }, at) => ({ code: territory, name: names[at] ?? '' })),
    rows: steps.map((step, at) => {
      const { totals, breakout } = step
      const isSeen = totals.detections > 0
      return {
        step: stepName(step, words),
        cells: territories.map(({ cells }, place) => cellOf(cells[at] ?? null, names[place] ?? '', words)),
        posts: words.total(totals.posts),
        breakout: isSeen ? (breakout > 0 ? words.number(breakout) : words.say('figure.unknown')) : '',
        effect: isSeen ? words.say(`dossier.effect.${effectWord(step)}`) : '',
      }
    }),
    legend: (['active', 'unseen', 'unwatched'] as const).map((state) => ({
      state,
      text: words.say(`dossier.cell.${state}`),
    })),
  }
}

const cellOf = (seen: number | null, territory: string, words: ReportWording) => {
  const state = seen === null ? ('unwatched' as const) : seen > 0 ? ('active' as const) : ('unseen' as const)
  const text = seen === null ? '–' : words.number(seen)
  const description = seen
    ? words.phrase('detections', { value: seen, qualifier: 'exact' })
    : words.say(`dossier.cell.${state}`)
  return { state, text, territory, spoken: [territory, description].join(', ') }
}
