/** Compares a version's finished files; contradictions block publication. */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'csv-parse'
import { type Fault, fault, faultAt } from '../domain/core/fault.ts'
import { isFloorOfNone, type Total } from '../domain/core/figures.ts'
import type { Language } from '../domain/core/language/languages.ts'
import { fitsUnder, isPublicCap, type Marking, markings, strictest } from '../domain/core/marking.ts'
import type { Content, Pieces } from '../domain/core/text/content.ts'
import { longJsonReader } from '../domain/core/text/long-json.ts'
import { letterOf } from '../domain/delivery/letter.ts'
import type { Report } from '../domain/page/page.ts'
import { mispTag, mispWordsOf, tlpDefinitions, vigieExtension } from '../domain/report/exchange.ts'
import { maxThreadsListed } from '../domain/report/since-facts.ts'

type FinishedData = Readonly<Record<'json' | 'stix' | 'misp' | 'csv', Pick<Content, 'pieces'>>>

export type FinishedPages = Readonly<Record<'html' | 'pdf', Readonly<Record<Language, string>>>>

/** The report without its longest list, and contradictions between data files. */
type DataRead = { readonly report: Report; readonly contradictions: readonly Fault[] }

export const readDataBack = async ({ json, stix, misp, csv }: FinishedData): Promise<DataRead> => {
  const { report, marked } = await readReport(json)
  const contradictions = [
    ...at('report.json', [...inJson(report, marked), ...inSince(report)]),
    ...at('detections.csv', await inCsv(csv, report)),
    ...at('report.stix.json', inExport('incidents', await readBundle(stix), report)),
    ...at('report.misp.json', inExport('detections', await readEvent(misp), report)),
  ]
  return { report, contradictions }
}

export const contradictionsIn = (
  { report, contradictions }: DataRead,
  { html, pdf }: FinishedPages,
): readonly Fault[] => [
  ...contradictions,
  ...(['fr', 'en'] as const).flatMap((language) => [
    ...at(`report.${language}.html`, inText(html[language], report, language)),
    ...at(`report.${language}.pdf`, inText(pdf[language], report, language)),
    ...at(`mail (${language})`, inMail(report, language)),
  ]),
]

const at = (file: string, faults: readonly Fault[]): readonly Fault[] => faults.map((one) => faultAt(file, one))

const unless = (isTrue: boolean, one: Fault): readonly Fault[] => (isTrue ? [] : [one])

type Figure = number | null | undefined

const figureOf = (value: Figure): number | string => value ?? '–'

/** @param what path in the file, names separated by points */
const same = (what: string, actual: Figure, expected: Figure, isTrue = actual === expected): readonly Fault[] =>
  unless(isTrue, fault('gate.differs', { what, actual: figureOf(actual), expected: figureOf(expected) }))

const atMost = (
  what: string,
  { value, qualifier }: Total,
  { value: actual }: Pick<Total, 'value'>,
): readonly Fault[] => {
  const most = value ?? 0
  return unless(
    (actual ?? 0) <= most || qualifier !== 'exact',
    fault('gate.exceeds', { what, actual: figureOf(actual), most }),
  )
}

const readReport = async (json: FinishedData['json']) => {
  const marked = new Set<Marking>()
  const rest = await readLong(json, 'contributing', (some) => addMarkings(some, marked))
  addMarkings(rest, marked)
  return { report: rest as Report, marked }
}

/** Passes the longest list to `take` in chunks: a million elements are never in memory. */
const readLong = async (
  { pieces }: FinishedData['json'],
  field: string,
  take: (some: readonly unknown[]) => void,
): Promise<unknown> => {
  const reader = longJsonReader(field, take)
  for await (const piece of inTurns(pieces())) reader.add(piece)
  return reader.end()
}

/** Lets waiting prints start between pieces. */
const inTurns = async function* (pieces: Pieces): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece
    await nextTurn()
  }
}

