/** Compares finished files: correct ones pass, and each changed number of one file is found. */
import { describe, expect, test } from 'vitest'
import { lineOf } from '../../lambdas/domain/core/fault-text.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { mispEvent } from '../../lambdas/render/exports/misp.ts'
import { stixBundle } from '../../lambdas/render/exports/stix.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { renderHtml } from '../../lambdas/render/html.ts'
import { contradictionsIn, type FinishedPages, readDataBack } from '../../lambdas/render/read-back.ts'
import { detectionAsOf } from '../support/detections.ts'
import { csvOn, reportOn, unusualLevel } from '../support/reports.ts'

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

/** Files as texts. */
type Texts = FinishedPages & { readonly [file in 'json' | 'stix' | 'misp' | 'csv']: string }

const read = async ({ json, stix, misp, csv, ...shown }: Texts, pieceLength = 1_000): Promise<readonly string[]> => {
  const inPieces = (text: string) => ({
    pieces: function* () {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength)
    },
  })
  const data = { json: inPieces(json), stix: inPieces(stix), misp: inPieces(misp), csv: inPieces(csv) }
  return contradictionsIn(await readDataBack(data), shown).map(lineOf)
}

const finished = (report: Report, csv: Uint8Array): Texts => {
  const html = (language: 'fr' | 'en') => shownText(renderHtml(report.pages[language], '')).join(' ')
  return {
    json: JSON.stringify(report),
    stix: JSON.stringify(stixBundle(report)),
    misp: JSON.stringify(mispEvent(report)),
    csv: new TextDecoder('utf-8', { ignoreBOM: true }).decode(csv),
    html: { fr: html('fr'), en: html('en') },
    pdf: { fr: html('fr'), en: html('en') },
  }
}

const report = reportOn(found, { level: unusualLevel(340) })
const files = finished(report, csvOn(found))

/** The report's JSON with one value changed. */
const withJson = (change: (copy: { [key: string]: never }) => void): Texts => {
  const copy = JSON.parse(files.json)
  change(copy)
  return { ...files, json: JSON.stringify(copy) }
}

