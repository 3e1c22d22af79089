/**
 * A flash note on a home: made, found again, held from mail until it is approved, expired; and what it tells nobody.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { FlashCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { mayReceive } from '../../lambdas/domain/delivery/may-receive.ts'
import { reindexArchive } from '../../lambdas/usecases/archive/reindex-archive.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { awaitsApproval } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { approveFlash } from '../../lambdas/usecases/reports/flash/approve-flash.ts'
import { FlashError, flashAsked } from '../../lambdas/usecases/reports/flash/ask-flash.ts'
import { listFlash } from '../../lambdas/usecases/reports/flash/list-flash.ts'
import { generateReport, HeldReportError, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { flashAbout, UnknownFlashError } from '../../lambdas/usecases/reports/reading/read-flash.ts'
import { newFolder, vigie, vigieJson } from '../support/cli.ts'
import { ago, now } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let home: string
let opened: Opened
let cleanUp: () => Promise<void>

const hour = 3_600_000
const hoursAgo = (hours: number) => ago(hours * hour)

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  await ingestInto(opened, [
    input({
      id: 'photo',
      title: { fr: 'Photo détournée', en: 'Diverted photo' },
      territories: ['NC'],
      observed: { from: hoursAgo(42.5) },
      counts: { posts: 5187, accounts: 1686 },
      breakout: { category: 4 },
      marking: 'TLP:GREEN',
    }),
    input({ id: 'video', territories: ['NC', 'PF'], observed: { from: hoursAgo(10) }, marking: 'TLP:AMBER' }),
    input({
      id: 'bare',
      title: { en: 'Only a title' },
      observed: { from: hoursAgo(20).slice(0, 10) },
      marking: 'TLP:GREEN',
    }),
    input({ id: 'secret', title: { en: 'zqCanary' }, observed: { from: hoursAgo(5) }, marking: 'TLP:RED' }),
    input({
      id: 'hostile',
      title: { en: '</h2><script>alert(1)</script> https://evil.example/x', fr: '=cmd()' },
      summary: { en: 'x'.repeat(4_000) },
      hashtags: ['y'.repeat(200)],
      observed: { from: hoursAgo(3) },
      marking: 'TLP:GREEN',
    }),
  ])
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})
afterAll(() => cleanUp())

const make = async (
  ids: readonly string[],
  { cap = 'TLP:AMBER', until }: { readonly cap?: Marking; readonly until?: string } = {},
  { services } = opened,
): Promise<MadeReport> => generateReport(await flashAsked(ids, { cap, until }, services), services)

const textOf = (page: MadeReport['report']['pages']['fr']): string =>
  JSON.stringify([page.flash, page.bounds, page.unknown])

describe('a flash note', () => {
  test('is one page: hours since the first post, figures as they are given, until when it holds, what not to do', async () => {
    const { report, isNew, manifest } = await make(['photo'])
    expect([isNew, manifest.held, report.cap, report.marking]).toEqual([true, undefined, 'TLP:AMBER', 'TLP:AMBER'])
    expect(report.territory.code).toMatch(/^flash-nc-[0-9a-f]{12}$/)
    expect(report.totals.posts).toMatchObject({ value: 5187, qualifier: 'exact' })
    const { fr, en } = report.pages
    expect(fr.flash?.when).toContain('42 heures après le premier message')
    expect(en.flash?.when).toContain('42 hours after the first post')
    expect(textOf(fr)).toMatch(/[^\p{L}] ?5\u202f187 messages/u)
    expect(textOf(fr)).not.toContain('au moins 5')
    expect(fr.bounds[1]?.text).toMatch(/^chiffres tels que les sources les donnent/)
    expect(fr.bounds[0]?.text).toContain('rapport de la semaine')
    expect(fr.flash?.readers.items.at(-1)?.text[0]).toEqual({ text: 'Ne pas relayer', strong: true })
    expect([fr.order, fr.annex, fr.figures.rows]).toEqual([[], null, []])
  })

  test('promises no weekly report that was due and not made in this edition, and names one that stands', async () => {
    const late = await openServices(join(home, 'late'), '2024-06-10T06:00:00.000Z')
    const weekly = (cap: Marking) =>
      generateReport({ territory: 'NC', period: parsePeriod('2024-W20'), cap }, late.services)
    try {
      await ingestInto(late, [input({ id: 'photo', observed: { from: '2024-05-15' }, marking: 'TLP:GREEN' })])
      await weekly('TLP:AMBER')
      const none = (await make(['photo'], { cap: 'TLP:GREEN' }, late)).report.pages
      expect(textOf(none.fr)).not.toMatch(/en cours de calcul|attendu|voir le rapport|version 1\)/)
      expect(textOf(none.en)).not.toMatch(/being computed|expected|see the report|version 1\)/)
      expect(textOf(none.fr).match(/(aucun|faute de) rapport de la semaine 20/g)).toHaveLength(3)
      expect(textOf(none.en).match(/no report of week 20 was made in this edition/g)).toHaveLength(3)
      expect([none.en.bounds[0]?.link, none.en.kind]).toEqual([undefined, 'outside the weekly report'])
      await weekly('TLP:GREEN')
      late.at('2024-06-13T06:00:00.000Z')
      const { fr, en } = (await make(['photo'], { cap: 'TLP:GREEN' }, late)).report.pages
      expect(fr.bounds[0]?.text).toMatch(
        /le rapport de la semaine 20 \(Nouvelle-Calédonie, version 1\) est publié et reste la référence$/,
      )
      expect(textOf(fr).match(/voir le rapport de la semaine 20, version 1/g)).toHaveLength(2)
      expect(textOf(en).match(/see the report of week 20, version 1/g)).toHaveLength(2)
      expect(textOf(en)).not.toContain('expected on')
      expect(en.bounds[0]?.link).toEqual({
        text: 'Read the report',
        href: '../../../../NC/2024-W20/green/v0001/report.en.html',
      })
    } finally {
      await late.close()
    }
  })

  test('expects the weekly report while it is to come, also where a version of the week stands', async () => {
    const early = await openServices(join(home, 'early'), '2024-05-16T06:00:00.000Z')
    try {
      await ingestInto(early, [input({ id: 'photo', observed: { from: '2024-05-15' }, marking: 'TLP:GREEN' })])
      const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:GREEN' } as const
      await generateReport(edition, early.services)
      const { fr, en } = (await make(['photo'], { cap: 'TLP:GREEN', until: '2024-05-17T06:00:00.000Z' }, early)).report
        .pages
      expect(textOf(fr).match(/en cours de calcul/g)).toHaveLength(2)
      expect(en.bounds[0]?.text).toMatch(/; the report of week 20, expected on 20\sMay\s2024, replaces it$/)
      expect(textOf(en).match(/being computed/g)).toHaveLength(2)
      expect([en.bounds[0]?.link, en.kind]).toEqual([undefined, 'before the weekly report'])
    } finally {
      await early.close()
    }
  })

  test('tells the figure of the weekly report, with what is below, and is running only while its last day is', async () => {
    const other = await openServices(join(home, 'parts'), '2024-05-17T06:00:00.000Z')
    try {
      const counts = (value: number) => ({ counts: { posts: value } })
      const days = { observed: { from: '2024-05-15', to: '2024-05-17' } }
      const part = { partOf: 'whole', observed: { from: '2024-05-15' } }
      await ingestInto(other, [
        input({
          id: 'whole',
          ...days,
          counts: { posts: { value: 5_001, qualifier: 'at least' } },
          marking: 'TLP:GREEN',
        }),
        input({ id: 'x', ...part, ...counts(5_187), marking: 'TLP:GREEN' }),
        input({ id: 'facebook', ...part, ...counts(145), marking: 'TLP:GREEN' }),
        input({ id: 'above', ...part, ...counts(900), marking: 'TLP:RED' }),
        input({ id: 'single', observed: { from: '2024-05-15' }, ...counts(12), marking: 'TLP:GREEN' }),
      ])
      const weekly = await generateReport(
        { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:GREEN' },
        other.services,
      )
      const note = await make(['whole'], { cap: 'TLP:GREEN' }, other)
      expect(note.manifest.held).toBeUndefined()
      const own = weekly.report.manoeuvres.find(({ id }) => id === 'whole')?.figures.posts
      expect(own).toMatchObject({ value: 5_332, qualifier: 'at least' })
      expect(note.report.manoeuvres[0]?.figures.posts).toEqual(own)
      expect(note.report.pages.en.flash?.blocks).toHaveLength(1)
      expect(textOf(note.report.pages.en)).toContain('at least 5,332 posts')
      expect(note.report.pages.en.bounds[1]?.text).toMatch(/^running: its last day is not over/)
      const single = await make(['single'], { cap: 'TLP:GREEN' }, other)
      expect(single.report.totals.posts).toMatchObject({ value: 12, qualifier: 'at least' })
      expect(single.report.pages.en.bounds[1]?.text).toMatch(/no source states whether it continues/)
      other.at('2024-05-18T06:00:00.000Z')
      const later = await make(['whole'], { cap: 'TLP:GREEN' }, other)
      expect(later.report.pages.en.bounds[1]?.text).toMatch(/no source states whether it continues/)
    } finally {
      await other.close()
    }
  })

  test('tells what a part says that is placed in another of its territories', async () => {
    const other = await openServices(join(home, 'spread'), '2024-05-17T06:00:00.000Z')
    try {
      const days = { observed: { from: '2024-05-15' }, marking: 'TLP:GREEN' } as const
      await ingestInto(other, [
        input({ id: 'both', ...days, territories: ['NC', 'PF'], counts: { posts: 10 } }),
        input({
          id: 'there',
          ...days,
          partOf: 'both',
          territories: ['PF'],
          counts: { posts: 90 },
          observedEffect: { state: 'observed', degree: 'act', text: { en: 'The port was blocked' } },
          breakout: { category: 6 },
        }),
      ])
      const { report } = await make(['both'], { cap: 'TLP:GREEN' }, other)
      const text = textOf(report.pages.en)
      expect(text).toContain('The port was blocked')
      expect(text).toContain('at least 90 posts')
    } finally {
      await other.close()
    }
  })

  test('tells of a part of the next week by itself, as the weekly reports do', async () => {
    const other = await openServices(join(home, 'weeks'), '2024-05-28T06:00:00.000Z')
    try {
      const green = { marking: 'TLP:GREEN' } as const
      await ingestInto(other, [
        input({ id: 'whole', ...green, observed: { from: '2024-05-15' }, counts: { posts: 10 } }),
        input({ id: 'middle', ...green, partOf: 'whole', observed: { from: '2024-05-21' }, counts: { posts: 40 } }),
        input({ id: 'below', ...green, partOf: 'middle', observed: { from: '2024-05-16' }, counts: { posts: 25 } }),
      ])
      const { report } = await make(['whole', 'middle'], { cap: 'TLP:GREEN' }, other)
      const told = new Map(report.manoeuvres.map(({ id, figures }) => [id, figures.posts]))
      for (const [id, week] of [
        ['whole', '2024-W20'],
        ['middle', '2024-W21'],
      ] as const) {
        const asked = { territory: 'NC', period: parsePeriod(week), cap: 'TLP:GREEN' } as const
        const weekly = await generateReport(asked, other.services)
        expect(told.get(id), id).toEqual(weekly.report.manoeuvres.find((one) => one.id === id)?.figures.posts)
      }
      expect(told.get('middle')).toEqual({ value: 40, qualifier: 'exact' })
    } finally {
      await other.close()
    }
  })

  test('is found again by its ids in any order, by its key, and in a queue', async () => {
    const first = await make(['video', 'photo'])
    const code = first.report.territory.code as FlashCode
    expect(code).toMatch(/^flash-nc-pf-/)
    for (const again of [['photo', 'video', 'photo'], [code], [code.toUpperCase()]]) {
      const { report, isNew } = await make(again)
      expect([report.id, isNew]).toEqual([first.report.id, false])
    }
    const [sent, jobs]: [unknown[], unknown[]] = [[], []]
    const made = await handleReportMessage(
      {
        kind: 'requested',
        territory: code,
        period: first.report.period.id,
        cap: 'TLP:AMBER',
        deliver: 'everybody',
        late: 'leave',
      },
      opened.services,
      { report: async (one) => void jobs.push(one), delivery: async (one) => void sent.push(one) },
    )
    if (!made || 'paused' in made) throw new Error('nothing was made')
    expect([made.report.id, made.isNew, sent.length, jobs]).toEqual([first.report.id, false, 1, []])
  })

  test('tells at least that it was seen, of one of which nothing but a title is known', async () => {
    const { report } = await make(['bare'])
    expect(textOf(report.pages.fr)).toContain('n.\u202fc., aucune source ne donne de nombre')
    expect(report.pages.en.flash?.when).toContain('hour unknown')
  })

  test('stays one page whatever a source wrote, and runs nothing', async () => {
    const { report, manifest } = await make(['hostile', 'bare', 'photo'])
    expect(manifest.held).toBeUndefined()
    const html = new TextDecoder().decode(await opened.services.archive.get(`reports/${report.id}/report.en.html`))
    expect(html).toContain('&lt;script')
    expect(html).not.toMatch(/<script|https:\/\/evil/)
  })

  test('cuts a long text between words, and no number in two', async () => {
    const fr = `${'mot '.repeat(72)}plus de 5\u202f000\u00a0messages et la suite ${'mot '.repeat(40)}`
    await ingestInto(opened, [
      input({ id: 'long', summary: { fr, en: fr }, observed: { from: hoursAgo(2) }, marking: 'TLP:GREEN' }),
    ])
    const { report } = await make(['long'])
    const content = report.pages.fr.flash?.blocks[0]?.rows.find(({ label }) => label === 'Contenu')
    expect(content?.paragraphs[0]?.[0]?.text).toMatch(/^(mot )+plus de…$/)
  })

  test('refuses what is not there in the words for what is above the cap, and more than one page holds', async () => {
    const refusal = (ids: readonly string[], cap: Marking) =>
      make(ids, { cap }).then(
        () => 'made',
        (error: Error) => [error.name, error.message.replaceAll(/"\w+"/g, '"…"')].join(),
      )
    const unknown = await refusal(['nowhere'], 'TLP:AMBER')
    expect(unknown).toContain('UnknownFlashError')
    expect(await refusal(['secret'], 'TLP:AMBER')).toBe(unknown)
    expect(await refusal(['photo', 'secret'], 'TLP:AMBER')).toBe(unknown)
    expect(await refusal(['video'], 'TLP:GREEN')).toBe(await refusal(['nowhere'], 'TLP:GREEN'))
    await expect(make(['photo', 'video', 'bare', 'hostile'])).rejects.toThrow(FlashError)
    await expect(make(['photo'], { until: hoursAgo(1) })).rejects.toThrow(/is past/)
    await expect(make(['flash-nc-0123456789ab'])).rejects.toThrow(UnknownFlashError)
  })

  test('counts what was marked above its cap since, and tells nothing else of it', async () => {
    await ingestInto(opened, [
      input({ id: 'raised', title: { en: 'zqRaised' }, observed: { from: hoursAgo(4) }, marking: 'TLP:GREEN' }),
    ])
    const first = await make(['raised', 'bare'])
    await ingestInto(opened, [
      input({ id: 'raised', title: { en: 'zqRaised' }, observed: { from: hoursAgo(4) }, marking: 'TLP:RED' }),
    ])
    const { report } = await make([first.report.territory.code])
    expect([report.version, report.withheld, report.totals.detections]).toEqual([2, 1, 1])
    expect(JSON.stringify({ ...report, id: '' })).not.toContain('zqRaised')
    // The edition that may show it has lost nothing.
    const red = await make([first.report.territory.code], { cap: 'TLP:RED' })
    expect([red.report.withheld, red.report.totals.detections]).toEqual([0, 2])
  })

  test('says for the same edition the same, whatever is stored above it', async () => {
    const snapshot = async (folder: string, extra: boolean) => {
      const other = await openServices(join(home, folder), '2024-05-17T00:00:00.000Z')
      try {
        await ingestInto(other, [
          input({ id: 'seen', marking: 'TLP:GREEN' }),
          ...(extra ? [input({ id: 'above', campaign: 'zq', marking: 'TLP:RED' })] : []),
        ])
        const { report } = await make(['seen'], { cap: 'TLP:GREEN' }, other)
        return JSON.stringify(report.pages)
      } finally {
        await other.close()
      }
    }
    expect(await snapshot('with', true)).toBe(await snapshot('without', false))
  })
})

describe('the analyst’s note', () => {
  test('opens it, ends it with what to avoid, and one that is too long holds it', async () => {
    const { report } = await make(['photo', 'bare'])
    const [code, period] = [report.territory.code, report.period.id]
    const say = (...more: readonly string[]) =>
      vigieJson([
        'note',
        'add',
        code,
        period,
        '--author',
        'C. Morel',
        '--role',
        'analyste',
        '--lang',
        'fr',
        '--marking',
        'GREEN',
        ...more,
        '--home',
        home,
      ])
    await say('--avoid', 'Ne pas citer le hashtag.', '--watch', 'Reprise par un média.')
    const noted = await make([code])
    expect(noted.report.version).toBe(2)
    expect(noted.report.pages.fr.flash?.readers).toMatchObject({
      note: 'par l’analyste',
      items: [{}, { text: [{ text: 'Ne pas citer le hashtag.' }] }],
    })
    const file = join(home, 'long.md')
    await writeFile(file, 'Une phrase très longue. '.repeat(400))
    await say('--file', file)
    await expect(make([code])).rejects.toThrow(HeldReportError)
    // The one before does not say what the held one says.
    await expect(approveFlash({ key: code, by: 'C. Morel' }, opened.services)).rejects.toThrow(/v3 is held/)
    const wrong = await vigie([
      'note',
      'add',
      'flash-nc-0123456789ab',
      period,
      '--author',
      'a',
      '--role',
      'b',
      '--lang',
      'fr',
      '--avoid',
      'c',
      '--home',
      home,
    ])
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('no flash note has the key')])
  })
})

describe('mail', () => {
  const add = (address: string, territories: string, ...more: readonly string[]) =>
    vigieJson(['recipients', 'add', address, '--territory', ...territories.split(' '), ...more, '--home', home])
  const outbox = async () =>
    (await readdir(join(home, 'outbox')).catch(() => [])).filter((name) => name.startsWith('flash-'))

  test('leaves once a person has approved that version, for who reads every territory, whatever the cadence', async () => {
    await add('nc@example.org', 'NC', '--clearance', 'AMBER', '--cadence', 'month')
    await add(
      'both@example.org',
      'NC PF',
      '--clearance',
      'AMBER',
      '--cadence',
      'month',
      '--organisation',
      'Cellule de crise',
    )
    const until = new Date(now().getTime() + 5 * hour).toISOString()
    const made = await vigieJson<{ id: string; territory: string; period: string; until: string }>([
      'flash',
      'photo',
      'video',
      '--until',
      until,
      '--home',
      home,
    ])
    expect(made).toMatchObject({ until })
    const { territory, period } = made
    expect(await outbox()).toEqual([])
    expect(await vigieJson(['flash', 'list', '--home', home])).toContainEqual(
      expect.objectContaining({ key: territory, period, state: 'waits', ids: ['photo', 'video'], until }),
    )
    const nobody = await vigie(['flash', 'approve', territory, '--by', ' ', '--home', home])
    expect(nobody.code).toBe(2)

    const kept = await vigieJson(['flash', 'approve', territory, '--by', 'C. Morel', '--no-deliver', '--home', home])
    expect(kept).toMatchObject([{ territory, by: 'C. Morel' }])
    expect(await outbox()).toEqual([])
    const sent = await vigieJson(['flash', 'approve', territory, '--by', 'Other', '--home', home])
    expect(sent).toMatchObject([{ by: 'C. Morel', delivered: { summary: { SENT: 1, WITHHELD: 0 } } }])
    const [name = '', ...more] = await outbox()
    expect(more).toEqual([])
    const mail = await readFile(join(home, 'outbox', name), 'utf8')
    expect(mail).toContain('both@example.org')
    // Above GREEN a mail says neither where nor what.
    expect(mail.replaceAll(/flash-[\w.-]+/g, '')).not.toMatch(/Nouméa|Nouvelle|Photo/)
  })

  test('waits again for a next version, and goes to nobody once the note has expired', async () => {
    const { services } = opened
    const { report } = await make(['photo', 'video'])
    await ingestInto(opened, [
      input({
        id: 'video',
        territories: ['NC', 'PF'],
        observed: { from: hoursAgo(11) },
        counts: { posts: 7 },
        marking: 'TLP:AMBER',
      }),
    ])
    const next = await make(['photo', 'video'])
    expect(next.report.version).toBe(report.version + 1)
    const entry = (await services.reports.versions(next.edition)).at(-1)
    expect(entry && (await awaitsApproval(entry, services))).toBe(true)

    const key = next.report.territory.code
    const later = opened.asRun('later', { clock: () => new Date(now().getTime() + 6 * hour) })
    await expect(approveFlash({ key, by: 'C. Morel' }, later)).rejects.toThrow(/is not mailed any more/)
    expect(await listFlash(later)).toContainEqual(expect.objectContaining({ key, state: 'expired' }))
    const asked = {
      territory: key,
      cadence: 'week',
      cap: 'TLP:AMBER',
      marking: 'TLP:AMBER',
      state: 'published',
      awaitsApproval: false,
      quiet: false,
    }
    const [reader] = (await Array.fromAsync(services.recipients.all())).filter(
      ({ address }) => address === 'both@example.org',
    )
    expect(mayReceive(asked, reader)).toMatchObject({ may: true })
    expect(mayReceive({ ...asked, expired: true }, reader)).toEqual({ may: false, why: 'expired' })
  })
})

describe('the report of the week', () => {
  test('says which flash notes it replaces: sent before it was due, in its edition, of its own territories', async () => {
    const { folder, remove } = await newFolder()
    const other = await openServices(join(folder, 'home'), '2024-05-16T06:00:00.000Z')
    try {
      await ingestInto(other, [input({ id: 'one' }), input({ id: 'two', territories: ['NC', 'PF'] })])
      const noted = await make(['one'], {}, other)
      const both = await make(['two'], {}, other)
      expect(noted.report.period.id).toBe('2024-W20')
      const week = async (territory: 'NC' | 'ALL', cap: Marking = 'TLP:AMBER') =>
        (await generateReport({ territory, period: noted.edition.period, cap }, other.services)).report
      const { code: key } = noted.report.territory
      expect((await week('NC')).replaces).toBeUndefined()
      for (const one of [noted, both])
        await approveFlash({ key: one.report.territory.code, by: 'C. Morel' }, other.services)
      other.at('2024-05-20T00:00:00.000Z')
      const report = await week('NC')
      expect(report.replaces).toEqual([{ key, version: 1, marking: noted.report.marking }])
      expect(report.pages.fr.bounds).toContainEqual({ label: 'Remplace', text: `la note flash ${key} (version 1)` })
      expect((await week('ALL')).replaces).toHaveLength(2)
      expect((await week('NC', 'TLP:GREEN')).replaces).toBeUndefined()
    } finally {
      await other.close()
      await remove()
    }
  })
})

describe('the archive', () => {
  test('proves notes like every report, and its index comes back with what they are about', async () => {
    const { services } = opened
    expect((await verifyArchive(services)).problems).toEqual([])
    const before = await Array.fromAsync(services.reports.all())
    const { folder, remove } = await newFolder()
    const empty = await openServices(join(folder, 'home'), 'now')
    try {
      const parts = { ...services, reports: empty.services.reports }
      for await (const one of reindexArchive(parts)) expect(one.did).toBe('indexed')
      const after = await Array.fromAsync(parts.reports.all())
      const told = (entries: typeof before) =>
        entries.map(({ territory, version, published }) => [territory, version, published])
      expect(told(after)).toEqual(told(before))
      // Whoever approved is not in the archive: a note of before waits again.
      const [code] = await parts.reports.flashes()
      expect(code && (await flashAbout(code, parts.reports))?.ids.length).toBeGreaterThan(0)
      expect(after.every(({ approved }) => approved === undefined)).toBe(true)
    } finally {
      await empty.close()
      await remove()
    }
  })

  test('and a detection’s history names the notes that show it', async () => {
    const told = await vigieJson<{ versions: readonly { territory: string }[] }>(['explain', 'hostile', '--home', home])
    expect(told.versions.map(({ territory }) => territory)).toEqual([expect.stringMatching(/^flash-nc-/)])
  })
})