const inJson = (report: Report, marked: ReadonlySet<Marking>): readonly Fault[] => {
  const { totals, days, undated, marking, cap } = report
  const counted = sum(days.map(({ detections }) => detections)) + undated.detections
  const posts = sum(days.map((day) => day.posts.value ?? 0)) + (undated.posts.value ?? 0)
  const total = totals.posts.value ?? 0
  const shown = strictest([...marked])
  const own = new Map(report.manoeuvres.map(({ id, figures }) => [id, figures.posts.value]))
  return [
    ...same('days.detections', counted, totals.detections),
    ...same('days.posts', posts, total),
    ...unless(fitsUnder(shown, marking), fault('gate.marking', { shown, marking })),
    ...unless(fitsUnder(marking, cap), fault('gate.cap', { marking, cap })),
    ...report.manoeuvres.flatMap(({ id, figures }) => atMost(`${id}.posts`, totals.posts, figures.posts)),
    ...report.before.flatMap(({ period, totals: past }, place) =>
      report.headlines.flatMap(({ figure, comparison }) => {
        const actual = comparison.before[place]?.value
        const expected = figure === 'detections' ? past.detections : past[figure].value
        return same(`${period}.${figure}`, actual, expected, actual === null || actual === expected)
      }),
    ),
    ...report.across.flatMap(({ manoeuvre: id, rows, total: { posts: all } }) => [
      ...same(`${id}.posts`, own.get(id), all.value, (own.get(id) ?? 0) <= (all.value ?? 0)),
      ...rows.flatMap(({ territory, posts: there }) => atMost(`${id}.${territory}.posts`, all, there)),
    ]),
  ]
}

/** Compares the reported changes with this report's counts. */
const inSince = ({ since, totals, campaigns, quiet, group }: Report): readonly Fault[] => {
  if (!since) return []
  const { added, goesOn, ended } = since
  const active = [...added.listed, ...goesOn.listed]
  const manoeuvres = sum(active.map((one) => one.manoeuvres))
  const named = new Set(active.flatMap(({ campaign }) => campaign?.trim().toLowerCase() ?? []))
  const isCut = active.length < added.count + goesOn.count
  const missing = isCut ? undefined : campaigns.find(({ name }) => !named.has(name.trim().toLowerCase()))
  return [
    ...Object.entries({ added, goesOn, ended }).flatMap(([name, { count, listed, asked = count }]) =>
      // Entries that an analyst declared ended are all listed.
      same(`since.${name}`, listed.length, Math.min(count, Math.max(maxThreadsListed, count - asked))),
    ),
    ...same('since.manoeuvres', manoeuvres, totals.manoeuvres, isCut ? manoeuvres <= totals.manoeuvres : undefined),
    ...(missing ? [fault('gate.lacks', { written: `since ${missing.name}` })] : []),
    // A group's earlier entries may continue in a member's current period.
    ...(quiet ? same('since.quiet', added.count + (group ? 0 : goesOn.count), 0) : []),
  ]
}

/** A question mark may follow a word. */
const changesWritten = (report: Report, language: Language): readonly string[] => {
  const { since, ofEditionAlone, totals } = report
  if (!since) return []
  const [added, goesOn, ended, corrected] = changeWords[language]
  const { asked = 0 } = since.ended
  // If only some ends are uncertain, their number follows the total.
  const isAsked = asked > 0 && asked === since.ended.count
  return [
    // A single one is written as a word.
    ...(totals.manoeuvres > 1
      ? [`${added}${ofEditionAlone ? inEdition[language] : ''} ${writtenCount(totals.manoeuvres, language)} man`]
      : []),
    `${goesOn} ${writtenCount(since.goesOn.count, language)}`,
    `${ended}${isAsked ? '?' : ''} ${writtenCount(since.ended.count, language)}`,
    `${corrected} ${writtenCount(since.corrected.length, language)}`,
  ]
}

const inCsv = async (csv: FinishedData['csv'], report: Report): Promise<readonly Fault[]> => {
  const { counted, others, given, posts, largest, above } = await readRows(csv, report.marking)
  const known = report.totals.posts.value
  const { marking, totals, ongoing, undatedHere, unlisted } = report
  const listed = ongoing.length + unlisted.ongoing + undatedHere.length + unlisted.undatedHere
  return [
    ...same('counted', counted, totals.detections),
    ...same('ongoing', others, listed),
    ...same('rows.posts', given, known, (known === null) === (given === 0) || counted === 0),
    ...(known === null
      ? []
      : [...same('posts', posts, known, known <= posts), ...atMost('row.posts', totals.posts, { value: largest })]),
    ...(above ? [fault('gate.markingOf', { id: above.id, shown: above.marking, marking })] : []),
  ]
}

