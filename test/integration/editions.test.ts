/** Editions by marking: no byte of any file has a trace of what is above the cap; only its number is given. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import { isPublicCap, type Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { pdfFacts, pdfOutline, pdfText } from '../support/pdf-text.ts'
import { type Opened, openServices } from '../support/services.ts'

let opened: Opened

const secrets = [
  { marking: 'TLP:AMBER', word: 'canaryam', figure: '48271', technique: 'T9931' },
  { marking: 'TLP:AMBER+STRICT', word: 'canaryst', figure: '61937', technique: 'T9951' },
  { marking: 'TLP:RED', word: 'canaryre', figure: '93518', technique: 'T9971' },
] as const

type Secret = (typeof secrets)[number]

/** Every field that a user can fill in, each with a unique word. */
const canary = ({ marking, word, figure, technique }: Secret, at: string): DetectionInput => {
  const say = (field: string) => `${word}${at}${field}`
  const texts = (field: string) => ({ en: `${say(field)} en`, fr: `${say(field)} fr` })
  const about = (last: number) => Number(`${figure}2${last}`)
  return {
    id: say('id'),
    // A source's description of itself is not marked: the list of sources may have it.
    detector: {
      name: `src${word}name`,
      version: `src${word}version`,
      thresholds: { t: `src${word}t` },
      knownError: `src${word}e`,
    },
    kind: 'hashtag-hijack',
    title: texts('title'),
    summary: texts('summary'),
    territories: [{ code: 'NC', method: 'analyst', via: say('via'), by: say('by') }],
    observed: { from: '2024-05-16' },
    platforms: [say('platform'), say('byplatform')],
    counts: {
      ...{ posts: about(1), reposts: about(2), accounts: about(3), videos: about(4), views: about(6) },
      coordinatedAccounts: about(8),
      byPlatform: [{ platform: say('byplatform'), posts: about(0) }],
      byDay: [{ day: '2024-05-16', posts: about(1) }],
    },
    accountRefs: ['shared-ref', say('ref')],
    coordinatedAccountRefs: [say('ref')],
    accountSet: { id: say('set'), name: say('setname'), size: about(9) },
    campaign: say('campaign'),
    actor: { name: say('actor'), attributedBy: say('author'), likelihood: 'likely', confidence: 'low' },
    event: { place: texts('place'), participants: [texts('participant')] },
    techniques: [
      { id: technique, name: say('technique'), framework: say('framework'), version: say('frameworkversion') },
    ],
    narratives: [texts('narrative')],
    hashtags: ['#shared', `#${say('tag')}`],
    languages: [`qaa-${word}`],
    fingerprints: [
      { algorithm: 'sha256', value: 'shared' },
      { algorithm: say('algorithm'), value: say('print') },
    ],
    indicators: [
      { type: 'url', value: `https://${say('host')}.example/${say('path')}`, note: texts('indicatornote') },
      { type: 'domain', value: `${say('domain')}.example` },
      { type: 'email', value: `${say('mail')}@example.org` },
      { type: 'account', value: say('account') },
      { type: 'hash', value: say('hash') },
      { type: 'other', value: say('other') },
    ],
    observedEffect: { state: 'observed', text: texts('effect'), source: say('effectsource') },
    evidence: [
      { label: texts('label'), url: `https://${say('url')}.example`, archiveUrl: `https://${say('copy')}.example` },
    ],
    confidence: { level: 'low', score: 40, source: say('confidence') },
    breakout: { category: 5, evidence: texts('breakout') },
    criteria: [{ criterion: 'foreign-actor', state: 'supported', evidence: texts('criterion') }],
    marking,
  }
}

