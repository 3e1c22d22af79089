/** A campaign's dossier on a home: made, found again, versioned, verified, mailed; and what it hides. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { beforeAll, describe, expect, test } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../lambdas/domain/detection/campaigns.ts'
import { reindexArchive } from '../../lambdas/usecases/archive/reindex-archive.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { dossierAsked } from '../../lambdas/usecases/reports/ask-dossier.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { jsonOf, newFolder, type ReportJson, vigie, vigieJson, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

const big = 'UN-notorious BIG'
const key = campaignCode(big)

let home: string
let opened: Opened

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  await ingestInto(opened, await readFile(story.file))
  await ingestInto(opened, [
    input({ id: 'hidden', campaign: 'Project Hidden', marking: 'TLP:RED' }),
    input({ id: 'hidden-big', campaign: big, marking: 'TLP:RED', observed: { from: '2020-01-01' } }),
  ])
  return async () => {
    await opened.close()
    await remove()
  }
})
type Asked = { readonly until?: string; readonly cap?: 'TLP:GREEN' | 'TLP:AMBER' | 'TLP:RED'; readonly asOf?: string }

const make = (
  campaign: string,
  { until = '2024-W41', cap = 'TLP:AMBER', asOf }: Asked = {},
  services: Services = opened.services,
): Promise<MadeReport> =>
  generateReport(dossierAsked(campaign, { until: parsePeriod(until), cap, asOf }, services), services)

const cli = (...args: readonly string[]) => vigie(['dossier', ...args, '--home', home, '--json'])

type Paragraphs = readonly (readonly { readonly text: string }[])[]
const textsOf = (paragraphs: Paragraphs = []) => paragraphs.map((one) => one.map(({ text }) => text).join(''))

describe('a dossier', () => {
  test('counts the story once: eight operations in every territory', async () => {
    const { report, edition, isNew } = await make(big)
    expect([edition.territory, report.id, isNew]).toEqual([key, `${key}/2024-W41/amber/v0001`, true])
    expect(report.totals).toMatchObject({
      ...{ detections: 10, manoeuvres: 8, posts: { value: 12_332, qualifier: 'at least' } },
      videos: { value: 11, qualifier: 'at least' },
    })
    expect(report.withheld).toBe(1)
    expect(report.dossier).toMatchObject({ name: big, since: '2023-07-01', unit: 'month' })
    for (const page of Object.values(report.pages)) {
      expect(page.dossier?.operations.rows).toHaveLength(8)
      // A dash would mean not watched.
      expect(JSON.stringify(page.dossier?.operations.rows)).not.toContain('"–"')
      expect(page.dossier?.unknown.items.length).toBeGreaterThan(0)
      expect(page.order).toEqual(expect.arrayContaining(['disarm', 'sources', 'annex']))
    }
  })

  test('has key points on effects, and on breakout', async () => {
    const none = { state: 'none', source: 'VIGINUM' } as const
    const kappa = (title: string, more: Parameters<typeof input>[0]) =>
      input({ id: title, campaign: 'Kappa', title: { en: title }, observedEffect: none, ...more })
    const keyPoints = async () =>
      (await make('Kappa')).report.pages.en.dossier?.key.map(({ paragraphs }) => textsOf(paragraphs)) ?? []
    await ingestInto(opened, [kappa('Wide', { breakout: { category: 5 } }), kappa('Calm', {})])
    const [effect = [], breakout = []] = await keyPoints()
    expect(effect[0]).toBe('The 2 known manoeuvres: 2 without effect according to their sources.')
    expect(effect.join(' ')).not.toContain('breakout')
    expect(breakout[0]).toMatch(/^“Wide” .*breakout/)
    expect(breakout[1]).toMatch(/^Category 5 of 6 at most/)
    await ingestInto(opened, [kappa('Act', { observedEffect: { state: 'observed', degree: 'act' } })])
    const [observed = [], spread = []] = await keyPoints()
    expect(observed[0]).toMatch(/^“Act” /)
    expect(spread[0]).toMatch(/^“Wide” /)
  })

  test('is found again by any spelling and by its key', async () => {
    for (const name of ['un-notorious big', key.toUpperCase(), key]) {
      const { report, isNew } = await make(name)
      expect([report.id, isNew]).toEqual([`${key}/2024-W41/amber/v0001`, false])
    }
  })

  test('compares its first version with the earlier dossier of the same edition alone', async () => {
    const { report } = await make(big, { until: '2024-W42' })
    expect(report.changes).toMatchObject({ until: '2024-W41', version: 1, reasons: ['later period'], added: [] })
    expect(textsOf(report.pages.fr.changes?.sentences)[0]).toContain('Depuis le dossier jusqu’à 2024-W41')
    expect((await make(big, { until: '2024-W43', cap: 'TLP:GREEN' })).report.changes).toBeNull()
  })

  test('lists detections known to a month that is not over yet, and counts them nowhere', async () => {
    const { report } = await make(big, { until: '2024-W16' })
    expect(report.undatedHere.map(({ id }) => id)).toEqual(['nc-2024-04-memorandum'])
    expect(report.totals.detections).toBe(4)
  })

  test('counts nothing yet, and denies nothing, where all is known to such a month', async () => {
    const late = { id: 'late', campaign: 'Later', observed: { from: '2024-10' } }
    await ingestInto(opened, [input({ ...late, counts: { posts: 80 }, breakout: { category: 5 } })])
    const { dossier, bounds } = (await make('Later')).report.pages.en
    const nothing = /^Nothing counts yet: the one detection is known to the month/
    expect(dossier?.key.flatMap(({ paragraphs }) => textsOf(paragraphs))).toEqual([expect.stringMatching(nothing)])
    expect(JSON.stringify(bounds)).not.toContain('known manoeuvre')
  })

  test.each([
    ['2024-05-21T12:00:00Z', '2024-W20'],
    // In Tahiti the week is not over.
    ['2024-05-20T02:00:00Z', '2024-W19'],
  ])('at %s ends with %s, the last complete week of all territories', (at, week) => {
    const asked = dossierAsked(big, { cap: 'TLP:AMBER' }, { aliases: {}, clock: () => new Date(at) })
    expect(asked.period.id).toBe(week)
  })

  test('of words without a blank fits its sheets, and is published', async () => {
    const long = 'W'.repeat(180)
    await ingestInto(opened, [
      input({
        ...{ id: 'long', campaign: long, title: { en: long, fr: long }, detector: { name: long.slice(0, 120) } },
        observed: { from: '2024-05-02', label: { en: long, fr: long } },
        actor: { name: long, attributedBy: long },
        accountSet: { id: 'long', name: long, size: 10 },
        accountRefs: [long],
        indicators: [{ type: 'url', value: `https://post.example/${long}`, note: { en: long, fr: long } }],
        narratives: [long],
        observedEffect: { state: 'none', text: long, source: long },
        breakout: { category: 2, evidence: { en: long, fr: long } },
        confidence: { score: 70, of: { en: long, fr: long } },
      }),
    ])
    expect((await make(long, { until: '2024-W20' })).manifest.held).toBeUndefined()
  })
})

describe('a campaign that may not be known', () => {
  test('is unknown, in the same words and with the same exit code as one that does not exist', async () => {
    const hidden = await cli('Project Hidden', '--until', '2024-W20')
    const none = await cli('Project Nowhere', '--until', '2024-W20')
    expect([hidden.code, hidden.stderr, hidden.stdout]).toEqual([none.code, none.stderr, none.stdout])
    expect(hidden.code).toBe(1)
    expect(hidden.stderr).toContain('no campaign of this name is known up to 2024-W20 in the edition AMBER')
    expect(await opened.services.reports.campaigns()).not.toContain(campaignCode('Project Hidden'))
    expect((await make('Project Hidden', { until: '2024-W20', cap: 'TLP:RED' })).report.totals.detections).toBe(1)
    // Nor does the RED dossier show below RED, not even by its key.
    await expect(make(campaignCode('Project Hidden'), { until: '2024-W20' })).rejects.toThrow(
      'no campaign of this name is known',
    )
  })

  test('is also one that only begins later', async () => {
    // In Nouméa it is Monday of the next week, which in Tahiti has not begun; in Corsica still Sunday.
    const monday = { campaign: 'Monday', observed: { from: '2024-05-19T13:30:00Z' } }
    await ingestInto(opened, [
      input({ ...monday, id: 'monday', territories: ['NC'] }),
      input({ ...monday, id: 'monday-hidden', territories: ['NC'], marking: 'TLP:RED' }),
    ])
    await expect(make('Monday', { until: '2024-W20' })).rejects.toThrow('no campaign of this name is known')
    await ingestInto(opened, [input({ ...monday, id: 'sunday', territories: ['COR'] })])
    const { report } = await make('Monday', { until: '2024-W20' })
    expect([report.totals.detections, report.withheld]).toEqual([1, 0])
    await expect(make(big, { until: '2023-W20' })).rejects.toThrow('no campaign of this name is known')
  })

  test('has a name: a blank is wrong usage', async () => {
    expect((await cli(' ')).code).toBe(2)
  })
})

describe('parts that do not repeat the name', () => {
  const whole = { id: 'kordon', campaign: 'Kordon', observed: { from: '2024-03-05' }, counts: { posts: 100 } }
  const part = (changes: Parameters<typeof input>[0]) =>
    input({ partOf: 'kordon', observed: { from: '2024-03-06' }, ...changes })

  test('are in the dossier as in the report: elsewhere, later, and below one another', async () => {
    await ingestInto(opened, [
      input(whole),
      part({ id: 'kordon-nc', counts: { posts: 2_000 } }),
      part({ id: 'kordon-below', partOf: 'kordon-nc', observed: { from: '2024-03-07' }, counts: { posts: 300 } }),
      part({ id: 'kordon-mq', territories: ['MQ'], observed: { from: '2024-05-02' }, counts: { posts: 72 } }),
      part({ id: 'kordon-before', observed: { from: '2024-03-01' }, counts: { posts: 5 } }),
      part({ id: 'kordon-long-before', observed: { from: '2024-02-29' }, counts: { posts: 7 } }),
      part({ id: 'kordon-hidden', marking: 'TLP:RED', counts: { posts: 9_000 } }),
      part({ id: 'of-another', campaign: 'Another', counts: { posts: 50_000 } }),
      part({ id: 'below-another', partOf: 'of-another', counts: { posts: 50_000 } }),
    ])
    const { report } = await make('Kordon', { until: '2024-W20' })
    const posts = { value: 2_077, qualifier: 'at least' }
    expect(report.totals).toMatchObject({ detections: 5, manoeuvres: 1, posts })
    expect(report.withheld).toBe(1)
    expect(report.dossier).toMatchObject({ since: '2024-03-01', others: [{ whole: 'kordon', parts: 1 }], storedAs: [] })
    const text = JSON.stringify(report.pages.en)
    expect(text).toContain('One part of these manoeuvres names another campaign and is not counted here.')
    expect(text).toContain('4 parts · one part of another campaign, not counted here')
    const { report: another } = await make('Another', { until: '2024-W20' })
    expect(another.totals).toMatchObject({ detections: 2, manoeuvres: 1 })
    expect(another.dossier?.others).toEqual([])
  })

  test('stay out where their link is above the cap', async () => {
    const veil = { campaign: 'Veil', observed: { from: '2024-03-05' } }
    await ingestInto(opened, [
      input({ ...veil, id: 'veil', counts: { posts: 1 } }),
      input({ ...veil, id: 'veil-red', marking: 'TLP:RED' }),
      part({ id: 'veil-part', partOf: 'veil-red', counts: { posts: 20 } }),
    ])
    for (const [cap, expected] of [
      ['TLP:AMBER', [1, 1]],
      ['TLP:RED', [3, 0]],
    ] as const) {
      const { report } = await make('Veil', { until: '2024-W20', cap })
      expect([report.totals.detections, report.withheld]).toEqual(expected)
    }
  })

  test('come with the alias that brings their whole, which is the reason', async () => {
    const old = { id: 'old-whole', campaign: 'Old Kordon', observed: { from: '2024-04-02' }, counts: { posts: 4 } }
    const below = part({ id: 'old-part', partOf: 'old-whole', observed: { from: '2024-04-03' } })
    await ingestInto(opened, [input(old), below])
    const aliased = opened.asRun('kordon', { aliases: { campaigns: { Kordon: ['Old Kordon'] } } })
    const { report } = await make('Kordon', { until: '2024-W20' }, aliased)
    expect(report.totals.detections).toBe(7)
    expect(report.changes?.reasons).toEqual(['aliases'])
    expect(report.dossier?.storedAs).toEqual([{ name: 'Old Kordon', ids: ['old-part', 'old-whole'] }])
  })
})

describe('versions of a dossier', () => {
  const until = '2024-W20'
  const at = (id: string, campaign: string, from: string) => input({ id, campaign, observed: { from } })

  test('state why: late data, a change of alias, or nothing new', async () => {
    await ingestInto(opened, [at('n1', 'New Name', '2024-05-01'), at('old-name', 'Old Name', '2024-05-02')])
    expect((await make('New Name', { until })).report.totals.detections).toBe(1)
    await ingestInto(opened, [at('n2', 'New Name', '2024-05-03')])
    const late = await make('New Name', { until })
    expect(late.report.changes).toMatchObject({ reasons: ['late data'], added: ['n2'] })

    const renaming = opened.asRun('aliases', { aliases: { campaigns: { 'New Name': ['Old Name'] } } })
    const { report } = await make('Old Name', { until }, renaming)
    expect([report.version, report.territory.code]).toEqual([3, campaignCode('New Name')])
    expect(report.changes).toMatchObject({ reasons: ['aliases'], added: ['old-name'], removed: [] })
    expect(report.dossier?.storedAs).toEqual([{ name: 'Old Name', ids: ['old-name'] }])
    expect(report.pages.fr.bounds.map(({ text }) => text).join()).toContain('Old Name')
    expect((await make('New Name', { until }, renaming)).isNew).toBe(false)
    // The key of the old name is unknown while the name is an alias.
    await expect(make(campaignCode('Old Name'), { until }, renaming)).rejects.toThrow(
      'no campaign of this name is known',
    )
    const back = await make('New Name', { until })
    expect(back.report.changes).toMatchObject({ reasons: ['aliases'], removed: ['old-name'] })
  })

  test('come from the aliases of vigie.json on the command line too', async () => {
    await writeFile(join(home, 'vigie.json'), JSON.stringify({ aliases: { campaigns: { 'New Name': ['Old Name'] } } }))
    const made = jsonOf<ReportJson>(await cli('old name', '--until', until))
    expect(made).toMatchObject({ campaign: 'New Name', version: 5, isNew: true })
    await writeFile(join(home, 'vigie.json'), '{}')
  })

  test('open with an analyst’s note about the key', async () => {
    const file = join(home, 'note.md')
    await writeFile(file, 'Une équipe réemploie les mêmes comptes.')
    const words = ['--author', 'C. Morel', '--role', 'analyste', '--lang', 'fr', '--file', file]
    await vigieJson(['note', 'add', key, '2024-W41', ...words, '--home', home])
    const { report } = await make(big)
    expect(report.changes?.reasons).toEqual(['note'])
    expect(report.pages.fr.notes).toMatchObject([{ author: 'C. Morel' }])
  })
})

test('the archive of dossiers verifies, and its rebuilt index has their names', async () => {
  const { services } = opened
  expect((await verifyArchive(services)).problems).toEqual([])
  const entriesOf = async ({ reports }: Services) =>
    (await Array.fromAsync(reports.all())).map((one) => [one.territory, one.version, one.published])
  const { folder, remove } = await newFolder()
  const empty = await openServices(join(folder, 'home'), 'now')
  try {
    const rebuilt = { ...services, reports: empty.services.reports }
    for await (const one of reindexArchive(rebuilt)) expect(one.did).toBe('indexed')
    expect(await entriesOf(rebuilt)).toEqual(await entriesOf(services))
    expect(await rebuilt.reports.campaignName(key)).toBe(big)
  } finally {
    await empty.close()
    await remove()
  }
})

test.each([
  ['TLP:CLEAR', '[TLP:CLEAR] Open Wave, dossier de campagne, jusqu’au 19 mai 2024 – tous territoires'],
  ['TLP:AMBER', '[TLP:AMBER] Dossier de campagne, jusqu’au 19 mai 2024 – tous territoires'],
] as const)(
  'its mail names the campaign as %s allows, to readers of every territory alone',
  async (marking, subject) => {
    const campaign = 'Open Wave'
    const { folder, remove } = await newFolder()
    const own = ['--home', join(folder, 'home')]
    const found = input({ campaign, marking, observed: { from: '2024-05-15' }, counts: { posts: { value: 30 } } })
    const source = { name: found.detector, expectedRhythm: 'P1D', marking: 'TLP:CLEAR' }
    const run = { source, ran: '2024-05-16T12:00:00Z', found: 1 }
    await vigieJson(['ingest', await writeNdjson(join(folder, 'wave.ndjson'), found, run), ...own])
    for (const reader of [
      ['one@example.org', '--territory', 'NC'],
      ['all@example.org', '--territory', 'overseas', 'COR'],
    ])
      await vigieJson(['recipients', 'add', ...reader, '--clearance', 'AMBER', ...own])
    const made = await vigieJson(['dossier', campaign, '--until', '2024-W20', '--deliver', ...own])
    expect(made).toMatchObject({ delivered: { summary: { SENT: 1 } } })
    const [name = ''] = await readdir(join(folder, 'home/outbox'))
    const mail = await PostalMime.parse(await readFile(join(folder, 'home/outbox', name)))
    await remove()
    expect(mail.to).toMatchObject([{ address: 'all@example.org' }])
    expect(mail.subject?.replace(/[\u00a0\u202f]/g, ' ')).toBe(subject)
    const text = `${mail.text}\n${mail.html}`
    const isNamed = marking === 'TLP:CLEAR'
    expect([text.includes(campaign), /30.messages/.test(text)]).toEqual([isNamed, isNamed])
    expect(text).not.toMatch(/Semaine 0|Inhabituel/)
  },
)