/** A million rows are never in memory. `above` is the first row marked above the report. */
const readRows = async ({ pieces }: FinishedData['csv'], marking: Marking) => {
  const read = { counted: 0, others: 0, given: 0, posts: 0, largest: 0, above: undefined as Row | undefined }
  const take = (row: Row): undefined => {
    if (!read.above && !fitsUnder(row.marking as Marking, marking)) read.above = row
    if (row.standing !== 'counted') {
      read.others += 1
      return undefined
    }
    read.counted += 1
    if (!row.posts) return undefined
    read.given += 1
    read.posts += Number(row.posts)
    read.largest = Math.max(read.largest, Number(row.posts))
    return undefined
  }
  const parser = parse<Row>({ bom: true, columns: true, relax_column_count: false, on_record: take })
  await pipeline(Readable.from(inTurns(pieces()), { objectMode: false }), parser.resume())
  return read
}

type Row = { readonly id: string; readonly standing: string; readonly posts: string; readonly marking: string }

type StixObject = {
  readonly type: string
  readonly object_marking_refs?: readonly string[]
  readonly extensions?: Readonly<Record<string, { readonly report?: { readonly totals: Report['totals'] } }>>
}

type Exported = { readonly listed: number; readonly marked: ReadonlySet<Marking>; readonly totals: unknown }

const inExport = (what: string, { listed: actual, marked, totals }: Exported, report: Report): readonly Fault[] => {
  const { marking } = report
  const listed = new Set(
    [...report.manoeuvres, ...report.ongoing, ...report.undatedHere].flatMap(({ id, parts }) => [
      id,
      ...parts.map((part) => part.id),
    ]),
  ).size
  const shown = strictest([...marked])
  return [
    ...same(what, actual, listed),
    ...unless(fitsUnder(shown, marking), fault('gate.marking', { shown, marking })),
    ...unless(
      isDeepStrictEqual(totals, report.totals),
      fault('gate.lacks', { written: JSON.stringify(report.totals) }),
    ),
  ]
}

/** MISP's words of each detection, and all tags of TLP. */
const readEvent = async ({ pieces }: FinishedData['misp']): Promise<Exported> => {
  const marked = new Set<Marking>()
  const markedBy = new Map(markings.map((marking) => [mispTag(marking), marking]))
  const text = Buffer.concat(await Array.fromAsync(inTurns(pieces()))).toString()
  const { Event: event } = JSON.parse(text, (key, value: unknown) => {
    const marking = key === 'name' && markedBy.get(String(value))
    if (marking) marked.add(marking)
    return value
  }) as { readonly Event: { readonly Attribute: readonly { readonly comment: string; readonly value: string }[] } }
  const words = event.Attribute.flatMap(({ comment, value }) => {
    const piece = mispWordsOf(comment)
    return piece ? [{ ...piece, text: JSON.parse(value) as string }] : []
  })
  const ofReport = words.filter(({ what }) => what === 'report')
  const { totals } = JSON.parse(ofReport.map((one) => one.text).join('')) as Pick<Report, 'totals'>
  return { listed: words.filter(({ what, at: place }) => what === 'detection' && place === 0).length, marked, totals }
}

const readBundle = async (stix: FinishedData['stix']) => {
  const markedIn = new Map(markings.map((marking) => [tlpDefinitions[marking], marking]))
  const read = { listed: 0, marked: new Set<Marking>(), reports: [] as StixObject[] }
  const take = (objects: readonly StixObject[]): void => {
    for (const object of objects) {
      if (object.type === 'incident') read.listed += 1
      if (object.type === 'report') read.reports.push(object)
      for (const ref of object.object_marking_refs ?? []) {
        const marking = markedIn.get(ref)
        if (marking) read.marked.add(marking)
      }
    }
  }
  const { objects } = (await readLong(stix, 'objects', (some) => take(some as readonly StixObject[]))) as {
    readonly objects: readonly StixObject[]
  }
  take(objects)
  const [first] = read.reports
  return { ...read, totals: first?.extensions?.[vigieExtension]?.report?.totals }
}

