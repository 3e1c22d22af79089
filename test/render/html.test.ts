/** The page's HTML: escaped, complete, self-contained and well formed. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { markings } from '../../lambdas/domain/core/marking.ts'
import type { Page } from '../../lambdas/domain/page/page.ts'
import type { BarValue } from '../../lambdas/domain/page/words/phrases.ts'
import {
  assessmentScale,
  breakoutScale,
  dayBars,
  historyBars,
  partBar,
  shareBar,
} from '../../lambdas/render/drawings/charts.ts'
import { refuseActiveContent, shownText, styleText } from '../../lambdas/render/html-check.ts'
import { cssString, renderHtml } from '../../lambdas/render/html.ts'
import { boundSigns } from '../../lambdas/templating/narrow-cells.ts'
import { withoutRuns } from '../support/date-runs.ts'
import { dossierPage, flashPage, fullPage, groupPage, pageOfDays, quietPage, withStrings } from '../support/pages.ts'

type Element = DefaultTreeAdapterTypes.Element
type Node = DefaultTreeAdapterTypes.Node

const pages: readonly (readonly [string, Page])[] = [
  ['a full page', fullPage()],
  ['a group’s page', groupPage()],
  ['a dossier’s page', dossierPage()],
  ['a flash note', flashPage()],
  ['a quiet page', quietPage()],
  ['a month', pageOfDays(31)],
  ['a year', pageOfDays(12)],
]

const attacks = [
  '</style><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `' onload='alert(1)' x='`,
  '</title></svg></table><iframe>',
  '{{constructor}}{{{lookup this "constructor"}}}',
  '<!--<script>]]>',
  '\\"}body{display:none}@import "http://evil.example";',
  '\u202eetad\u2066',
  '&lt;b&gt; & ` = /',
]

const elementsOf = (node: Node): Element[] => [
  ...('tagName' in node ? [node] : []),
  ...('childNodes' in node ? node.childNodes.flatMap(elementsOf) : []),
]

const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((one) => one.name === name)?.value

/** Names of elements and attributes in their order. */
const shape = (html: string): string[] =>
  elementsOf(parse(html))
    .filter(
      ({ attrs }) =>
        !attrs.some(({ name, value }) => name === 'class' && ['unbroken', 'date', 'dates'].includes(value)),
    )
    .map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '))

/** All texts of the document, with attributes and the strings of its style sheet. */
const everything = (document: string): string => {
  const html = withoutRuns(document)
  return [
    ...shownText(html),
    ...elementsOf(parse(html)).flatMap((element) => [
      ...element.attrs.map(({ value }) => value),
      ...(element.tagName === 'title' ? element.childNodes.map((child) => ('value' in child ? child.value : '')) : []),
    ]),
    styleText(html),
  ].join('\n')
}

describe('hostile text', () => {
  it.each(attacks)('stays text: %s', (attack) => {
    for (const [, page] of pages) {
      const shapeWith = (more: string) =>
        shape(
          renderHtml(
            withStrings(page, (text) => `${text}${more}`),
            '',
          ),
        )
      // A label without room for as many characters is not drawn.
      expect(shapeWith(attack)).toEqual(shapeWith('x'.repeat(attack.length)))
    }
  })

  it('is shown as written', () => {
    const attack = '</b><script>{{constructor}}</script>&amp;"\''
    const html = renderHtml(
      withStrings(groupPage(), () => attack),
      '',
    )
    expect(shownText(html).filter((text) => text.includes(attack)).length).toBeGreaterThan(100)
    expect(() => refuseActiveContent(html)).not.toThrow()
  })

  it('in the margins of a sheet cannot end its CSS string', () => {
    expect(cssString('a"b\\c</style>\nd\u00a0e')).toBe('"a\\000022b\\00005cc\\00003c/style\\00003e\\00000ad\u00a0e"')
  })

  it('cannot close the style element from the fonts either', () => {
    const html = renderHtml(fullPage(), '/* </style><script> */')
    expect(shape(html)).toEqual(shape(renderHtml(fullPage(), '')))
  })

  it('with another direction of writing is isolated', () => {
    const { manoeuvres } = fullPage()
    const title = manoeuvres?.cards[0]?.title.text ?? ''
    const names = elementsOf(parse(renderHtml(fullPage(), ''))).filter(({ childNodes }) =>
      childNodes.some((child) => 'value' in child && (child.value === title || child.value === 'Première')),
    )
    expect(names.length).toBeGreaterThan(2)
    expect(new Set(names.map(({ tagName }) => tagName))).toEqual(new Set(['bdi']))
    expect(names.map((element) => attribute(element, 'lang'))).toContain('ar')
  })
})