/** Four that the week would show: counted, a part of a shown whole, ongoing, known to the month; then others it reads. */
const hidden = (secret: Secret): readonly DetectionInput[] => [
  canary(secret, 'a'),
  { ...canary(secret, 'b'), partOf: 'open-whole' },
  seen(canary(secret, 'c'), '2024-04-20', '2024-05-14'),
  { ...canary(secret, 'd'), observed: { from: '2024-05' } },
  seen(canary(secret, 'e'), '2024-05-08'),
  { ...seen(canary(secret, 'f'), '2024-05-03'), territories: ['COR'], campaign: 'Shared' },
]

/** At another time, with the figures of a day in it. */
const seen = (record: DetectionInput, from: string, to = from): DetectionInput => ({
  ...record,
  observed: { from, to },
  counts: { ...record.counts, byDay: record.counts?.byDay?.map((figures) => ({ ...figures, day: from })) },
})

const shownFor = 4

const week = parsePeriod('2024-W20')

const edition = (cap: Marking): Promise<MadeReport> =>
  generateReport({ territory: 'NC', period: week, cap }, opened.services)

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder, '2024-05-22T00:00:00.000Z')
  const linked: Partial<DetectionInput> = {
    campaign: 'Shared',
    hashtags: ['#shared'],
    fingerprints: [{ algorithm: 'sha256', value: 'shared' }],
    accountRefs: ['shared-ref'],
  }
  const inputs = [
    detection({ id: 'open-whole', marking: 'TLP:GREEN', counts: { posts: 40, accounts: 1 }, ...linked }),
    // A part of something secret counts alone, and does not name its whole.
    detection({ id: 'open-part', marking: 'TLP:CLEAR', partOf: 'canaryreaid', counts: { posts: 2 } }),
    ...secrets.flatMap(hidden).map((one) => detection(one)),
  ]
  const tally = await ingestDetections(
    inputs.map((one) => ({ detection: one })),
    'test',
    opened.services,
  )
  expect(tally.accepted).toBe(inputs.length)
  for (const [at, { marking, word }] of secrets.entries()) {
    await opened.services.notes.add({
      ...{ territory: 'NC', period: week.id, author: `${word}noteauthor`, role: `${word}noterole`, language: 'en' },
      ...{ marking, text: `${word}notetext`, approves: false, writtenAt: `2024-05-21T00:00:0${at}.000Z` },
    })
  }
  return async () => {
    await opened.close()
    await remove()
  }
})

/** The content of a PDF's streams, packed or not. */
const unpacked = (pdf: Buffer): string => {
  const texts: string[] = []
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 7)) {
    try {
      texts.push(inflateSync(pdf.subarray(at + 7), { finishFlush: 2 }).toString('latin1'))
    } catch {}
  }
  return texts.join('\n').replaceAll('\0', '')
}

/** By file, all text that a person or a program could find there, in lower case. */
const textsOf = async (made: MadeReport): Promise<ReadonlyMap<string, string>> => {
  const folder = dirname(reportOutput(made, opened.services.archive).files[0]?.path ?? '')
  const names = await readdir(folder, { recursive: true })
  const texts = await Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const bytes = await readFile(join(folder, name))
      const more = name.endsWith('.pdf')
        ? [unpacked(bytes), ...(await pdfText(bytes)), ...[await pdfFacts(bytes), await pdfOutline(bytes)].map(inJson)]
        : []
      const text = [name, bytes.toString('utf8'), bytes.toString('latin1'), ...more].join('\n').toLowerCase()
      // A word may be broken over lines or by tags.
      return [name, `${text}\n${text.replace(/<[^>]*>|[\s\u00ad\u200b]/g, '')}`]
    }),
  )
  return new Map(texts)
}

const inJson = (value: unknown): string => JSON.stringify(value)

/** Words and figures of a secret in a text; figures also with separators. */
const traces = (text: string, { word, figure, technique }: Secret): readonly string[] => {
  // A place in a PDF has zeros or a point before it.
  const written = new RegExp(`(?<![\\d.])${figure[0]}[,.\\s]?${figure.slice(1, 4)}[,.\\s]?${figure[4]}\\d\\d`, 'g')
  return [
    ...new Set([
      ...(text.match(new RegExp(`(?<!src)${word}[a-z]*`, 'g')) ?? []),
      ...(text.match(written) ?? []),
      ...(text.match(new RegExp(technique, 'gi')) ?? []),
    ]),
  ]
}

