/** Reads the finished files of a version back, and says where one contradicts another: such a version is held. */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parse } from 'csv-parse'
import { isFloorOfNone, type Total } from '../domain/core/figures.ts'
import type { Language } from '../domain/core/language/languages.ts'
import { fitsUnder, isPublicCap, type Marking, markings, strictest } from '../domain/core/marking.ts'
import type { Content, Pieces } from '../domain/core/text/content.ts'
import { longJsonReader } from '../domain/core/text/long-json.ts'
import { plural } from '../domain/core/text/plural.ts'
import { letterOf } from '../domain/delivery/letter.ts'
import type { Report } from '../domain/page/page.ts'
import { tlpDefinitions, vigieExtension } from '../domain/report/exchange.ts'
import { maxThreadsListed } from '../domain/report/since-facts.ts'

/** A version's files of data, as a reader meets them. */
export type FinishedData = Readonly<Record<'json' | 'stix' | 'csv', Pick<Content, 'pieces'>>>

/** What its pages show, without their markup. */
export type FinishedPages = Readonly<Record<'html' | 'pdf', Readonly<Record<Language, string>>>>

/**
 * What the files of data say, read once: the report without its longest list, and where they contradict one another.
 */
export type DataRead = { readonly report: Report; readonly contradictions: readonly string[] }

export const readDataBack = async ({ json, stix, csv }: FinishedData): Promise<DataRead> => {
  const { report, marked } = await readReport(json)
  const contradictions = [
    ...inJson(report, marked),
    ...inSince(report),
    ...(await inCsv(csv, report)),
    ...(await inStix(stix, report)),
  ]
  return { report, contradictions }
}

/** All contradictions in plain words, with the files in which they are; none where data and pages say the same. */
export const contradictionsIn = (
  { report, contradictions }: DataRead,
  { html, pdf }: FinishedPages,
): readonly string[] => [
  ...contradictions,
  ...(['fr', 'en'] as const).flatMap((language) => [
    ...inText(`report.${language}.html`, html[language], report, language),
    ...inText(`report.${language}.pdf`, pdf[language], report, language),
    ...inMail(report, language),
  ]),
]

const fault = (isTrue: boolean, said: string): readonly string[] => (isTrue ? [] : [said])

/** The report without the list of what contributed, whose markings are among those of all that it holds. */
const readReport = async (json: FinishedData['json']) => {
  const marked = new Set<Marking>()
  const rest = await readLong(json, 'contributing', (some) => addMarkings(some, marked))
  addMarkings(rest, marked)
  return { report: rest as Report, marked }
}

/** JSON whose longest list goes to `take`, some of it at a time: a million elements are never held. */
const readLong = async (
  { pieces }: FinishedData['json'],
  field: string,
  take: (some: readonly unknown[]) => void,
): Promise<unknown> => {
  const reader = longJsonReader(field, take)
  for await (const piece of inTurns(pieces())) reader.add(piece)
  return reader.end()
}

/** Whoever waits for a browser meanwhile is heard between two pieces. */
const inTurns = async function* (pieces: Pieces): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece
    await nextTurn()
  }
}

const inJson = (report: Report, marked: ReadonlySet<Marking>): readonly string[] => {
  const { totals, days, undated, marking, cap } = report
  const counted = sum(days.map(({ detections }) => detections)) + undated.detections
  const posts = sum(days.map((day) => day.posts.value ?? 0)) + (undated.posts.value ?? 0)
  const shown = strictest([...marked])
  const own = new Map(report.manoeuvres.map(({ id, figures }) => [id, figures.posts.value]))
  return [
    ...fault(
      counted === totals.detections,
      `report.json: days and undated hold ${plural(counted, 'detection')}, the total is ${totals.detections}`,
    ),
    ...fault(
      posts === (totals.posts.value ?? 0),
      `report.json: days and undated hold ${plural(posts, 'post')}, the total is ${totals.posts.value}`,
    ),
    ...fault(fitsUnder(shown, marking), `report.json: it is ${marking} and holds something that is ${shown}`),
    ...fault(fitsUnder(marking, cap), `report.json: it is ${marking}, above its cap ${cap}`),
    ...report.manoeuvres.flatMap(({ id, figures }) =>
      fault(
        (figures.posts.value ?? 0) <= (totals.posts.value ?? 0) || totals.posts.qualifier !== 'exact',
        `report.json: ${id} has ${plural(figures.posts.value ?? 0, 'post')}, all together ${totals.posts.value}`,
      ),
    ),
    ...report.before.flatMap(({ period, totals: past }, at) =>
      report.headlines.flatMap(({ figure, comparison }) => {
        const told = comparison.before[at]
        const stands = figure === 'detections' ? past.detections : past[figure].value
        return fault(
          told?.value === null || told?.value === stands,
          `report.json: ${figure} of ${period}: ${stands}, and in the figures ${told?.value}`,
        )
      }),
    ),
    ...report.across.flatMap(({ manoeuvre, rows, total }) => [
      ...fault(
        (own.get(manoeuvre) ?? 0) <= (total.posts.value ?? 0),
        `report.json: ${manoeuvre} has ${plural(own.get(manoeuvre) ?? 0, 'post')}, with other territories ${total.posts.value}`,
      ),
      ...rows.flatMap(({ territory, posts: there }) =>
        fault(
          (there.value ?? 0) <= (total.posts.value ?? 0) || total.posts.qualifier !== 'exact',
          `report.json: ${manoeuvre} has ${plural(there.value ?? 0, 'post')} in ${territory}, in all territories ${total.posts.value}`,
        ),
      ),
    ]),
  ]
}

