/**
 * No text of a source is too wide for a sheet, which would shrink the print. `VIGIE_ORACLE_RUNS` sets the number of
 * random sets.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { languages } from '../../lambdas/domain/core/language/languages.ts'
import { readDetection } from '../../lambdas/domain/detection/detection.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { renderHtml } from '../../lambdas/render/html.ts'
import { planted } from '../oracle/canaries.ts'
import { openReader, type Reader } from '../support/browser.ts'
import { reportOn } from '../support/reports.ts'

const runs = Math.min(Number(process.env.VIGIE_ORACLE_RUNS ?? 6), 300)

let reader: Reader
beforeAll(async () => {
  reader = await openReader()
})
afterAll(() => reader.close())

/** Without line-break opportunities. */
const signs = ['a', 'W', '0', '_', 'é', 'Щ', 'ﷺ', 'ש', '漢', 'က', '👨‍👩‍👧‍👦', '🇳🇨', 'e\u0301\u0323', '\u00a0a', 'a-', 'x/']

const { record, canaries } = planted('a')
const text = JSON.stringify({ ...record, marking: 'TLP:GREEN', partOf: undefined, territories: ['NC'] }).replaceAll(
  'TLP:RED',
  'TLP:GREEN',
)
const lengths = [10_000, 1_900, 900, 240, 110, 90, 60, 40, 25]
const withRun = (from: string, word: string, sign: string, length: number): string =>
  from.replaceAll(word, JSON.stringify(sign.repeat(Math.ceil(length / sign.length)).slice(0, length)).slice(1, -1))
const isTaken = (json: string): boolean => 'detection' in readDetection(JSON.parse(json))

/** The longest run for each field, except ids and numbers. */
const longest = new Map(
  canaries.flatMap(({ field, word }) => {
    if (/^\d+$/.test(word) || ['id', 'partOf', 'plates'].includes(field)) return []
    const length = lengths.find((one) => isTaken(withRun(text, word, 'a', one)))
    return length === undefined ? [] : [[word, { field, length }] as const]
  }),
)

const kinds = ['copy-paste', 'diverted-media', 'video', 'hashtag-hijack', 'offline-event', 'infrastructure', 'other']

type Input = {
  kind: string
  day: number
  sign: string
  fields: readonly string[]
  campaign: string | undefined
  isPart: boolean
  isBare: boolean
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

const recordOf = ({ kind, day, sign, fields, campaign, isPart, isBare }: Input, at: number): unknown => {
  const json = fields.reduce((from, word) => {
    const { length = 0 } = longest.get(word) ?? {}
    const next = withRun(from, word, sign, length)
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

const sheet = { width: 658, scheme: 'light' } as const

const overflows = (): readonly string[] => {
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth <= clientWidth) return []
  const wide = [...document.body.querySelectorAll('*')].filter(
    (one) => one.getBoundingClientRect().right > clientWidth + 1 && one.children.length === 0,
  )
  return wide.slice(0, 3).map((one) => `${one.closest('section,table')?.className}: ${one.outerHTML.slice(0, 200)}`)
}

it(`fits every field on a sheet (${runs} random sets)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(inputs, { minLength: 1, maxLength: 16 }), async (all) => {
      const found = all.map((one, at) => {
        const read = readDetection(recordOf(one, at))
        if ('refusal' in read) throw new Error(`${read.refusal.path} ${faultText(read.refusal)}`)
        return { detection: read.detection, revision: 1, storedAt: '2024-05-20T00:00:00.000Z' }
      })
      const { pages } = reportOn(found)
      for (const language of languages) {
        const page = await reader.show(renderHtml(pages[language], fontFaceCss('print')), sheet)
        await page.emulateMediaType('print')
        expect(await page.evaluate(overflows)).toEqual([])
      }
    }),
    { numRuns: runs },
  )
})
