/** A page as one self-contained HTML document. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Handlebars from 'handlebars'
import type { Segment } from '../domain/core/language/language.ts'
import type { Language } from '../domain/core/language/languages.ts'
import { maximum } from '../domain/core/lists.ts'
import { type Marking, markingSlug } from '../domain/core/marking.ts'
import type { Lane, Lanes } from '../domain/page/first/lanes.ts'
import type { National } from '../domain/page/first/national.ts'
import type { Trend } from '../domain/page/first/trend.ts'
import type { GroupSection } from '../domain/page/front/group.ts'
import type { ChangeSign } from '../domain/page/front/since.ts'
import type { Bar, Bracket } from '../domain/page/front/time.ts'
import type { Scale } from '../domain/page/manoeuvre/assessment.ts'
import type { ChainDrawing } from '../domain/page/manoeuvre/attribution.ts'
import type { ShareTable } from '../domain/page/manoeuvre/lists.ts'
import type { RhythmChart } from '../domain/page/manoeuvre/rhythm.ts'
import type { Page } from '../domain/page/page.ts'
import { checkLabel, labelSource, labelsOf } from '../domain/page/words/labels.ts'
import type { BarValue } from '../domain/page/words/phrases.ts'
import type { WatchSign } from '../domain/page/words/watch.ts'
import { labelKeysChecked } from '../templating/label-keys.ts'
import { narrowCells, withWholeWords } from '../templating/narrow-cells.ts'
import { strictTemplates, TemplateError } from '../templating/strict.ts'
import { actorChain } from './drawings/chain.ts'
import { assessmentScale, breakoutScale, dayBars, historyBars, partBar, shareBar, signOf } from './drawings/charts.ts'
import { laneAxis, laneChart } from './drawings/lanes.ts'
import { levelSteps, trendChart } from './drawings/levels.ts'
import { landMark, outline } from './drawings/maps.ts'
import { rhythmBars, rhythmFoot } from './drawings/rhythm.ts'
import { changeMark, watchMark, watchStrip } from './drawings/strips.ts'
import { fontFolder } from './fonts.ts'

const { SafeString } = Handlebars

/** `fonts` is the CSS of `fontFaceCss`; `numbers` are the sheets of sections, by anchor. */
export const renderHtml: Templates['render'] = (...given) => builtInTemplates().render(...given)

const layoutOf = (
  page: Page,
  { css, platesCss, fonts }: { readonly css: string; readonly platesCss: string; readonly fonts: string },
  { numbers, pictures = new Map() }: { readonly numbers?: SheetsOf; readonly pictures?: PicturesEmbedded },
) => {
  const rows = page.time?.rows ?? []
  const across = rows.length <= maxDaysAcross
  return {
    styleSheet: new SafeString(
      unclosable([css, ...(page.annex?.plates ? [platesCss] : []), fonts, sheetRules(page)].join('\n')),
    ),
    pictures,
    labels: labelsOf(page),
    hasContents: hasContents(page),
    /** Empty until the sheets are known. */
    method: numbers?.get('sources') === undefined ? '' : String(numbers.get('sources')),
    contents: {
      ...page.contents,
      items: page.contents.items.map((item) => ({ ...item, number: numbers?.get(item.anchor) })),
    },
    daysAcross: across,
    dayColumns: across ? null : columnsOf(rows),
  }
}

/** Shows a table of contents only for three or more entries. */
export const hasContents = (page: Page): boolean => page.contents.items.length >= 3

const maxDaysAcross = 7

const columnsOf = <Item>(items: readonly Item[]): readonly (readonly Item[])[] => {
  const height = Math.ceil(items.length / (items.length <= 14 ? 2 : 3))
  return Array.from({ length: Math.ceil(items.length / height) }, (_, at) =>
    items.slice(at * height, (at + 1) * height),
  )
}

/** For 12 pt bold: margin boxes do not shrink to their text. */
const chipWidths: Record<Marking, string> = {
  'TLP:CLEAR': '25mm',
  'TLP:GREEN': '25.6mm',
  'TLP:AMBER': '26mm',
  'TLP:AMBER+STRICT': '41.6mm',
  'TLP:RED': '20.5mm',
}

