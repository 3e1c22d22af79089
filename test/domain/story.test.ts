/** The sample story has what its sources state, and no more. It needs the texts that no golden page shows. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { detectionAsOf } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'

const all = readFileSync(story.file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => detectionAsOf(JSON.parse(line)))

const report = (territory: TerritoryCode, period: string): Report =>
  reportOn(
    all.filter(({ detection }) => detection.territories.some(({ code }) => code === territory)),
    { territory, period },
  )

const entryIn = (one: Report, id: string) => one.manoeuvres.find((entry) => entry.id === id)

/** A page's text with plain spaces. */
const textOf = (page: Report['pages']['fr']): string => JSON.stringify(page).replace(/[\u00a0\u202f]/g, ' ')

describe('the story', () => {
  it('has BIG’s founding and who was there', () => {
    const { pages, totals } = report('COR', '2023-07')
    expect(totals).toMatchObject({ posts: { value: 7000, qualifier: 'at least' }, accounts: { value: 895 } })
    expect(textOf(pages.fr)).toContain('Participants : des représentants de la Nouvelle-Calédonie, de la Corse')
    expect(textOf(pages.en)).toContain('French Guiana, French Polynesia and Guadeloupe')
  })

  it('has the finding of a state agency, its bases and its author', () => {
    expect(textOf(report('NC', '2023-07').pages.en)).toMatch(
      /VIGINUM concludes that it is a state agency\. According to the press account of 2 December 2024, it is registered for tax in Azerbaijan.*“our child”/,
    )
    expect(textOf(report('NC', '2024-W20').pages.fr)).toMatch(
      /Selon VIGINUM, le BIG est une agence d’État\. Selon le récit de presse du 2 décembre 2024, il est immatriculé auprès du fisc d’Azerbaïdjan.*« notre enfant » en janvier 2024/,
    )
  })

  it('has the memorandum late in April, at no place', () => {
    const april = report('NC', '2024-04')
    expect(entryIn(april, 'nc-2024-04-memorandum')?.event?.place).toBeUndefined()
    expect(textOf(april.pages.fr)).toMatch(/« Mémorandum.*Fin avril 2024.*Propagation 6 sur 6/)
    expect(textOf(april.pages.en)).not.toMatch(/not stated|Place: /)
  })

  it('attaches a confidence to its statement', () => {
    expect(textOf(report('COR', '2023-09').pages.en)).toContain(
      'Confidence in the statement “39 of the 423 accounts declare the ruling party”',
    )
  })
})