describe.each([
  { cap: 'TLP:GREEN', above: secrets, marking: 'TLP:GREEN' },
  { cap: 'TLP:AMBER', above: secrets.slice(1), marking: 'TLP:AMBER' },
  { cap: 'TLP:AMBER+STRICT', above: secrets.slice(2), marking: 'TLP:AMBER+STRICT' },
] as const)('the edition up to $cap', ({ cap, above, marking }) => {
  let made: MadeReport
  let texts: ReadonlyMap<string, string>

  beforeAll(async () => {
    made = await edition(cap)
    texts = await textsOf(made)
  })

  it('is a first version with all its files, its marking, and the number withheld', () => {
    expect([...texts.keys()].sort()).toEqual([
      'detections.csv',
      'manifest.json',
      'manifest.sig',
      'report.en.html',
      'report.en.pdf',
      'report.fr.html',
      'report.fr.pdf',
      'report.json',
      'report.misp.json',
      'report.stix.json',
    ])
    expect(made.report).toMatchObject({ version: 1, marking })
    expect(made.report.withheld).toBe(isPublicCap(cap) ? undefined : above.length * shownFor)
  })

  it('has no trace of what is above it in any byte of any file', () => {
    const found = [...texts].flatMap(([name, text]) =>
      above.flatMap((secret) => traces(text, secret).map((trace) => `${name}: ${trace}`)),
    )
    expect(found).toEqual([])
  })

  it('names the sources of what is above it in the list of sources alone', () => {
    const naming = [...texts].filter(([, text]) => above.some(({ word }) => text.includes(`src${word}`)))
    for (const [name] of naming) expect(name).toMatch(/^report\.(json|(fr|en)\.(html|pdf))$/)
    const { sources: _, pages, ...facts } = made.report
    const rest = [facts, { ...pages.en, sources: null }, { ...pages.fr, sources: null }].map(inJson).join('\n')
    for (const { word } of above) expect(rest).not.toContain(`src${word}`)
  })

  it('shows everything up to its cap, by the same search', () => {
    for (const secret of secrets.filter((one) => !above.some(({ word }) => word === one.word))) {
      for (const name of [
        'detections.csv',
        'report.stix.json',
        'report.misp.json',
        'report.json',
        'report.en.html',
        'report.fr.pdf',
      ]) {
        const found = traces(texts.get(name) ?? '', secret)
        expect(found, name).toEqual(expect.arrayContaining([`${secret.word}atitle`, expect.stringMatching(/^\d/)]))
      }
      expect(texts.get('report.en.html')).toContain(`${secret.word}notetext`)
    }
  })
})

it('the GREEN edition counts what it shows and nothing else', async () => {
  const made = await edition('TLP:GREEN')
  expect(made.isNew).toBe(false)
  const { totals, before, contributing, across, days } = made.report
  // The part's whole does not show: its posts may be among the others.
  expect(totals).toMatchObject({ detections: 2, posts: { value: 40, qualifier: 'at least' } })
  expect(before.at(-1)?.totals.detections).toBe(0)
  expect([...contributing].map(({ id }) => id)).toEqual(['open-part', 'open-whole'])
  expect(across).toEqual([])
  expect(days.reduce((sum, { posts }) => sum + (posts.value ?? 0), 0)).toBe(40)
  const texts = await textsOf(made)
  expect(texts.get('detections.csv')?.match(/^open-/gm)).toHaveLength(4)
  expect(new Set(texts.get('report.stix.json')?.match(/incident--[0-9a-f-]{36}/g))).toHaveProperty('size', 2)
})