const sheetRules = ({ marking, running, house }: Page): string => {
  const chip = `content:${cssString(marking)};color:var(--tlp-${markingSlug(marking)});width:${chipWidths[marking]}`
  return [
    ...(house.accent ? [`@media print,(prefers-color-scheme:light){:root{--accent:${house.accent}}}`] : []),
    ...(house.accentDark ? [`@media screen and (prefers-color-scheme:dark){:root{--accent:${house.accentDark}}}`] : []),
    '@page{',
    `@top-left{content:${cssString(running.head)}}`,
    `@top-right{${chip}}`,
    `@bottom-left{content:${cssString(running.foot)}}`,
    `@bottom-right{${chip}}`,
    '}',
    '@page:first{@top-left{content:none}}',
  ].join('')
}

/** Escapes by six digits, which swallow no following sign. */
export const cssString = (text: string): string =>
  `"${text.replace(/["\\<>\p{Cc}\u2028\u2029]/gu, (sign) => `\\${(sign.codePointAt(0) ?? 0).toString(16).padStart(6, '0')}`)}"`

/** Escapes `</`, so that CSS cannot close its style element. */
const unclosable = (css: string): string => css.replaceAll('</', '<\\/')

const plain = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

const longerThan = 1200
/** Longer lists would hide the following content on a phone. */
const operationsOpen = 8

const helpers = {
  ...narrowCells,
  t: (key: string, { data }: { readonly data: { readonly root: ReturnType<typeof layoutOf> } }) =>
    data.root.labels(key),
  historyBars: (history: readonly BarValue[], text: string) => new SafeString(historyBars(history, text)),
  dayBars: (bars: readonly Bar[], text: string, brackets: readonly Bracket[]) =>
    new SafeString(dayBars(bars, text, brackets)),
  breakoutScale: (category: number, text: readonly Segment[]) => new SafeString(breakoutScale(category, plain(text))),
  landMark: (code: string) => new SafeString(landMark(code)),
  changeMark: (sign: ChangeSign) => new SafeString(changeMark(sign)),
  laneChart: (lane: Lane, ticks: Lanes['ticks']) => new SafeString(laneChart(lane, ticks)),
  /** Where page 1 has no room for each lane. */
  moreLanes: (group: GroupSection, national: National | null) =>
    (group.lanes?.rows.length ?? 0) > (national?.lanes?.rows.length ?? 0),
  laneAxis: (ticks: Lanes['ticks']) => new SafeString(laneAxis(ticks)),
  outline: (code: string, language: Language) => new SafeString(outline(code, language)),
  levelSteps: (steps: number) => new SafeString(levelSteps(steps)),
  /** Handlebars adds its options where `isNarrow` is left out. */
  trendChart: (trend: Trend, isNarrow: unknown) => new SafeString(trendChart(trend, isNarrow === true)),
  partBar: (bar: Parameters<typeof partBar>[0], most: number) => new SafeString(partBar(bar, most)),
  actorChain: (chain: ChainDrawing) => new SafeString(actorChain(chain)),
  assessmentScale: (scale: Scale) => new SafeString(assessmentScale(scale)),
  rhythmBars: (chart: RhythmChart) => new SafeString(rhythmBars(chart)),
  rhythmFoot,
  shareBar: (share: number) => new SafeString(shareBar(share)),
  pictureAddress: (pictures: PicturesEmbedded, sha256: string) => {
    const address = pictures.get(sha256)
    if (address === undefined) throw new Error(`the picture ${sha256} was not given to the page`)
    return address
  },
  shareColumns: (tables: readonly ShareTable[]) => {
    const narrow = tables.filter(({ wide }) => !wide)
    const inTurn = [0, 1].map((side) => narrow.filter((_, at) => at % 2 === side))
    const columns = inTurn.map((own) => ({ wide: false, tables: own }))
    return [...columns, { wide: true, tables: tables.filter(({ wide }) => wide) }].filter(
      (one) => one.tables.length > 0,
    )
  },
  same: (a: string, b: string) => a === b,
  signOf: (state: string) => new SafeString(signOf(state)),
  termRoom: (entries: readonly { readonly term: string; readonly sign?: string }[]) => {
    const longest = maximum(entries.map(({ term, sign }) => term.length + (sign ? 3 : 0)))
    return longest <= 2 ? 'short' : longest <= 10 ? 'middle' : 'wide'
  },
  watchStrip: (days: readonly WatchSign[], text: string) => new SafeString(watchStrip(days, text)),
  watchMark: (sign: WatchSign) => new SafeString(watchMark(sign)),
  /** Long rows may break across sheets; others stay whole. */
  isLong: (paragraphs: readonly (readonly Segment[])[]) =>
    paragraphs.reduce((length, paragraph) => length + plain(paragraph).length, 0) > longerThan,
  isLongText: (words: { readonly text: string } | null | undefined) => (words?.text.length ?? 0) > longerThan,
  isLongList: (rows: readonly unknown[]) => rows.length > operationsOpen,
}