describe('a date', () => {
  it.each(pages)('has no line break inside: %s', (_, page) => {
    const date = '18\u00a0novembre\u00a02026, 08\u202fh\u202f25\u00a0– 21\u00a0novembre\u00a02026, 16\u202fh\u202f25'
    const html = renderHtml(
      withStrings(page, (text) => `${text} ${date}`),
      '',
    )
    const dates = elementsOf(parse(html.replace(/<(svg|title)\b[^]*?<\/\1>/g, '')))
      .filter(({ tagName }) => tagName !== 'style')
      .flatMap(({ childNodes }) => childNodes.flatMap((child) => ('value' in child ? [child.value] : [])))
      .filter((text) => /novembre\u00a02026|\u202fh\u202f/.test(text))
    expect(dates.length).toBeGreaterThan(100)
    const runs = [
      '18\u00a0novembre\u00a02026,',
      '08\u202fh\u202f25\u00a0–',
      '21\u00a0novembre\u00a02026,',
      '16\u202fh\u202f25',
    ]
    expect(dates.filter((text) => !runs.includes(text.trim().replace(/\.$/, '')))).toEqual([])
  })
})

describe('the content of a page', () => {
  // The code is not printed, and the words of a bar are in the table.
  const unprinted =
    /^\.(territoryCode|manoeuvres\.cards\.0\.(campaign|rhythm\.(shades\.\d+\.kind|mean\.side)|attribution\.table\.(kind|rows\.\d+\.0\.label))|markingSlug|dossier\.chapters\.\d+\.chain\.links\.\d+\.weight|time\.chart\.bars\..*)$/

  // In the subject of a mail; and a dossier compares no periods, and has its key points in its rows.
  const ofOthers =
    /^\.(territory|kind|figures\.(head|note)\..*|figures\.rows\.\d+\.(history|before|change|median|multiple|reading).*|dossier\..*\.rows\.\d+\.0\.label)$/

  // A flash note has its key points in its blocks, and no other figures or sources.
  const notOnNote = /^\.(territory|kind|period|figures|sources|changes)(\..*)?$/

  // Page 1 of a territory or group has its own sentences; a mail has these. A missing figure is drawn, not written.
  const besidesFirst =
    /^\.(kind|period|watch\..*|unknown\..*|contents\..*|first\.(method|methodAnnex|national\.(headline|tiles\.\d+\.level\.(name|atLeast)|manoeuvres\.rows\.\d+\.(size|spread|level\.(name|atLeast)))|trend\.(note|gap|points\.\d+\.(label|value|written))))$/

  it.each(pages)('is all in the document: %s', (_, page) => {
    const written = new Map<string, string>()
    const marked = withStrings(page, (text, path) => {
      const unique = `${text}~${written.size}~`
      written.set(path, unique)
      return unique
    })
    const short = page.contents.items.length < 3
    const shown = everything(renderHtml(marked, ''))
    const missing = [...written].filter(
      ([path, text]) =>
        !unprinted.test(path) &&
        !(page.dossier && ofOthers.test(path)) &&
        !(page.flash && notOnNote.test(path)) &&
        !(page.first && besidesFirst.test(path)) &&
        !(short && path.startsWith('.contents')) &&
        !shown.includes(text) &&
        !shown.includes(boundSigns(text)),
    )
    expect(missing).toEqual([])
  })

  it('draws each period and each day', () => {
    const html = renderHtml(fullPage(), '')
    const kinds = elementsOf(parse(html)).flatMap((element) => attribute(element, 'class') ?? [])
    expect(kinds.filter((kind) => kind === 'past')).toHaveLength(5)
    expect(kinds.filter((kind) => kind === 'slot')).toHaveLength(1 + 1)
    // Periods, days, breakout, share, day with detections, accounts, scales, an analyst's scale, hours.
    expect(kinds.filter((kind) => kind === 'subject')).toHaveLength(1 + 2 + 1 + 1 + 1 + 2 + 2 + 1 + 2)
    expect(kinds.filter((kind) => kind === 'others')).toHaveLength(1)
  })

  it('names a campaign above its first manoeuvre, and next to the others', () => {
    const { manoeuvres, ...page } = fullPage()
    const [first] = manoeuvres?.cards ?? []
    if (!manoeuvres || !first) throw new Error('the full page has no manoeuvre')
    const shown = (campaignLine: typeof first.campaignLine) =>
      shownText(renderHtml({ ...page, manoeuvres: { ...manoeuvres, cards: [{ ...first, campaignLine }] } }, '')).filter(
        (text) => text === first.campaign,
      )
    expect(shown(first.campaignLine)).toHaveLength(1)
    expect(shown([])).toHaveLength(1)
  })

  it('has page numbers in its contents where they are known', () => {
    const numbers = (html: string) =>
      elementsOf(parse(html))
        .filter((element) => attribute(element, 'class') === 'page')
        .map(({ childNodes: [text] }) => text && 'value' in text && text.value)
    const known = new Map([
      ['manoeuvres', 2],
      ['sources', 12],
    ])
    expect(numbers(renderHtml(fullPage(), '', known))).toEqual(['12'])
    const dossier = { ...fullPage(), dossier: dossierPage().dossier, first: null }
    expect(numbers(renderHtml(dossier, '', known))).toEqual(['2', '12'])
  })
})

