/**
 * The room's lists of figures of up to twelve digits, on every screen: none is broken inside, no date and no word
 * either.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { bigWeek } from '../../support/big-figures.ts'
import { brokenOn } from '../../support/broken-words.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

const screens = [1920, 1100, 900, 390].map((width) => ({ media: 'screen', width }) as const)
const paths = [
  '/room?week=2026-W47',
  '/room/archive?period=2026-W47',
  '/room/detections?period=2026-W47',
  '/room/detections/joint-1?territory=RE&period=2026-W47',
  '/room/RE/2026-W47/amber',
  '/room/notes?territory=RE&period=2026-W47',
  '/room/coverage?week=2026-W47',
  '/room/inbox?kind=candidate',
  '/room/sources',
  '/room/history',
  '/room/reports',
] as const

let reader: Reader
let room: Room
beforeAll(async () => {
  reader = await openReader()
  room = await openRoom()
  const { opened } = room
  const period = parsePeriod('2026-W47')
  const largest = 10_000_000_000
  opened.at('2026-11-26T12:00:00.000Z')
  const records = bigWeek(period, largest)
  const make = async (...subjects: readonly ('ALL' | 'RE' | 'NC')[]) => {
    for (const territory of subjects) await generateReport({ territory, period, cap: 'TLP:AMBER' }, opened.services)
  }
  await ingestInto(opened, records)
  await make('ALL', 'RE', 'NC')
  // A second version, with another figure.
  const [first] = records.filter(({ id }) => id === 'own-RE-1')
  if (first) await ingestInto(opened, [{ ...first, counts: { ...first.counts, posts: largest - 77 } }])
  await make('RE')
})
afterAll(async () => {
  await reader.close()
  await room.close()
})

it.each(
  paths.flatMap((path, at) => (at < 3 ? languages : ['fr' as const]).map((language) => [path, language] as const)),
)('breaks no figure up to 10,000,000,000: %s, %s', async (path, language) => {
  const { status, text } = await room.page(path, language)
  expect(status).toBe(200)
  expect(await brokenOn(await styled(room, text), reader, screens)).toEqual({})
})

/** The page with its style sheet and fonts inside, since it is shown without a server. */
const styled = async (room: Room, html: string): Promise<string> => {
  const [link = '', href = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(html) ?? []
  const css = await (await room.get(href)).text()
  return html.replace(
    link,
    () => `<style>${fontFaceCss('screen')}${css.replace(/@font-face\s*\{[^}]*\}/g, '')}</style>`,
  )
}