const partials = [
  'across',
  'annex',
  'assessment',
  'attribution',
  'basis',
  'briefly',
  'card',
  'cell',
  'changes',
  'closing',
  'cluster',
  'disarm',
  'dossier-chapters',
  'dossier-front',
  'dossier-table',
  'figures',
  'flash',
  'group',
  'label',
  'lanes',
  'lines',
  'listed',
  'manoeuvres',
  'note',
  'page-one',
  'page-one-unknown',
  'plates',
  'provenance',
  'rhythm',
  'row',
  'segments',
  'shares',
  'since',
  'sources',
  'sub-periods',
  'time',
  'unknown',
  'watch-for',
  'words',
] as const

type SheetsOf = ReadonlyMap<string, number | string> | undefined

export type PicturesEmbedded = ReadonlyMap<string, string>

/** Built-in page templates or an organisation's custom ones. */
export type Templates = {
  render(page: Page, fonts: string, numbers?: SheetsOf, pictures?: PicturesEmbedded): string
  readonly texts: readonly string[]
}

let builtIn: Templates | undefined

export const builtInTemplates = (): Templates => {
  builtIn ??= openTemplates()
  return builtIn
}

/** @throws TemplateError on an override that matches no built-in file: it is probably misspelt */
const refuseStrangers = (folder: string): void => {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TemplateError(
      `${folder} is no folder: lay one out as templates/ is, by report.hbs, report.css, partials/`,
    )
  }
  const strangersIn = (below: string, known: readonly string[]) =>
    existsSync(join(folder, below))
      ? readdirSync(join(folder, below))
          .filter((name) => /\.(hbs|css)$/.test(name) && !known.includes(name))
          .map((name) => join(folder, below, name))
      : []
  const strangers = [
    ...strangersIn('', ['report.hbs', 'report.css', 'plates.css']),
    ...strangersIn(
      'partials',
      partials.map((name) => `${name}.hbs`),
    ),
  ]
  if (strangers.length === 0) return
  throw new TemplateError(
    `${strangers.join(', ')} ${strangers.length === 1 ? 'replaces' : 'replace'} no template: those of a report are report.hbs, report.css, plates.css and what is in templates/partials/`,
  )
}

/** Missing files fall back to the built-in templates. @throws TemplateError */
export const openTemplates = (folder?: string): Templates => {
  const own = dirname(fontFolder())
  if (folder !== undefined) refuseStrangers(folder)
  const texts: string[] = []
  const find = (name: string): { file: string; text: string } => {
    const candidates = folder === undefined ? [join(own, name)] : [join(folder, name), join(own, name)]
    const file = candidates.find((candidate) => existsSync(candidate)) ?? join(own, name)
    const text = readFileSync(file, 'utf8')
    texts.push(text)
    return { file, text }
  }
  const labels = new Set<string>()
  const templates = strictTemplates(helpers, {
    check: labelKeysChecked((key) => {
      checkLabel(key)
      labels.add(key)
    }),
  })
  const compile = (name: string): Handlebars.TemplateDelegate => {
    const { file, text } = find(name)
    // Partials are trimmed so that headings keep their white space.
    return templates.compile(file, name === 'report.hbs' ? text : text.trimEnd())
  }
  for (const name of partials) templates.partial(name, compile(`partials/${name}.hbs`))
  const template = compile('report.hbs')
  const css = find('report.css').text
  const platesCss = find('plates.css').text
  texts.push(labelSource(labels))
  return {
    texts,
    render: (page, fonts, numbers, pictures) =>
      withWholeWords(
        template({ ...page, ...layoutOf(page, { css, platesCss, fonts }, { numbers, ...(pictures && { pictures }) }) }),
      ),
  }
}