const inText = (text: string, report: Report, language: Language): readonly Fault[] => {
  const page = squeezed(text)
  const { unknown, first, dossier } = report.pages[language]
  const unknowns = first ? [...first.unknown.items, ...first.moreUnknown] : (unknown ?? dossier?.unknown)?.items
  return [
    ...report.headlines.flatMap(({ figure, total }) => {
      const written = writtenFigure(total, report, language)
      return unless(page.includes(squeezed(written)), fault('gate.lacks', { written: `${figure} ${written}` }))
    }),
    ...changesWritten(report, language).flatMap((written) =>
      unless(page.includes(squeezed(written)), fault('gate.lacks', { written })),
    ),
    ...levelWritten(report, language).flatMap((written) =>
      unless(page.includes(squeezed(written)), fault('gate.lacks', { written })),
    ),
    ...unless((unknowns?.length ?? 0) > 0, fault('gate.noUnknown')),
    ...(report.flash ? [report.pages[language].flash?.readers.items.at(-1)?.text ?? []] : []).flatMap((last) => {
      const written = last.map((one) => one.text).join('')
      return unless(written !== '' && page.includes(squeezed(written)), fault('gate.noAdvice'))
    }),
    ...unless(page.includes(squeezed(report.marking)), fault('gate.lacks', { written: report.marking })),
  ]
}

/** A nation's level is that of each territory. */
const levelWritten = ({ level, pages }: Report, language: Language): readonly string[] =>
  pages[language].first && typeof level?.value === 'number'
    ? [`${{ fr: 'Niveau', en: 'Level' }[language]} ${level.value}`]
    : []

/** Checks the announcement mail, if it may contain findings. */
const inMail = (report: Report, language: Language): readonly Fault[] => {
  const links = { read: 'https://example.org/', unsubscribe: 'https://example.org/' }
  const letter = letterOf(report, {
    recipient: { language, name: undefined, organisation: undefined },
    content: 'findings',
    occasion: { kind: 'first' },
    links,
    attached: false,
  })
  const { level } = report
  const shown = letter.shownFindings?.level?.sign
  return [
    ...unless(letter.marking === report.marking, fault('gate.lacks', { written: report.marking })),
    ...unless(
      shown === undefined || typeof level?.value !== 'number' || shown === String(level.value),
      fault('gate.differs', { what: 'level', actual: shown ?? '', expected: String(level?.value) }),
    ),
  ]
}

/** Deliberate copy of the catalogues, to detect a wrong wording there. */
const qualifiers: Readonly<Record<Language, Readonly<Record<Total['qualifier'], string>>>> = {
  fr: {
    exact: 'exact',
    'at least': 'au moins',
    about: 'environ',
    'at least about': 'au moins environ',
    'not given': 'non communiqué',
    'not watched': 'non surveillé',
  },
  en: {
    exact: 'exact',
    'at least': 'at least',
    about: 'about',
    'at least about': 'at least about',
    'not given': 'not given',
    'not watched': 'not watched',
  },
}

const writtenFigure = (total: Total, { cap }: Pick<Report, 'cap'>, language: Language): string => {
  const isNone = isFloorOfNone(total)
  if (isPublicCap(cap) && (isNone || total.qualifier === 'not watched'))
    return language === 'fr' ? 'rien de publiable –' : 'nothing to publish –'
  const incomplete = language === 'fr' ? 'incomplet' : 'incomplete'
  return `${isNone ? incomplete : qualifiers[language][total.qualifier]} ${writtenOf(total, language)}`
}

const inEdition = { fr: ' dans cette édition', en: ' in this edition' } as const

const changeWords = {
  fr: ['nouveau', 'se poursuit', 'terminé', 'corrigé'],
  en: ['new', 'continuing', 'ended', 'corrected'],
} as const

const writtenCount = (count: number, language: Language): string =>
  new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB').format(count)

const writtenOf = ({ value, qualifier }: Total, language: Language): string => {
  if (value !== null) return new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB').format(value)
  if (qualifier === 'not watched') return '–'
  return language === 'fr' ? 'n. c.' : 'n/a'
}

const addMarkings = (value: unknown, found: Set<Marking>): void => {
  JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'marking' && markings.includes(inner as Marking)) found.add(inner as Marking)
    return key === 'pages' ? undefined : inner
  })
}

const squeezed = (text: string): string => text.normalize('NFKC').replace(/\s+/gu, '')

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)
