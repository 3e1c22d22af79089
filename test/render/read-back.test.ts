/** What the gate reads back from finished files: true ones pass, and each number that is changed in one file is noticed. */
import { describe, expect, test } from 'vitest'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { renderHtml } from '../../lambdas/render/html.ts'
import { contradictionsIn, type FinishedFiles } from '../../lambdas/render/read-back.ts'
import { stixBundle } from '../../lambdas/render/stix.ts'
import { detectionAsOf } from '../support/detections.ts'
import { csvOn, reportOn } from '../support/reports.ts'

const found = [
  detectionAsOf({
    id: 'w',
    observed: { from: '2024-05-15', to: '2024-05-16' },
    counts: { posts: 300 },
    marking: 'TLP:GREEN',
  }),
  detectionAsOf({ id: 'p', partOf: 'w', counts: { posts: 70 }, marking: 'TLP:CLEAR' }),
  detectionAsOf({ id: 'q', counts: { posts: 40, accounts: 12 }, marking: 'TLP:GREEN' }),
  detectionAsOf({ id: 'o', observed: { from: '2024-05-01', to: '2024-05-20' }, marking: 'TLP:GREEN' }),
  detectionAsOf({ id: 'm', observed: { from: '2024-05' }, marking: 'TLP:GREEN' }),
]

const finished = (report: Report, csv: Uint8Array): FinishedFiles => {
  const html = (language: 'fr' | 'en') => shownText(renderHtml(report.pages[language], '')).join(' ')
  return {
    json: JSON.stringify(report),
    stix: JSON.stringify(stixBundle(report)),
    csv: new TextDecoder('utf-8', { ignoreBOM: true }).decode(csv),
    html: { fr: html('fr'), en: html('en') },
    pdf: { fr: html('fr'), en: html('en') },
  }
}

const report = reportOn(found)
const files = finished(report, csvOn(found))

/** The report as JSON with one value of it changed, as a wrong program would write it. */
const withJson = (change: (copy: { [key: string]: never }) => void): FinishedFiles => {
  const copy = JSON.parse(files.json)
  change(copy)
  return { ...files, json: JSON.stringify(copy) }
}

describe('what is read back', () => {
  test('passes true files, of much, little and nothing', () => {
    expect(contradictionsIn(files)).toEqual([])
    expect(contradictionsIn(finished(reportOn([]), csvOn([])))).toEqual([])
    const one = [detectionAsOf({ kind: 'offline-event', marking: 'TLP:CLEAR' })]
    expect(contradictionsIn(finished(reportOn(one), csvOn(one)))).toEqual([])
  })

  // oxlint-disable-next-line typescript/no-explicit-any -- the copy is what a wrong program might write
  test.each<[string, (copy: any) => void, RegExp]>([
    ['a total', (copy) => (copy.totals.posts.value += 1), /posts/],
    ['the count of detections', (copy) => (copy.totals.detections += 1), /detections/],
    ['a day', (copy) => (copy.days[2].posts = { value: 999, qualifier: 'exact' }), /days and undated hold/],
    ['a manoeuvre', (copy) => (copy.manoeuvres[0].marking = 'TLP:AMBER'), /holds something that is TLP:AMBER/],
    ['the marking', (copy) => (copy.marking = 'TLP:CLEAR'), /it is TLP:CLEAR and holds something that is TLP:GREEN/],
    ['the marking above the cap', (copy) => (copy.marking = 'TLP:RED'), /above its cap/],
    ['a headline', (copy) => (copy.headlines[0].total.value = 341), /report\.fr\.html does not say that posts are/],
    ['what is new', (copy) => (copy.since.added.count += 1), /does not say: nouveau/],
    ['what is listed as new', (copy) => copy.since.added.listed.pop(), /lists|hold|does not say/],
    ['what goes on', (copy) => (copy.since.goesOn.count += 1), /the mail in English does not say: goes on/],
    ['a manoeuvre of what is new', (copy) => (copy.since.added.listed[0].manoeuvres += 1), /new and going on hold 3/],
    ['what has ended', (copy) => (copy.since.ended.count = 7), /report\.en\.pdf does not say: ended 7/],
    ['what is not known', (copy) => (copy.pages.fr.unknown.items = []), /report\.fr\.html says nothing of what/],
    ['the list', (copy) => copy.manoeuvres.pop(), /incidents/],
  ])('notices %s in report.json alone', (_, change, said) => {
    expect(contradictionsIn(withJson(change)).join('\n')).toMatch(said)
  })

  test('notices a row more, a row less and a row above the marking in the CSV', () => {
    const csv = String(files.csv)
    const rows = csv.split('\r\n')
    const without = { ...files, csv: [...rows.slice(0, 2), ...rows.slice(3)].join('\r\n') }
    expect(contradictionsIn(without).join()).toMatch(/detections.csv/)
    const twice = { ...files, csv: [...rows.slice(0, -1), rows.at(-2), ''].join('\r\n') }
    expect(contradictionsIn(twice).join()).toMatch(/detections.csv/)
    const above = { ...files, csv: csv.replace('TLP:GREEN', 'TLP:RED') }
    expect(contradictionsIn(above).join()).toMatch(/detections.csv holds .*TLP:RED/)
  })

  test('notices other totals and a stricter object in the bundle', () => {
    const others = { ...files, stix: files.stix.replace('"detections":3', '"detections":4') }
    expect(contradictionsIn(others)).toEqual(['report.stix.json has other totals than report.json'])
    const red = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'
    const stricter = {
      ...files,
      stix: files.stix.replace('marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb', red),
    }
    expect(contradictionsIn(stricter)).toEqual([
      'report.stix.json holds something that is TLP:RED; the report is TLP:GREEN',
    ])
  })

  test('notices a number that one language’s page or print leaves out', () => {
    const text = (language: 'fr' | 'en') => files.pdf[language].replace(/340/g, '339')
    const english = { ...files, pdf: { ...files.pdf, en: text('en') } }
    expect(contradictionsIn(english)).toEqual(['report.en.pdf does not say that posts are at least 340'])
    const french = { ...files, html: { ...files.html, fr: text('fr') } }
    expect(contradictionsIn(french)).toEqual(['report.fr.html does not say that posts are au moins 340'])
  })
})
