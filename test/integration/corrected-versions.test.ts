/** A new version names what was corrected or withdrawn, and reveals nothing above its cap or in public. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Caller, everything } from '../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { reportsWaiting } from '../../lambdas/usecases/reports/schedules/what-waits.ts'
import { newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let opened: Opened
let home: string
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})
afterAll(() => cleanUp())

const report = async (cap: Marking): Promise<Report> =>
  (await generateReport({ territory: 'NC', period: parsePeriod('2024-W20'), cap }, opened.services)).report

const correctionIn = ({ pages }: Report): string =>
  (pages.en.first?.correction?.text ?? [])
    .map(({ text }) => text)
    .join('')
    .replaceAll('\u00a0', ' ')

const changed = async (command: string, id: string, ...asked: readonly string[]): Promise<void> => {
  const ran = await vigie([command, id, ...asked, '--by', 'C. Canary', '--reason', 'a canary reason', '--home', home])
  expect(ran.code).toBe(0)
}

it('page 1 names the detection with both figures, who and why, in public without these', async () => {
  const marking = 'TLP:CLEAR' as const
  await ingestInto(opened, [
    input({ id: 'one', title: { en: 'One' }, counts: { posts: 200 }, marking }),
    input({ id: 'two', title: { en: 'Two' }, counts: { posts: 30 }, marking }),
  ])
  for (const cap of ['TLP:CLEAR', 'TLP:AMBER'] as const)
    expect((await report(cap)).pages.en.first?.correction).toBeNull()
  await changed('correct', 'one', '--set', 'counts.posts=150')
  expect(correctionIn(await report('TLP:AMBER'))).toBe(
    'Corrected: “One”, posts: 150 (200 before) – a canary reason (C. Canary).',
  )
  // Names and reasons are AMBER, so the version is.
  expect((await report('TLP:AMBER')).marking).toBe('TLP:AMBER')
  const open = await report('TLP:CLEAR')
  expect(correctionIn(open)).toBe('Corrected: “One”, posts: 150 (200 before).')
  expect(JSON.stringify(open)).not.toMatch(/canary/i)
  await changed('withdraw', 'two')
  expect(correctionIn(await report('TLP:AMBER'))).toBe(
    'Withdrawn: “Two”, posts: 30 before – a canary reason (C. Canary).',
  )
})

it('nothing is said of what is above the cap now', async () => {
  await changed('correct', 'one', '--set', 'marking=TLP:RED')
  const after = await report('TLP:AMBER')
  expect(after.changes?.reasons).toContain('marking')
  expect(JSON.stringify(after)).not.toMatch(/“One”|canary/i)
})

it('changes above the cap take no room from who corrected, and why', async () => {
  const period = { from: '2024-05-21T00:00:00Z', to: '2024-05-21T10:00:00Z' }
  const graver = ['a', 'b', 'c'].map((id) => input({ id, observed: period, counts: { posts: 900 } }))
  await ingestInto(opened, [...graver, input({ id: 'last', observed: period, counts: { posts: 5 } })])
  const nextWeek = async () =>
    correctionIn(
      (await generateReport({ territory: 'NC', period: parsePeriod('2024-W21'), cap: 'TLP:AMBER' }, opened.services))
        .report,
    )
  await nextWeek()
  await ingestInto(
    opened,
    graver.map((one) => ({ ...one, quotes: [{ text: 'Canary', language: 'fr', marking: 'TLP:RED' as const }] })),
  )
  await changed('correct', 'last', '--set', 'counts.posts=4')
  expect(await nextWeek()).toMatch(/posts: 4 \(5 before\) – a canary reason \(C\. Canary\)/)
})

it('an effect that nobody confirmed is to be confirmed', async () => {
  opened.at('2024-05-20T12:00:00.000Z')
  const caller = { ...everything, territories: ['NC' as const, 'PF' as const], clearance: 'TLP:AMBER' as const }
  const confirming = async (one: Caller) => (await reportsWaiting(one, opened.services)).toConfirm
  expect(await confirming(caller)).toEqual([])
  await ingestInto(opened, [
    input({ id: 'effect', observedEffect: { state: 'observed', text: { en: 'A council was postponed.' } } }),
  ])
  await report('TLP:AMBER')
  expect((await confirming(caller)).map(({ territory, period }) => `${territory} ${period}`)).toEqual(['NC 2024-W20'])
  expect(await confirming({ ...caller, clearance: 'TLP:GREEN' })).toEqual([])
})
