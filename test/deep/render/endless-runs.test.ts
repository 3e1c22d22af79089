/**
 * Each text at its longest, without a place to break: the publish gate accepts the report, and nothing is cut or out of
 * its place. `VIGIE_ORACLE_RUNS` sets the number of random sets.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VisibleSource } from '../../../lambdas/domain/aggregate/watch/watch.ts'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { contentOf } from '../../../lambdas/domain/core/text/content.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import { type Detection, readDetection } from '../../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { type Note, newNoteSchema } from '../../../lambdas/domain/report/note.ts'
import { type Organisation, organisationSchema, sectionNames } from '../../../lambdas/domain/report/organisation.ts'
import { notesUnder } from '../../../lambdas/domain/report/shown-notes.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { builtInTemplates, renderHtml } from '../../../lambdas/render/html.ts'
import { renderFiles } from '../../../lambdas/render/render.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { planted } from '../../oracle/canaries.ts'
import { sheetOfPaper } from '../../support/broken-words.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { newFolder } from '../../support/cli.ts'
import { csvOn, reportOn } from '../../support/reports.ts'
import { draftFrom, openServices } from '../../support/services.ts'

const runs = Math.min(Number(process.env.VIGIE_ORACLE_RUNS ?? 6), 300)

let reader: Reader
let printer: Printer
beforeAll(async () => {
  reader = await openReader()
  printer = await openPrinter()
})
afterAll(async () => {
  await printer.close()
  await reader.close()
})

/** Without line-break opportunities. */
const signs = ['a', 'W', '0', '_', 'é', 'Щ', 'ﷺ', 'ש', '漢', 'က', '👨‍👩‍👧‍👦', '🇳🇨', 'e\u0301\u0323', '\u00a0a', 'a-', 'x/']

const { record, canaries } = planted('a')
const text = JSON.stringify({ ...record, marking: 'TLP:GREEN', partOf: undefined, territories: ['NC'] }).replaceAll(
  'TLP:RED',
  'TLP:GREEN',
)
const withRun = (from: string, word: string, sign: string, length: number): string =>
  from.replaceAll(word, JSON.stringify(sign.repeat(Math.ceil(length / sign.length)).slice(0, length)).slice(1, -1))
const isTaken = (json: string): boolean => 'detection' in readDetection(JSON.parse(json))

const longestOf = (word: string): number => {
  let [taken, refused] = [1, 20_001]
  while (refused - taken > 1) {
    const middle = (taken + refused) >> 1
    if (isTaken(withRun(text, word, 'a', middle))) taken = middle
    else refused = middle
  }
  return taken
}

/** The longest run for each field of the schema, except ids and numbers. */
const longest = new Map(
  canaries.flatMap(({ field, word }) =>
    /^\d+$/.test(word) || ['id', 'partOf', 'plates'].includes(field)
      ? []
      : [[word, { field, length: longestOf(word) }] as const],
  ),
)

const kinds = ['copy-paste', 'diverted-media', 'video', 'hashtag-hijack', 'offline-event', 'infrastructure', 'other']

type Input = {
  readonly kind: string
  readonly day: number
  readonly sign: string
  readonly fields: readonly string[]
  readonly campaign: string | undefined
  readonly isPart: boolean
  readonly isBare: boolean
}

const inputs = fc.record({
  kind: fc.constantFrom(...kinds),
  day: fc.integer({ min: 13, max: 19 }),
  sign: fc.constantFrom(...signs),
  fields: fc.oneof(fc.constant([]), fc.subarray([...longest.keys()], { minLength: 1 })),
  campaign: fc.constantFrom(undefined, 'Alpha', 'Beta'),
  isPart: fc.boolean(),
  isBare: fc.boolean(),
})

const bare = ['id', 'detector', 'title', 'observed', 'territories', 'marking', 'summary', 'counts']

const recordOf = ({ kind, day, sign, fields, campaign, isPart, isBare }: Input, at: number, most = 20_000): unknown => {
  const json = fields.reduce((from, word) => {
    const { length = 0 } = longest.get(word) ?? {}
    const next = withRun(from, word, sign, Math.min(most, length))
    return isTaken(next) ? next : from
  }, text)
  const { observed: _, id: __, ...rest } = JSON.parse(json)
  const kept = isBare ? Object.fromEntries(Object.entries(rest).filter(([field]) => bare.includes(field))) : rest
  return {
    ...kept,
    ...{ id: `d${at}`, kind, observed: { from: `2024-05-${day}` } },
    ...(campaign && { campaign }),
    ...(isPart && at > 0 && { partOf: 'd0' }),
    ...(isBare && { counts: { posts: 5 + at } }),
  }
}

const detectionOf = (written: unknown): Detection => {
  const read = readDetection(written)
  if ('refusal' in read) throw new Error(`${read.refusal.path} ${faultText(read.refusal)}`)
  return read.detection
}