describe('reading back', () => {
  test('passes correct files', async () => {
    expect(await read(files)).toEqual([])
    expect(await read(finished(reportOn([]), csvOn([])))).toEqual([])
    const one = [detectionAsOf({ kind: 'offline-event', marking: 'TLP:CLEAR' })]
    expect(await read(finished(reportOn(one), csvOn(one)))).toEqual([])
  })

  // oxlint-disable-next-line typescript/no-explicit-any -- the copy is what a wrong program might write
  test.each<[string, (copy: any) => void, RegExp]>([
    ['a total', (copy) => (copy.totals.posts.value += 1), /posts/],
    ['the count of detections', (copy) => (copy.totals.detections += 1), /detections/],
    ['a day', (copy) => (copy.days[2].posts = { value: 999, qualifier: 'exact' }), /days\.posts is/],
    ['a manoeuvre', (copy) => (copy.manoeuvres[0].marking = 'TLP:AMBER'), /holds TLP:AMBER/],
    ['the marking', (copy) => (copy.marking = 'TLP:CLEAR'), /report\.json holds TLP:GREEN/],
    ['the marking above the cap', (copy) => (copy.marking = 'TLP:RED'), /above its cap/],
    [
      'a headline',
      (copy) => (copy.headlines[0].total.value = 341),
      /report\.fr\.html does not contain posts au moins 341/,
    ],
    ['what is new', (copy) => (copy.since.added.count += 1), /since\.added is 3 where 4/],
    ['what is listed as new', (copy) => copy.since.added.listed.pop(), /since\.|does not contain/],
    ['what goes on', (copy) => (copy.since.goesOn.count += 1), /report\.en\.html does not contain continuing/],
    [
      'a manoeuvre of what is new',
      (copy) => (copy.since.added.listed[0].manoeuvres += 1),
      /since\.manoeuvres is 3 where/,
    ],
    ['what has ended', (copy) => (copy.since.ended.count = 7), /report\.en\.pdf does not contain ended 7/],
    ['the level', (copy) => (copy.level.value = 4), /mail \(en\) level is 2 where 4/],
    ['what is not known', (copy) => (copy.pages.fr.first.unknown.items = []), /report\.fr\.html does not state what/],
    ['the list', (copy) => copy.manoeuvres.pop(), /incidents/],
    [
      'what contributed',
      (copy) => (copy.contributing[2].marking = 'TLP:RED'),
      /report\.json holds TLP:RED.*; the report is TLP:GREEN/,
    ],
    ['a second list of what contributed', (copy) => (copy.undated.contributing = [{ marking: 'TLP:RED' }]), /TLP:RED/],
  ])('finds a change of %s in report.json', async (_, change, said) => {
    expect((await read(withJson(change))).join('\n')).toMatch(said)
  })

  test.each<[string, string, string, RegExp]>([
    ['a missing detection', 'vigie:detection 1/1 q', 'q', /^report\.misp\.json detections is 4 where 5 is expected$/],
    ['another total', '\\\\\\"value\\\\\\":340', '\\\\\\"value\\\\\\":341', /^report\.misp\.json does not contain/],
    ['a stricter tag', '"name":"tlp:green"', '"name":"tlp:red"', /^report\.misp\.json holds TLP:RED/],
  ])('finds %s in MISP', async (_, from, to, said) => {
    expect(files.misp).toContain(from)
    expect((await read({ ...files, misp: files.misp.replace(from, to) })).join('\n')).toMatch(said)
  })

  test('finds an additional, a missing and a stricter row of the CSV', async () => {
    const { csv } = files
    const rows = csv.split('\r\n')
    const without = { ...files, csv: [...rows.slice(0, 2), ...rows.slice(3)].join('\r\n') }
    expect((await read(without)).join()).toMatch(/detections.csv/)
    const twice = { ...files, csv: [...rows.slice(0, -1), rows.at(-2), ''].join('\r\n') }
    expect((await read(twice)).join()).toMatch(/detections.csv/)
    const above = { ...files, csv: csv.replace('TLP:GREEN', 'TLP:RED') }
    expect((await read(above)).join()).toMatch(/detections.csv holds .*TLP:RED/)
  })

  test('finds other totals and a stricter object in the bundle', async () => {
    const others = { ...files, stix: files.stix.replace('"detections":3', '"detections":4') }
    expect(await read(others)).toEqual([expect.stringMatching(/^report\.stix\.json does not contain \{/)])
    const red = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'
    const stricter = {
      ...files,
      stix: files.stix.replace('marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb', red),
    }
    expect(await read(stricter)).toEqual([expect.stringMatching(/^report\.stix\.json holds TLP:RED/)])
  })

  test('finds a missing number in a page or print of one language', async () => {
    const text = (language: 'fr' | 'en') => files.pdf[language].replace(/340/g, '339')
    const english = { ...files, pdf: { ...files.pdf, en: text('en') } }
    expect(await read(english)).toEqual(['report.en.pdf does not contain posts at least 340'])
    const french = { ...files, html: { ...files.html, fr: text('fr') } }
    expect(await read(french)).toEqual(['report.fr.html does not contain posts au moins 340'])
  })

  test('finds the same in any pieces', async () => {
    const poisoned = withJson((copy: { [key: string]: never }) => {
      Object.assign(copy, { marking: 'TLP:CLEAR', cap: 'TLP:CLEAR' })
    })
    const said = await read(poisoned, 1_000_000)
    expect(said.length).toBeGreaterThan(1)
    for (const length of [1, 2, 63, 4_096]) expect(await read(poisoned, length)).toEqual(said)
  })

  test.each(['json', 'stix', 'csv'] as const)('refuses a cut or broken file: %s', async (file) => {
    const whole = files[file]
    const half = whole.slice(0, whole.lastIndexOf(file === 'csv' ? ',' : '}'))
    await expect(read({ ...files, [file]: half })).rejects.toThrow()
    const broken = file === 'csv' ? whole.replace('\r\n', '",\r\n"') : whole.replace('[{', '[,{')
    await expect(read({ ...files, [file]: broken })).rejects.toThrow()
  })
})

describe('exact figures', () => {
  const two = [
    detectionAsOf({ id: 'q', counts: { posts: 40, accounts: 12 }, marking: 'TLP:GREEN' }),
    detectionAsOf({ id: 'r', counts: { posts: 5 }, campaign: 'Named', marking: 'TLP:GREEN' }),
  ]
  const exact = finished(reportOn(two), csvOn(two))

  // oxlint-disable-next-line typescript/no-explicit-any -- the copy is what a wrong program might write
  test.each<[string, (copy: any) => void, RegExp]>([
    ['a manoeuvre', (copy) => (copy.manoeuvres[0].figures.posts.value = 46), /q\.posts is 46, above 45/],
    [
      'a past figure',
      (copy) => (copy.before = [{ period: '2024-W19', totals: copy.totals }]),
      /2024-W19\.detections is/,
    ],
    ['quiet', (copy) => (copy.quiet = true), /since\.quiet is/],
    ['a campaign', (copy) => (copy.campaigns[0].name = 'Other'), /does not contain since Other/],
    [
      'another territory',
      (copy) =>
        (copy.across = [{ manoeuvre: 'q', rows: [{ territory: 'PF', posts: { value: 99 } }], total: copy.totals }]),
      /q\.PF\.posts is 99, above 45/,
    ],
  ])('are compared with %s in report.json', async (_, change, said) => {
    const copy = JSON.parse(exact.json)
    change(copy)
    expect((await read({ ...exact, json: JSON.stringify(copy) }, 100)).join('\n')).toMatch(said)
  })

  test('allow a quiet report of a group with continuing manoeuvres counted before', async () => {
    const copy = JSON.parse(exact.json)
    const { added } = copy.since
    Object.assign(copy, { quiet: true, since: { ...copy.since, added: { count: 0, listed: [] }, goesOn: added } })
    const said = async () => (await read({ ...exact, json: JSON.stringify(copy) })).join('\n')
    expect(await said()).toMatch(/since\.quiet is/)
    Object.assign(copy, { group: { rows: [], campaigns: [], countedEarlier: 1 } })
    expect(await said()).not.toMatch(/since\.quiet is/)
  })

  test.each<[string, (csv: string) => string, RegExp]>([
    ['standing', (csv) => csv.replace(',counted,', ',ongoing,'), /counted is 1 where 2/],
    ['standing of others', (csv) => csv.replace(',counted,', ',ongoing,'), /ongoing is 1 where 0/],
    [
      'posts that none gives',
      (csv) => csv.replace(',40,exact', ',,').replace(',5,exact', ',,'),
      /rows\.posts is 0 where 45/,
    ],
    ['too few posts', (csv) => csv.replace(',40,exact', ',4,exact'), /posts is 9 where 45/],
    ['too many posts of one', (csv) => csv.replace(',40,exact', ',46,exact'), /row\.posts is 46, above 45/],
  ])('are compared with the CSV: %s', async (_, change, said) => {
    expect(await read(exact)).toEqual([])
    expect(change(exact.csv)).not.toBe(exact.csv)
    expect((await read({ ...exact, csv: change(exact.csv) }, 100)).join('\n')).toMatch(said)
  })
})

describe('files of many detections', () => {
  const many = Array.from({ length: 1_500 }, (_, at) =>
    detectionAsOf({ id: `many-${at}`, counts: { posts: at }, marking: 'TLP:GREEN' }),
  )
  const crowd = reportOn(many)
  const texts = finished(crowd, csvOn(many))

  test('pass if correct', async () => {
    expect(texts.json.length).toBeGreaterThan(300_000)
    expect(await read(texts, 2 ** 16)).toEqual([])
  })

  test.each([0, 749, 1_499])('are compared with the marking of each detection: number %i', async (at) => {
    const copy = JSON.parse(texts.json)
    copy.contributing[at].marking = 'TLP:AMBER+STRICT'
    expect(await read({ ...texts, json: JSON.stringify(copy) }, 2 ** 16)).toEqual([
      expect.stringMatching(/^report\.json holds TLP:AMBER\+STRICT/),
    ])
    const bundle = JSON.parse(texts.stix)
    const incident = bundle.objects.filter(({ type }: { type: string }) => type === 'incident').at(at % 300)
    incident.object_marking_refs = ['marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003']
    expect(await read({ ...texts, stix: JSON.stringify(bundle) }, 2 ** 16)).toEqual([
      expect.stringMatching(/^report\.stix\.json holds TLP:AMBER\+STRICT/),
    ])
    bundle.objects.splice(bundle.objects.indexOf(incident), 1)
    expect(await read({ ...texts, stix: JSON.stringify(bundle) }, 2 ** 16)).toEqual([
      'report.stix.json incidents is 299 where 300 is expected',
    ])
  })
})