describe('the document', () => {
  it.each(pages)('is well formed, with unique ids and valid references: %s', (_, page) => {
    const errors: string[] = []
    const html = renderHtml(page, '')
    const all = elementsOf(parse(html, { onParseError: ({ code }) => errors.push(code) }))
    expect(errors).toEqual([])
    const ids = all.flatMap((element) => attribute(element, 'id') ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const references = all.flatMap((element) => [
      attribute(element, 'aria-labelledby') ?? [],
      attribute(element, 'href')?.slice(1) ?? [],
    ])
    expect(references.flat().filter((id) => !ids.includes(id))).toEqual([])
  })

  it('uses no element without a tag in the PDF', () => {
    const names = new Set(elementsOf(parse(renderHtml(fullPage(), ''))).map(({ tagName }) => tagName))
    expect(['strong', 'em', 'aside'].filter((name) => names.has(name))).toEqual([])
  })

  it('has its Content-Security-Policy before any content', () => {
    const html = renderHtml(fullPage(), '')
    const [charset, csp] = elementsOf(parse(html)).filter(({ tagName }) => tagName === 'meta')
    expect(html.indexOf('<meta charset')).toBe(html.indexOf('<head>') + '<head>\n'.length)
    expect(charset && attribute(charset, 'charset')).toBe('utf-8')
    expect(csp && attribute(csp, 'http-equiv')).toBe('Content-Security-Policy')
    expect(csp && attribute(csp, 'content')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:",
    )
  })

  it.each(pages)('has no outside reference: %s', (_, page) => {
    const html = renderHtml(page, '')
    expect(() => refuseActiveContent(html)).not.toThrow()
    const links = elementsOf(parse(html)).flatMap((element) => attribute(element, 'href') ?? [])
    expect(links.filter((link) => !link.startsWith('#'))).toEqual([])
    expect(html).not.toMatch(/https?:\/\//)
  })

  it.each(markings)('carries %s on the screen and on each sheet', (marking) => {
    const html = renderHtml({ ...fullPage(), marking }, '')
    const chips = elementsOf(parse(html)).filter((element) => attribute(element, 'class')?.startsWith('tlp '))
    expect(chips.map(({ childNodes: [text] }) => text && 'value' in text && text.value)).toEqual([marking, marking])
    expect(styleText(html).split(`content:"${marking}"`)).toHaveLength(3)
    expect(styleText(html)).not.toContain('undefined')
  })

  it('lists its contents from three sections on', () => {
    expect(renderHtml({ ...fullPage(), dossier: dossierPage().dossier, first: null }, '')).toContain('<nav')
    expect(renderHtml(quietPage(), '')).not.toContain('<nav')
  })

  it('sets few days as columns, and many as two or three tables', () => {
    const tables = (page: Page) =>
      elementsOf(parse(renderHtml(page, ''))).filter(
        (element) => element.tagName === 'table' && attribute(element, 'aria-labelledby') === 'time',
      ).length
    expect([7, 8, 12, 14, 15, 31, 36].map((count) => tables(pageOfDays(count)))).toEqual([1, 2, 2, 2, 3, 3, 3])
  })
})

describe('charts', () => {
  it('show zero, little and not given differently', () => {
    const svg = historyBars([0, 1, 'not given', 1000, 'not watched'], 'Trois')
    expect(svg.match(/>–</g)).toHaveLength(1)
    expect(svg.match(/class="past"/g)).toHaveLength(2)
    expect(svg).toContain('height="0.09rem"')
    expect(svg.match(/class="slot"/g)).toHaveLength(1)
    expect(svg.match(/class="subject"/g)).toBeNull()
    expect(historyBars([3, 4], 'Deux').match(/class="subject"/g)).toHaveLength(1)
  })

  it('do not scale their words', () => {
    const bars = [{ label: 'lundi', value: 2, written: '2' }]
    const accounts = { of: 'set', part: 3, whole: 4, written: '3', spoken: 'a' } as const
    const level = { form: 'steps', at: 0, steps: ['faible', 'modérée', 'élevée'], text: 'a' } as const
    const band = { form: 'band', low: 80, high: 95, ends: ['0', '50', '100 %'], text: 'a' } as const
    const all = [
      historyBars([1], 'a'),
      dayBars(bars, 'a'),
      breakoutScale(2, 'a'),
      shareBar(0.5),
      partBar(accounts, 4),
      partBar({ ...accounts, part: 0, whole: 0 }, 0),
      assessmentScale(level),
      assessmentScale(band),
    ]
    for (const svg of all) {
      expect(svg).not.toContain('viewBox')
      expect(svg).not.toContain('NaN')
    }
  })

  it('have an empty slot where a number is not given', () => {
    const bar = (value: BarValue) => ({ label: 'lundi', value, written: `${value}` })
    const svg = dayBars([bar(2), bar('not given'), bar(0), bar('not watched')], 'a')
    expect(svg.match(/>–</g)).toHaveLength(1)
    expect(svg.match(/class="subject"/g)).toHaveLength(1)
    expect(svg.match(/class="slot"/g)).toHaveLength(1)
  })

  it('have a bracket over days with a common number', () => {
    const bars = ['lundi', 'mardi', 'mercredi'].map((label) => ({
      label,
      value: 'not given' as const,
      written: 'n. c.',
    }))
    const svg = dayBars(bars, 'a', [{ first: 1, last: 2, written: 'au moins 5' }])
    expect(svg.match(/class="bracket"/g)).toHaveLength(3)
    expect(svg).toContain('au moins 5')
  })

  it('are empty without values', () => {
    expect(dayBars([{ label: 'lundi', value: 0, written: '0' }], 'a')).toBe('')
    expect(dayBars([], 'a')).toBe('')
    expect(historyBars([], 'a')).not.toContain('<rect')
    expect(shareBar(0)).not.toContain('<rect')
  })

  it('fill the band of a likelihood, in its true width', () => {
    const svg = assessmentScale({ form: 'band', low: 45, high: 55, ends: ['0', '50', '100 %'], text: 'a' })
    expect(svg.match(/class="empty"/g)).toHaveLength(6)
    expect(svg).toContain('<rect class="subject" x="45%" y="0.188rem" width="10%"')
  })

  it('have both bars of accounts on one scale, and a number where it fits', () => {
    const bar = { of: 'set', part: 348, whole: 423, written: '348', spoken: 'a' } as const
    const [ofSet, ofAll] = [partBar(bar, 1686), partBar({ ...bar, of: 'participants', whole: 1686 }, 1686)]
    const widthOf = (svg: string) => /class="subject"[^>]* width="([\d.]+)%"/.exec(svg)?.[1]
    expect(widthOf(ofSet)).toBe(widthOf(ofAll))
    expect(ofSet).toContain('>348<')
    expect(partBar({ ...bar, part: 3, written: '3' }, 1686)).not.toContain('>3<')
    expect(ofSet).toContain('class="empty"')
    expect(ofAll).toContain('class="others"')
  })

  it('have a label for screen readers', () => {
    expect(breakoutScale(3, 'Catégorie "3" <sur> 6')).toContain('aria-label="Catégorie &quot;3&quot; &lt;sur&gt; 6"')
  })
})
