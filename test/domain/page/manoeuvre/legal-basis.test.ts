import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pageOf } from '../../../../lambdas/domain/page/build-page.ts'
import { legalTextOn, legalTexts } from '../../../../lambdas/domain/page/manoeuvre/legal-basis.ts'
import type { Facts } from '../../../../lambdas/domain/report/facts.ts'
import { organisationSchema } from '../../../../lambdas/domain/report/organisation.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const day = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

describe('the text in force', () => {
  it.each([
    ['2021-07-14', undefined],
    ['2021-07-15', '2021-922'],
    ['2026-02-12', '2021-922'],
    ['2026-02-13', '2026-70'],
  ])('on %s is %s', (on, number) => {
    expect(legalTextOn(on)?.number).toBe(number)
  })

  it('is at most one on any day', () => {
    fc.assert(
      fc.property(day, (on) => {
        const inForce = legalTexts.filter(({ from, until }) => from <= on && (until === undefined || on <= until))
        expect(inForce.length).toBeLessThanOrEqual(1)
        expect(legalTextOn(on)).toBe(inForce[0])
      }),
    )
  })
})

describe('a report cites it', () => {
  const report = (period: string, from: string): Facts =>
    reportOn([detectionAsOf({ observed: { from }, criteria: [{ criterion: 'foreign-actor', state: 'supported' }] })], {
      period,
    })
  const notes = (facts: Facts, language: 'fr' | 'en') => {
    const page = pageOf(facts, language)
    const scale = page.annex?.scales?.groups.find(({ title }) => /quatre critères|four criteria/.test(title))
    return [page.manoeuvres?.cards[0]?.criteria?.note, scale?.note]
  }

  it.each([
    ['2024-W20', '2024-05-15', 'fr', /^Décret n°\u00a02021-922 du 13\u00a0juillet\u00a02021. Les quatre sont requis/],
    ['2026-02', '2026-02-03', 'fr', /^Décret n°\u00a02026-70 du 11\u00a0février\u00a02026\. Les quatre/],
    ['2026-W06', '2026-02-03', 'en', /^Decree no\.\u00a02021-922 of 13\u00a0July\u00a02021 \(France\)\. All four/],
    ['2020', '2020-05-15', 'fr', /^Les quatre sont requis/],
  ] as const)('by the last day of its period, %s, or none', (period, from, language, text) => {
    for (const note of notes(report(period, from), language)) expect(note).toMatch(text)
  })

  it('as the organisation states it, or not at all', () => {
    const facts = report('2024-W20', '2024-05-15')
    const own = { fr: 'Loi du 1er mai', en: 'Act of 1 May' }
    for (const note of notes({ ...facts, house: { legalBasis: own } }, 'en')) {
      expect(note).toMatch(/^Act of 1 May\. All four/)
    }
    for (const note of notes({ ...facts, house: { legalBasis: 'none' } }, 'fr')) expect(note).toMatch(/^Les quatre/)
    expect(organisationSchema.parse({ legalBasis: own })).toEqual({ legalBasis: own })
    expect(organisationSchema.safeParse({ legalBasis: 'no' }).success).toBe(false)
  })
})