/** The lists of what has changed since the last report, against what counts here. */
const inSince = ({ since, totals, campaigns, quiet, group }: Report): readonly string[] => {
  if (!since) return []
  const { added, goesOn, ended } = since
  const active = [...added.listed, ...goesOn.listed]
  const manoeuvres = sum(active.map((one) => one.manoeuvres))
  const named = new Set(active.flatMap(({ campaign }) => campaign?.trim().toLowerCase() ?? []))
  const isCut = active.length < added.count + goesOn.count
  const missing = isCut ? undefined : campaigns.find(({ name }) => !named.has(name.trim().toLowerCase()))
  return [
    ...([added, goesOn, ended] as const).flatMap(({ count, listed, asked = count }) =>
      fault(
        // Of what has ended, all that a person says so of.
        listed.length === Math.min(count, Math.max(maxThreadsListed, count - asked)),
        `report.json: since the last report lists ${listed.length} and counts ${count}`,
      ),
    ),
    ...fault(
      isCut ? manoeuvres <= totals.manoeuvres : manoeuvres === totals.manoeuvres,
      `report.json: new and going on hold ${plural(manoeuvres, 'manoeuvre')}, the total is ${totals.manoeuvres}`,
    ),
    ...fault(
      missing === undefined,
      `report.json: the campaign ${missing?.name} counts, and is neither new nor goes on`,
    ),
    // What a group's edition before counts may go on in a member's own period.
    ...fault(
      !quiet || added.count + (group ? 0 : goesOn.count) === 0,
      'report.json: it is quiet, and something is new or goes on',
    ),
  ]
}

/** As a page says the four numbers; a question mark may stand between a word and its number. */
const changesWritten = (report: Report, language: Language): readonly string[] => {
  const { since, ofEditionAlone } = report
  if (!since) return []
  const [added, goesOn, ended, corrected] = changeWords[language]
  const { asked = 0 } = since.ended
  // Where only some are asked, their number stands after that of all.
  const isAsked = asked > 0 && asked === since.ended.count
  return [
    `${added}${ofEditionAlone ? inEdition[language] : ''} ${writtenCount(since.added.count, language)}`,
    `${goesOn} ${writtenCount(since.goesOn.count, language)}`,
    `${ended}${isAsked ? '?' : ''} ${writtenCount(since.ended.count, language)}`,
    `${corrected} ${writtenCount(since.corrected.length, language)}`,
  ]
}

const inCsv = async (csv: FinishedData['csv'], report: Report): Promise<readonly string[]> => {
  const { counted, others, given, posts, largest, above } = await readRows(csv, report.marking)
  const known = report.totals.posts.value
  const { marking, totals, ongoing, undatedHere, unlisted } = report
  const listed = ongoing.length + unlisted.ongoing + undatedHere.length + unlisted.undatedHere
  return [
    ...fault(
      counted === totals.detections,
      `detections.csv counts ${plural(counted, 'detection')}, report.json ${totals.detections}`,
    ),
    ...fault(others === listed, `detections.csv lists ${others} ongoing and undated, report.json ${listed}`),
    ...fault(
      (known === null) === (given === 0) || counted === 0,
      `detections.csv gives posts for ${plural(given, 'detection')}, report.json ${known} in all`,
    ),
    ...fault(
      known === null || known <= posts,
      `detections.csv gives ${plural(posts, 'post')} one by one, report.json ${known} in all`,
    ),
    ...fault(
      known === null || largest <= known || totals.posts.qualifier !== 'exact',
      `detections.csv gives a detection more posts than report.json gives all: ${known}`,
    ),
    ...fault(
      above === undefined,
      `detections.csv holds ${above?.id}, which is ${above?.marking}; the report is ${marking}`,
    ),
  ]
}

/** Row by row: a million of them are never held. `above` is the first that is marked above the report. */
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

