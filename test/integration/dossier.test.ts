/** A campaign's dossier on a home: made, found again, versioned, proved, mailed; and what it tells nobody. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../lambdas/domain/detection/campaigns.ts'
import { pageOf } from '../../lambdas/domain/page/build-page.ts'
import { reindexArchive } from '../../lambdas/usecases/archive/reindex-archive.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { dossierAsked } from '../../lambdas/usecases/reports/ask-dossier.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { UnknownCampaignError } from '../../lambdas/usecases/reports/reading/read-dossier.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { jsonOf, newFolder, type ReportJson, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

const big = 'UN-notorious BIG'
const key = campaignCode(big)

let home: string
let opened: Opened
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  await ingestInto(opened, await readFile(story.file))
  await ingestInto(opened, [
    input({ id: 'hidden', campaign: 'Project Hidden', marking: 'TLP:RED' }),
    input({ id: 'hidden-big', campaign: big, marking: 'TLP:RED', observed: { from: '2020-01-01' } }),
    input({ id: 'script', campaign: '</b><script>alert(1)</script>', title: { en: '=cmd()', fr: '=cmd()' } }),
  ])
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})
afterAll(() => cleanUp())

type Asked = { readonly until?: string; readonly cap?: 'TLP:GREEN' | 'TLP:AMBER' | 'TLP:RED'; readonly asOf?: string }

const make = (
  campaign: string,
  { until = '2024-W41', cap = 'TLP:AMBER', asOf }: Asked = {},
  services: Services = opened.services,
): Promise<MadeReport> =>
  generateReport(dossierAsked(campaign, { until: parsePeriod(until), cap, asOf }, services), services)

const cli = (...args: readonly string[]) => vigie(['dossier', ...args, '--home', home, '--json'])

describe('a dossier', () => {
  test('tells of the story once: eight operations in every territory', async () => {
    const { report, edition, isNew } = await make(big)
    expect([edition.territory, report.id, isNew]).toEqual([key, `${key}/2024-W41/amber/v0001`, true])
    expect(report.totals).toMatchObject({
      detections: 10,
      manoeuvres: 8,
      posts: { value: 12_332, qualifier: 'at least' },
      videos: { value: 11, qualifier: 'at least' },
    })
    expect(report.withheld).toBe(1)
    expect(report.dossier).toMatchObject({ name: big, since: '2023-07-01', unit: 'month' })
    expect(report.dossier?.operations[0]).toBe('big-2023-07-conference-burst')
    expect(report.dossier?.sets).toMatchObject([
      {
        id: 'big-423',
        operations: [
          { part: { value: 423 } },
          { operation: { id: 'nc-2024-05-diverted-photo' }, part: { value: 348 } },
        ],
      },
    ])
    for (const page of Object.values(report.pages)) {
      expect(page.dossier?.operations.rows).toHaveLength(8)
      // A dash is what was not watched; an event in a hall was, and has no posts.
      expect(JSON.stringify(page.dossier?.operations.rows)).not.toContain('"–"')
      expect(page.dossier?.unknown.items.length).toBeGreaterThan(0)
      expect(page.order).toEqual(expect.arrayContaining(['disarm', 'sources', 'annex']))
    }
  })

  test('says of what came of it under effect, and how far it spread under breakout', async () => {
    const none = { state: 'none', source: 'VIGINUM' } as const
    await ingestInto(opened, [
      input({ id: 'wide', campaign: 'Kappa', title: { en: 'Wide' }, observedEffect: none, breakout: { category: 5 } }),
      input({ id: 'calm', campaign: 'Kappa', title: { en: 'Calm' }, observedEffect: none }),
    ])
    const rowsOf = ({ report: { pages } }: MadeReport) =>
      pages.en.dossier?.key.map(({ paragraphs }) => paragraphs.map((one) => one.map(({ text }) => text).join('')))
    const [effect = [], breakout = []] = rowsOf(await make('Kappa')) ?? []
    expect(effect[0]).toBe('The 2 known operations: 2 without effect according to their sources.')
    expect(effect.join(' ')).not.toContain('breakout')
    expect(breakout[0]).toMatch(/^“Wide” .*breakout/)
    expect(breakout[1]).toMatch(/^Category 5 of 6 at most/)
    await ingestInto(opened, [
      input({
        id: 'act',
        campaign: 'Kappa',
        title: { en: 'Act' },
        observedEffect: { state: 'observed', degree: 'act' },
      }),
    ])
    const [seen = [], spread = []] = rowsOf(await make('Kappa')) ?? []
    expect(seen[0]).toMatch(/^“Act” /)
    expect(spread[0]).toMatch(/^“Wide” /)
  })

  test('is found again by any spelling and by its key, and nothing is written', async () => {
    for (const named of ['un-notorious big', key.toUpperCase(), key]) {
      const { report, isNew } = await make(named)
      expect([report.id, isNew]).toEqual([`${key}/2024-W41/amber/v0001`, false])
    }
  })

  test('ends with its period: what came after is not in it', async () => {
    const { report } = await make(big, { until: '2024-W19' })
    expect(report.totals).toMatchObject({
      detections: 5,
      manoeuvres: 5,
      posts: { value: 7_000, qualifier: 'at least' },
    })
    expect(report.dossier?.steps.at(-1)).toMatchObject({ name: '2024-05', last: '2024-05-12' })
  })

  test('says in its first version what is new since the dossier that ended before', async () => {
    const { report } = await make(big, { until: '2024-W42' })
    expect(report.changes).toMatchObject({
      until: '2024-W41',
      version: 1,
      reasons: ['later period'],
      added: [],
      removed: [],
    })
    const later = await make(big, { until: '2024-W43', cap: 'TLP:GREEN' })
    // Editions are compared with their own alone.
    expect(later.report.changes).toBeNull()
    expect(report.pages.fr.changes?.sentences[0]?.map(({ text }) => text).join('')).toContain(
      'Depuis le dossier jusqu’à 2024-W41',
    )
  })

  test('lists what is known to a month that is not over yet, and counts it nowhere', async () => {
    const { report } = await make(big, { until: '2024-W16' })
    expect(report.undatedHere.map(({ id }) => id)).toEqual(['nc-2024-04-memorandum'])
    expect(report.totals.detections).toBe(4)
  })

  test('says that nothing counts yet, and denies nothing, where all is known to such a month', async () => {
    await ingestInto(opened, [
      input({
        id: 'late',
        campaign: 'Later',
        observed: { from: '2024-10' },
        counts: { posts: 80 },
        breakout: { category: 5 },
      }),
    ])
    const { report } = await make('Later')
    for (const [language, told] of [
      ['fr', /^Rien ne compte encore\s: la seule détection est connue au mois près/],
      ['en', /^Nothing counts yet: the one detection is known to the month/],
    ] as const) {
      const { dossier, bounds } = pageOf(report, language)
      const said = dossier?.key.flatMap(({ paragraphs }) =>
        paragraphs.map((one) => one.map(({ text }) => text).join('')),
      )
      expect(said).toEqual([expect.stringMatching(told)])
      expect(JSON.stringify(bounds)).not.toMatch(/opération connue|known operation/)
    }
  })

  test('asks until the last complete week of all territories', () => {
    const clock = () => new Date('2024-05-21T12:00:00Z')
    const asked = (at: string) => dossierAsked(big, { cap: 'TLP:AMBER' }, { aliases: {}, clock: () => new Date(at) })
    expect(dossierAsked(big, { cap: 'TLP:AMBER' }, { aliases: {}, clock }).period.id).toBe('2024-W20')
    // In Tahiti the week is not over.
    expect(asked('2024-05-20T02:00:00Z').period.id).toBe('2024-W19')
  })

  test('is made of hostile names as of others', async () => {
    const { report, manifest } = await make('</b><script>alert(1)</script>', { until: '2024-W20' })
    expect(manifest.held).toBeUndefined()
    expect(manifest.territory).toMatch(/^campaign-[0-9a-f]{12}$/)
    const html = new TextDecoder().decode(await opened.services.archive.get(`reports/${report.id}/report.fr.html`))
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;script&gt;')
  })
})

describe('words without a blank', () => {
  test('take no sheet beyond its width: such a dossier is published', async () => {
    const long = 'W'.repeat(180)
    await ingestInto(opened, [
      input({
        id: 'long',
        campaign: long,
        title: { en: long, fr: long },
        observed: { from: '2024-05-02', label: { en: long, fr: long } },
        actor: { name: long, attributedBy: long },
        accountSet: { id: 'long', name: long, size: 10 },
        accountRefs: [long],
        indicators: [{ type: 'url', value: `https://post.example/${long}`, note: { en: long, fr: long } }],
        narratives: [long],
        observedEffect: { state: 'none', text: long, source: long },
        breakout: { category: 2, evidence: { en: long, fr: long } },
        confidence: { score: 70, of: { en: long, fr: long } },
        detector: { name: long.slice(0, 120) },
      }),
    ])
    const { manifest } = await make(long, { until: '2024-W20' })
    expect(manifest.held).toBeUndefined()
  })
})

describe('a campaign that may not be known', () => {
  test('is unknown: the same words and the same exit code as one that nobody knows', async () => {
    const hidden = await cli('Project Hidden', '--until', '2024-W20')
    const none = await cli('Project Nowhere', '--until', '2024-W20')
    expect([hidden.code, hidden.stderr, hidden.stdout]).toEqual([none.code, none.stderr, none.stdout])
    expect(hidden.code).toBe(1)
    expect(hidden.stderr).toContain('no campaign of this name is known up to 2024-W20 in the edition AMBER')
    expect(await opened.services.reports.campaigns()).not.toContain(campaignCode('Project Hidden'))
    expect((await make('Project Hidden', { until: '2024-W20', cap: 'TLP:RED' })).report.totals.detections).toBe(1)
    // That there is one now does not show below it either, not even by its key.
    await expect(make(campaignCode('Project Hidden'), { until: '2024-W20' })).rejects.toThrow(UnknownCampaignError)
  })

  test('is one that only begins later', async () => {
    // In Nouméa it is Monday of the next week, which in Tahiti has not begun; in Corsica still Sunday.
    const monday = { campaign: 'Monday', observed: { from: '2024-05-19T13:30:00Z' } }
    await ingestInto(opened, [
      input({ ...monday, id: 'monday', territories: ['NC'] }),
      input({ ...monday, id: 'monday-hidden', territories: ['NC'], marking: 'TLP:RED' }),
    ])
    await expect(make('Monday', { until: '2024-W20' })).rejects.toThrow(UnknownCampaignError)
    await ingestInto(opened, [input({ ...monday, id: 'sunday', territories: ['COR'] })])
    const { report } = await make('Monday', { until: '2024-W20' })
    expect([report.totals.detections, report.withheld]).toEqual([1, 0])
    await expect(make(big, { until: '2023-W20' })).rejects.toThrow(UnknownCampaignError)
  })

  test('wrong words are wrong usage', async () => {
    expect((await cli(' ')).code).toBe(2)
    expect((await cli(big, '--until', 'yesterday')).code).toBe(2)
    expect((await cli(big, '--cap', 'PURPLE')).code).toBe(2)
  })
})

describe('parts that do not repeat the name', () => {
  const whole = { id: 'kordon', campaign: 'Kordon', observed: { from: '2024-03-05' }, counts: { posts: 100 } }
  const part = (said: Parameters<typeof input>[0]) =>
    input({ partOf: 'kordon', observed: { from: '2024-03-06' }, ...said })

  test('are in the dossier as they are in the report: elsewhere and later too, and below one another', async () => {
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
    expect(report.totals).toMatchObject({
      detections: 5,
      manoeuvres: 1,
      posts: { value: 2_077, qualifier: 'at least' },
    })
    expect(report.withheld).toBe(1)
    expect(report.dossier).toMatchObject({ since: '2024-03-01', others: [{ whole: 'kordon', parts: 1 }], storedAs: [] })
    const { report: another } = await make('Another', { until: '2024-W20' })
    expect(another.totals).toMatchObject({ detections: 2, manoeuvres: 1 })
    expect(another.dossier?.others).toEqual([])
  })

  test('are told where they name another campaign', async () => {
    const { report } = await make('Kordon', { until: '2024-W20' })
    const text = JSON.stringify(report.pages.en)
    expect(text).toContain('One part of these operations names another campaign and is not counted here.')
    expect(text).toContain('4 parts · one part of another campaign, not counted here')
  })

  test('stay out where what links them is above the cap', async () => {
    await ingestInto(opened, [
      input({ id: 'veil', campaign: 'Veil', observed: { from: '2024-03-05' }, counts: { posts: 1 } }),
      input({ id: 'veil-red', campaign: 'Veil', marking: 'TLP:RED', observed: { from: '2024-03-05' } }),
      part({ id: 'veil-part', partOf: 'veil-red', counts: { posts: 20 } }),
    ])
    const asked = { until: '2024-W20' }
    const { report } = await make('Veil', asked)
    expect([report.totals.detections, report.withheld]).toEqual([1, 1])
    const { report: red } = await make('Veil', { ...asked, cap: 'TLP:RED' })
    expect([red.totals.detections, red.withheld]).toEqual([3, 0])
  })

  test('come and go with the alias that brings their whole, and that is the reason', async () => {
    const old = { id: 'old-whole', campaign: 'Old Kordon', observed: { from: '2024-04-02' }, counts: { posts: 4 } }
    await ingestInto(opened, [
      input(old),
      part({ id: 'old-part', partOf: 'old-whole', observed: { from: '2024-04-03' } }),
    ])
    const { report } = await make(
      'Kordon',
      { until: '2024-W20' },
      opened.asRun('kordon', { aliases: { campaigns: { Kordon: ['Old Kordon'] } } }),
    )
    expect(report.totals.detections).toBe(7)
    expect(report.changes?.reasons).toEqual(['aliases'])
    expect(report.dossier?.storedAs).toEqual([{ name: 'Old Kordon', ids: ['old-part', 'old-whole'] }])
  })
})

describe('versions of a dossier', () => {
  const asOld = { id: 'old-name', campaign: 'Old Name', observed: { from: '2024-05-02' }, counts: { posts: 5 } }

  test('say why: late data, a change of alias, and that nothing changed', async () => {
    await ingestInto(opened, [
      input({ id: 'n1', campaign: 'New Name', observed: { from: '2024-05-01' } }),
      input(asOld),
    ])
    const first = await make('New Name', { until: '2024-W20' })
    expect(first.report.totals.detections).toBe(1)
    await ingestInto(opened, [input({ id: 'n2', campaign: 'New Name', observed: { from: '2024-05-03' } })])
    expect((await make('New Name', { until: '2024-W20' })).report.changes).toMatchObject({
      reasons: ['late data'],
      added: ['n2'],
    })

    const renaming = opened.asRun('aliases', { aliases: { campaigns: { 'New Name': ['Old Name'] } } })
    const { report } = await make('Old Name', { until: '2024-W20' }, renaming)
    expect([report.version, report.territory.code]).toEqual([3, campaignCode('New Name')])
    expect(report.changes).toMatchObject({ reasons: ['aliases'], added: ['old-name'], removed: [] })
    expect(report.dossier?.storedAs).toEqual([{ name: 'Old Name', ids: ['old-name'] }])
    expect(report.pages.fr.bounds.map(({ text }) => text).join()).toContain('Old Name')
    expect((await make('New Name', { until: '2024-W20' }, renaming)).isNew).toBe(false)
    // The name that was an own one is the other's now.
    await expect(make(campaignCode('Old Name'), { until: '2024-W20' }, renaming)).rejects.toThrow(UnknownCampaignError)
    expect((await make('New Name', { until: '2024-W20' })).report.changes).toMatchObject({
      reasons: ['aliases'],
      removed: ['old-name'],
    })
  })

  test('come from the aliases of vigie.json on the command line too', async () => {
    await writeFile(join(home, 'vigie.json'), JSON.stringify({ aliases: { campaigns: { 'New Name': ['Old Name'] } } }))
    const made = jsonOf<ReportJson>(await cli('old name', '--until', '2024-W20'))
    expect(made).toMatchObject({ campaign: 'New Name', version: 5, isNew: true })
    await writeFile(join(home, 'vigie.json'), '{}')
  })

  test('are opened by an analyst’s note, which is about the key', async () => {
    const file = join(home, 'note.md')
    await writeFile(file, 'Une équipe réemploie les mêmes comptes.')
    const words = ['--author', 'C. Morel', '--role', 'analyste', '--lang', 'fr', '--file', file]
    await vigieJson(['note', 'add', key, '2024-W41', ...words, '--home', home])
    const { report } = await make(big)
    expect(report.changes?.reasons).toEqual(['note'])
    expect(report.pages.fr.notes).toMatchObject([{ author: 'C. Morel' }])
  })
})

describe('the archive', () => {
  test('proves dossiers like every report, and its index comes back with their names', async () => {
    const { services } = opened
    expect((await verifyArchive(services)).problems).toEqual([])
    const before = await Array.fromAsync(services.reports.all())
    expect(before.some(({ territory, published }) => territory === key && published?.campaign === big)).toBe(true)
    const { folder, remove } = await newFolder()
    const empty = await openServices(join(folder, 'home'), 'now')
    try {
      const parts = { ...services, reports: empty.services.reports }
      for await (const one of reindexArchive(parts)) expect(one.did).toBe('indexed')
      const after = await Array.fromAsync(parts.reports.all())
      expect(after.map(({ territory, version, published }) => [territory, version, published])).toEqual(
        before.map(({ territory, version, published }) => [territory, version, published]),
      )
      expect(await parts.reports.campaignName(key)).toBe(big)
    } finally {
      await empty.close()
      await remove()
    }
  })
})

describe('what shows a detection', () => {
  test('names the dossiers that list it too', async () => {
    const told = await vigieJson<{ versions: readonly { territory: string; standing?: unknown }[] }>([
      'explain',
      'mq-2024-10-riot-police-videos',
      '--home',
      home,
    ])
    const [version] = told.versions.filter(({ territory }) => territory === key)
    expect(version).toMatchObject({ period: '2024-W41', cap: 'TLP:AMBER' })
    expect(version?.standing).toBeUndefined()
    const wrong = await vigie(['explain', 'hidden', '--in', key, '2024-W20', '--home', home])
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('give a territory or a group')])
  })
})

describe('mail', () => {
  test('goes to who reads every territory, by --deliver alone, and tells no name above GREEN', async () => {
    const add = (address: string, territories: string, clearance: string) =>
      vigieJson([
        'recipients',
        'add',
        address,
        '--territory',
        ...territories.split(' '),
        '--clearance',
        clearance,
        '--home',
        home,
      ])
    await add('one@example.org', 'NC', 'AMBER')
    await add('all@example.org', 'overseas COR', 'AMBER')
    const made = await vigieJson(['dossier', 'New Name', '--until', '2024-W20', '--deliver', '--home', home])
    expect(made).toMatchObject({ delivered: { summary: { SENT: 1 } } })
    const { deliveries } = opened.services
    const [sent, ...more] = await deliveries.about(campaignCode('New Name'), '2024-W20')
    expect([sent?.state, more.length]).toEqual(['SENT', 0])
  })

  test.each([
    ['TLP:CLEAR', '[TLP:CLEAR] Open Wave, dossier de campagne, jusqu’au 19 mai 2024 : au moins 30 messages relevés'],
    ['TLP:AMBER', '[TLP:AMBER] Dossier de campagne, jusqu’au 19 mai 2024 : tous territoires'],
  ] as const)('names the campaign as %s lets it, and compares its figures with nothing', async (marking, subject) => {
    const campaign = 'Open Wave'
    const { folder, remove } = await newFolder()
    const own = join(folder, 'home')
    const file = join(folder, 'wave.ndjson')
    const found = input({ campaign, marking, observed: { from: '2024-05-15' }, counts: { posts: { value: 30 } } })
    const source = { name: found.detector, expectedRhythm: 'P1D', marking: 'TLP:CLEAR' }
    const run = { source, ran: '2024-05-16T12:00:00Z', found: 1 }
    await writeFile(file, [found, run].map((line) => JSON.stringify(line)).join('\n'))
    await vigieJson(['ingest', file, '--home', own])
    const reader = ['all@example.org', '--territory', 'overseas', 'COR', '--clearance', 'AMBER']
    await vigieJson(['recipients', 'add', ...reader, '--home', own])
    await vigieJson(['dossier', campaign, '--until', '2024-W20', '--deliver', '--home', own])
    const [name = ''] = await readdir(join(own, 'outbox'))
    const mail = await PostalMime.parse(await readFile(join(own, 'outbox', name)))
    await remove()
    expect(mail.subject?.replace(/[\u00a0\u202f]/g, ' ')).toBe(subject)
    const said = `${mail.text}\n${mail.html}`
    const isTold = marking === 'TLP:CLEAR'
    expect([said.includes(campaign), said.includes('Messages')]).toEqual([isTold, isTold])
    expect(said).not.toMatch(/Semaine 0|Inhabituel/)
  })
})