const asOf = (detection: Detection) => ({ detection, revision: 1, storedAt: '2024-05-20T00:00:00.000Z' })

/** Texts that leave the sheet, their cell, their drawing or what is cut off at its edge. */
const outOfPlace = (): readonly string[] => {
  const found = new Set<string>()
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) found.add(`scrolls sideways by ${scrollWidth - clientWidth} px`)
  const cutting = [...document.body.querySelectorAll('*')].filter(
    (one) => getComputedStyle(one).overflowX !== 'visible' && !one.matches('.told, .skip'),
  )
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let one = texts.nextNode(); one; one = texts.nextNode()) {
    const parent = one.parentElement
    if (!parent || parent.closest('style, .told, .skip')) continue
    // A space may hang over the end of a line.
    const rects = [...(one.nodeValue ?? '').matchAll(/\S+/gu)].flatMap(({ 0: word, index }) => {
      const range = document.createRange()
      range.setStart(one, index)
      range.setEnd(one, index + word.length)
      return [...range.getClientRects()].filter(({ width }) => width > 0)
    })
    const places = [
      document.body,
      parent.closest('td, th, .level-tiles > li, .totals > div, .counts > div, .lanes dt, .rhythm-plot li, .party'),
      parent.closest('svg'),
      ...cutting.filter((box) => box.contains(parent)),
    ].flatMap((place) => (place ? [{ place, box: place.getBoundingClientRect() }] : []))
    for (const { place, box } of places) {
      const isTall = place.matches('.party')
      const isOut = rects.some(
        ({ left, right, top, bottom }) =>
          left < box.left - 1 || right > box.right + 1 || (isTall && (top < box.top - 1 || bottom > box.bottom + 1)),
      )
      if (isOut) found.add(`${parent.outerHTML.slice(0, 80)} is out of ${place.tagName} ${place.getAttribute('class')}`)
    }
  }
  return [...found]
}

const outOfPlaceIn = async ({ pages }: Report): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, readonly string[]> = {}
  for (const language of languages) {
    const page = await reader.show(renderHtml(pages[language], fontFaceCss('screen')), {
      width: sheetOfPaper.width,
      scheme: 'light',
    })
    await page.emulateMediaType('print')
    await page.evaluate('Promise.all([...document.fonts].map((font) => font.load())).then(() => {})')
    const out = await page.evaluate(outOfPlace)
    if (out.length > 0) found[language] = out
  }
  return found
}

const faultsOf = async (report: Report, found: Parameters<typeof csvOn>[0]) =>
  (await renderFiles(report, contentOf(csvOn(found)), printer, builtInTemplates(), (_step, work) => work())).faults

const ordinary = (at: number): Detection =>
  detectionOf({
    ...{ id: `o${at}`, detector: 'D3lta', kind: kinds[at % kinds.length], title: `Copies of a post ${at}` },
    ...{ territories: ['NC'], observed: { from: `2024-05-${13 + (at % 7)}` }, counts: { posts: 20 + at } },
    ...{ marking: 'TLP:GREEN', campaign: `Operation ${at % 10}`, platforms: ['X'] },
  })

const plain: Input = {
  ...{ kind: 'copy-paste', day: 15, sign: 'W', fields: [], campaign: undefined, isPart: false, isBare: false },
}

describe.each([0, 12])('among %i ordinary detections, each field of a detection', (neighbours) => {
  it.each([...longest])('%s', async (word) => {
    const long = asOf(detectionOf(recordOf({ ...plain, fields: [word] }, 0)))
    const others = Array.from({ length: neighbours }, (_, at) => asOf(ordinary(at)))
    expect(await outOfPlaceIn(reportOn([long, ...others]))).toEqual({})
  })
})

/** All texts at once, the neighbours' a sheet at most; campaigns are ten, as long as can be. */
const allLong = (count: number, most = 20_000): readonly Detection[] =>
  Array.from({ length: count }, (_, at) => {
    const campaign = `${'W'.repeat(99)}${at % 10}`
    const input = { ...plain, campaign, fields: [...longest.keys()], isBare: at % 3 === 2 }
    return detectionOf(recordOf({ ...input, kind: kinds[at % kinds.length] ?? '' }, at, at === 0 ? most : 300))
  })

it.each([1, 2, 3, 6, 11, 21, 31])('the gate accepts %i detections of which every text is long', async (count) => {
  const found = allLong(count).map(asOf)
  const report = reportOn(found)
  expect(await outOfPlaceIn(report)).toEqual({})
  expect(await faultsOf(report, found)).toEqual([])
})