const inStix = async (stix: FinishedData['stix'], report: Report): Promise<readonly string[]> => {
  const { incidents, marked, told } = await readBundle(stix)
  const listed = new Set(
    [...report.manoeuvres, ...report.ongoing, ...report.undatedHere].flatMap(({ id, parts }) => [
      id,
      ...parts.map((part) => part.id),
    ]),
  ).size
  const shown = strictest([...marked])
  return [
    ...fault(
      incidents === listed,
      `report.stix.json holds ${plural(incidents, 'incident')}, report.json lists ${plural(listed, 'detection')}`,
    ),
    ...fault(
      fitsUnder(shown, report.marking),
      `report.stix.json holds something that is ${shown}; the report is ${report.marking}`,
    ),
    ...fault(
      JSON.stringify(told) === JSON.stringify(report.totals),
      'report.stix.json has other totals than report.json',
    ),
  ]
}

const readBundle = async (stix: FinishedData['stix']) => {
  const markedIn = new Map(markings.map((marking) => [tlpDefinitions[marking], marking]))
  const read = { incidents: 0, marked: new Set<Marking>(), reports: [] as StixObject[] }
  const take = (objects: readonly StixObject[]): void => {
    for (const object of objects) {
      if (object.type === 'incident') read.incidents += 1
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
  return { ...read, told: first?.extensions?.[vigieExtension]?.report?.totals }
}

/** Each headline figure with its qualifier, and the page's own marking. */
const inText = (file: string, text: string, report: Report, language: Language): readonly string[] => {
  const page = squeezed(text)
  const { unknown, dossier } = report.pages[language]
  return [
    ...report.headlines.flatMap(({ figure, total }) => {
      const written = writtenFigure(total, report, language)
      return fault(page.includes(squeezed(written)), `${file} does not say that ${figure} are ${written}`)
    }),
    ...changesWritten(report, language).flatMap((written) =>
      fault(page.includes(squeezed(written)), `${file} does not say: ${written}`),
    ),
    ...fault(((unknown ?? dossier?.unknown)?.items.length ?? 0) > 0, `${file} says nothing of what is not known`),
    ...(report.flash ? [report.pages[language].flash?.readers.items.at(-1)?.text ?? []] : []).flatMap((last) => {
      const written = last.map((one) => one.text).join('')
      return fault(
        written !== '' && page.includes(squeezed(written)),
        `${file} does not end with what readers should not do`,
      )
    }),
    ...fault(page.includes(squeezed(report.marking)), `${file} does not say that it is ${report.marking}`),
  ]
}

/** The mail that would announce it, where it may tell anything. */
const inMail = (report: Report, language: Language): readonly string[] => {
  const links = { read: 'https://example.org/', unsubscribe: 'https://example.org/' }
  const letter = letterOf(report, {
    recipient: { language, name: undefined, organisation: undefined },
    tells: 'findings',
    occasion: { kind: 'first' },
    links,
    attached: false,
  })
  const mail = `the mail in ${language === 'fr' ? 'French' : 'English'}`
  const told = squeezed((letter.told?.caveats ?? []).flatMap(({ text }) => text.map((one) => one.text)).join(' '))
  const changes = letter.told ? changesWritten(report, language) : []
  return [
    ...changes.flatMap((written) =>
      fault(told.replaceAll(':', '').includes(squeezed(written)), `${mail} does not say: ${written}`),
    ),
    ...fault(letter.marking === report.marking, `${mail} is ${letter.marking}, the report ${report.marking}`),
    ...(letter.told?.figures.rows ?? []).flatMap(({ qualifier: said, value }, at) => {
      const total = report.headlines[at]?.total
      const written = total ? writtenFigure(total, report, language) : 'nothing'
      // What is behind the qualifier says whose the figure is, and not how much it is.
      const [qualifier = ''] = said.split(', ')
      return fault(
        squeezed(`${qualifier} ${value}`) === squeezed(written),
        `${mail} says ${qualifier} ${value} where report.json says ${written}`,
      )
    }),
  ]
}

/** Said once more, and not taken from the catalogues: a wording that went wrong there must show here. */
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
  en: ['new', 'goes on', 'ended', 'corrected'],
} as const

const writtenCount = (count: number, language: Language): string =>
  new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB').format(count)

const writtenOf = ({ value, qualifier }: Total, language: Language): string => {
  if (value !== null) return new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB').format(value)
  if (qualifier === 'not watched') return '–'
  return language === 'fr' ? 'n. c.' : 'n/a'
}

/** Every marking that a value holds. */
const addMarkings = (value: unknown, found: Set<Marking>): void => {
  JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'marking' && markings.includes(inner as Marking)) found.add(inner as Marking)
    return key === 'pages' ? undefined : inner
  })
}

const squeezed = (text: string): string => text.normalize('NFKC').replace(/\s+/gu, '')

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)