it('the gate accepts ten campaigns with long names in folded rows', async () => {
  const found = Array.from({ length: 100 }, (_, at) =>
    asOf({ ...ordinary(at), campaign: `${'W'.repeat(299)}${at % 10}` }),
  )
  const report = reportOn(found)
  expect(report.pages.fr.manoeuvres?.rest?.tables.flatMap(({ folds }) => folds).length).toBeGreaterThan(1)
  expect(await outOfPlaceIn(report)).toEqual({})
  expect(await faultsOf(report, found)).toEqual([])
})

const long = (length: number): string => 'W'.repeat(length)
const both = (length: number) => ({ fr: long(length), en: long(length) })
const advice = { do: [both(160), both(160), both(160)], avoid: [both(160)] }

/** With every setting that a report has: a new one must be added here. */
const house: Required<Organisation> = {
  organisation: long(120),
  contact: long(200),
  guidance: { marking: 'TLP:CLEAR', levels: { 0: advice, 1: advice, 2: advice, 3: advice, 4: advice } },
  floors: {},
  phone: { marking: 'TLP:CLEAR', number: long(40), hours: both(20_000) },
  logo: 'data:image/png;base64,AAAA',
  ...{ accent: '#0c4a57', accentDark: '#7cc0cc', sections: [...sectionNames] },
  ...{ closing: both(20_000), legalBasis: both(20_000), rightOfReply: both(20_000) },
  room: `https://${long(60)}.example`,
  ...{ acrossTerritories: 'open', nameOfficeHolders: true, showWithheld: true, approvalOfClear: true },
  ...{ mail: {}, noteBeforeDelivery: false },
}

const note: Required<Note> = {
  ...{ territory: 'NC', period: '2024-W20', author: long(200), role: long(200), language: 'fr', marking: 'TLP:GREEN' },
  ...{ text: long(20_000), likelihood: { of: long(300), term: 'likely' }, confidence: 'high' },
  ...{ unknown: [long(500)], watch: [long(500)], recommended: [long(500)], avoid: [long(500)], ended: [long(200)] },
  ...{ approves: true, writtenAt: '2024-05-20T00:00:00.000Z' },
}

const sources: readonly VisibleSource[] = [1, 2].map((at) => {
  const input = { at: '2024-05-13T00:00:00.000Z', found: 0, marking: 'TLP:CLEAR', foundMarking: 'TLP:CLEAR' } as const
  return {
    ...{
      name: `${long(127)}${at}`,
      byHand: at === 2,
      marking: 'TLP:CLEAR',
      inputs: [input],
      first: input.at,
      last: input,
    },
    ...{ version: long(300), thresholds: { [long(64)]: long(300) }, expectedRhythm: 'PT6H', knownError: both(20_000) },
  }
})

describe('settings, notes and sources', () => {
  it('are at their longest', () => {
    expect(newNoteSchema.safeParse(note).error).toBeUndefined()
    expect(newNoteSchema.safeParse({ ...note, author: long(201) }).success).toBe(false)
    expect(organisationSchema.safeParse({ ...house, logo: 'logo.png', mail: undefined }).error).toBeUndefined()
    for (const more of [{ organisation: long(121) }, { contact: long(201) }, { closing: both(20_001) }])
      expect(organisationSchema.safeParse(more).success).toBe(false)
  })

  it.each([1, 12])('with %i detections', async (count) => {
    const found = Array.from({ length: count }, (_, at) => asOf(ordinary(at)))
    const report = reportOn(found, {
      house: { ...house, logo: undefined },
      notes: notesUnder([note], 'TLP:AMBER'),
      sources,
    })
    expect(await outOfPlaceIn(report)).toEqual({})
    expect(await faultsOf(report, found)).toEqual([])
  })
})

it('the nation, a month and a dossier', async () => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder, '2024-05-20T05:00:00.000Z', printer)
  try {
    // Plates are added before.
    const found = allLong(12, 1_000).map(({ plates: _, ...one }) => one)
    const taken = await ingestDetections(
      found.map((detection) => ({ detection })),
      'long.ndjson',
      opened.services,
    )
    expect(taken.rejects).toEqual([])
    opened.at('2024-06-02T00:00:00.000Z')
    const campaign = found[0]?.campaign ?? ''
    for (const [territory, period] of [
      ['ALL', '2024-W20'],
      ['ALL', '2024-05'],
      [campaignCode(campaign), '2024-W22'],
    ] as const) {
      const report = await draftFrom(opened, territory, period, { campaign })
      expect(await outOfPlaceIn(report)).toEqual({})
      // Its CSV is made elsewhere.
      expect((await faultsOf(report, [])).filter(({ path }) => path !== 'detections.csv')).toEqual([])
    }
  } finally {
    await opened.close()
    await remove()
  }
})

it(`${runs} random sets in many scripts`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(inputs, { minLength: 1, maxLength: 16 }), async (all) => {
      const found = all.map((one, at) => asOf(detectionOf(recordOf(one, at))))
      expect(await outOfPlaceIn(reportOn(found))).toEqual({})
    }),
    { numRuns: runs },
  )
})
